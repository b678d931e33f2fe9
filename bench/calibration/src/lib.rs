//! A fixed piece of work that no engine has a part in. It is timed in every cycle of every block, so that
//! the machine's own drift is seen.

use std::hint::black_box;
use std::time::Instant;

/// The name under which its readings are written down.
pub const CALIBRATION: &str = "calibration";

/// Repetitions of one reading: about a millisecond of them.
const REPETITIONS: u32 = 50;

/// Wall time of one reading, in nanoseconds: calls, branches and returns that keep all of a
/// processor's units busy, as most code does, within the first-level caches, and the same number
/// of them on every machine.
///
/// What disturbs a virtual machine most is a neighbour on the same core. A chain of dependent
/// operations hardly notices one; this does, as engines and guests do.
pub fn wall_ns() -> u64 {
    // What the last one that ran has left in the caches is not ours.
    black_box(calls(black_box(15)));
    let start = Instant::now();
    for _ in 0..REPETITIONS {
        black_box(calls(black_box(20)));
    }
    u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// The number of leaves below `depth` in Fibonacci's tree.
#[inline(never)]
fn calls(depth: u32) -> u64 {
    if depth < 2 { 1 } else { calls(depth - 1) + calls(depth - 2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_work_every_time() {
        assert_eq!(calls(20), 10_946);
        assert!(wall_ns() > 0);
    }
}
