//! Bandwidth: large blocks copied from one buffer to another and back, with a shift, so that no
//! copy is superfluous. Pure MVP code copies in a loop of its own, newer code by one instruction.

/// Copies `size` bytes 16 times and returns some of them, mixed.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    let size = size as usize;
    let mut one = pattern(size);
    let mut other = vec![0; size];
    for round in 0..8 {
        let shift = (16 + round).min(size);
        other[shift..].copy_from_slice(&one[..size - shift]);
        other[..shift].copy_from_slice(&one[size - shift..]);
        one.copy_from_slice(&other);
    }
    let samples = one.iter().step_by((size / 1009).max(1));
    samples.fold(0, |checksum: u64, byte| checksum.wrapping_mul(31).wrapping_add(u64::from(*byte)))
}

/// A few different bytes, doubled until there are enough: made by copying, too.
fn pattern(size: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..=250).take(size).collect();
    while bytes.len() < size {
        let more = bytes.len().min(size - bytes.len());
        bytes.extend_from_within(..more);
    }
    bytes
}
