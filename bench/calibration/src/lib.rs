//! A fixed piece of work that no engine has a part in. It is timed in every cycle of every block,
//! so that the machine's own drift is seen, and every time can be held against it.

use std::hint::black_box;
use std::time::Instant;

/// The name under which its readings are written down.
pub const CALIBRATION: &str = "calibration";

/// Words of the table that it walks: 8 KiB, so that it stays in every first-level cache wherever
/// its pages are.
const WORDS: usize = 1024;
/// Steps of one reading.
const STEPS: u64 = 100_000;

/// Wall time of one repetition, in nanoseconds: independent integer arithmetic, loads and branches
/// that keep a processor's units busy, as code does, and the same number of them on every machine.
/// (A chain of dependent steps would not notice a neighbour that shares the core.)
pub fn wall_ns() -> u64 {
    let mut table = [0_u64; WORDS];
    let mut next = 1_u64;
    for word in &mut table {
        next = next.wrapping_mul(0xD6E8_FEB8_6659_FD93).wrapping_add(1);
        *word = next;
    }
    // What the last one that ran has left in the caches is not ours.
    black_box(walk(black_box(&table), STEPS / 10));
    let start = Instant::now();
    black_box(walk(black_box(&table), STEPS));
    u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

fn walk(table: &[u64; WORDS], steps: u64) -> u64 {
    let mut lanes = [1_u64, 2, 3, 4];
    for step in 0..steps {
        for lane in &mut lanes {
            // A modulus below 2^10 fits every usize.
            let word = table[usize::try_from(*lane % WORDS as u64).unwrap_or(0)];
            *lane = lane.rotate_left(13) ^ word.wrapping_add(step);
            if word & 3 == 0 {
                *lane = lane.wrapping_mul(5);
            }
        }
    }
    lanes.into_iter().fold(0, u64::wrapping_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_work_every_time() {
        let table = [7; WORDS];
        assert_eq!(walk(&table, 100), walk(&table, 100));
        assert_ne!(walk(&table, 100), walk(&table, 101));
    }
}
