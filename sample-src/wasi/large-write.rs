//! Writes as many MiB to standard output as its argument says, in pieces of 64 KiB.

use std::io::{self, Write};

/// A whole number of pieces makes a MiB.
const PIECE: usize = 64 * 1024;

fn main() -> io::Result<()> {
    let mebibytes: usize = std::env::args().nth(1).and_then(|argument| argument.parse().ok()).unwrap_or(1);
    let mut output = io::stdout().lock();
    let mut piece = vec![0; PIECE];
    let mut state: u32 = 1;
    for _ in 0..mebibytes * (1024 * 1024 / PIECE) {
        for line in piece.chunks_exact_mut(64) {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            line.fill(b'!' + (state >> 24) as u8 % 90);
            line[63] = b'\n';
        }
        output.write_all(&piece)?;
    }
    output.flush()
}
