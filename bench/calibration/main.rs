//! The calibration kernel: a fixed piece of work that no engine has a part in, so that the machine's own drift
//! is seen. A program of its own, built once by itself: linked into another program, its time depended on
//! what stood beside it. For each line of input it does the work once and prints how long that took, in
//! nanoseconds.
//!
//! What disturbs a virtual machine most is a neighbour on the same core. A chain of dependent operations
//! hardly notices one; so there are several, beside each other, that keep all of a processor's units busy within
//! the first-level cache. No branch depends on data: what a processor has learnt of others before changes
//! nothing.

use std::hint::black_box;
use std::io::{BufRead, Write};
use std::time::Instant;

/// Chains beside each other.
const CHAINS: usize = 8;
/// Values that are read, 16 KB of them: a power of two.
const VALUES: usize = 2_048;
/// Steps of one reading: about a millisecond of them.
const STEPS: u32 = 250_000;
/// Steps before a reading: what the last one that ran has left in the cache is not ours.
const WARM_UP: u32 = 2_000;

fn main() {
    let values: [u64; VALUES] =
        std::array::from_fn(|place| (place as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut output = std::io::stdout();
    for _ in std::io::stdin().lock().lines().map_while(Result::ok) {
        black_box(work(&values, black_box(WARM_UP)));
        let start = Instant::now();
        black_box(work(&values, black_box(STEPS)));
        if writeln!(output, "{}", start.elapsed().as_nanos()).and_then(|()| output.flush()).is_err() {
            break;
        }
    }
}

/// Shifts, additions, multiplications and reads in several independent chains.
#[inline(never)]
fn work(values: &[u64; VALUES], steps: u32) -> u64 {
    let mut chains: [u64; CHAINS] = std::array::from_fn(|chain| chain as u64 + 1);
    for _ in 0..steps {
        for state in &mut chains {
            *state ^= *state << 13;
            *state ^= *state >> 7;
            let value = values[(*state >> 32) as usize % VALUES];
            *state = state.wrapping_add(value.wrapping_mul(*state | 1));
        }
    }
    chains.iter().fold(0, |sum, state| sum ^ state)
}
