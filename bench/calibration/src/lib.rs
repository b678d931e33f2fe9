//! A fixed piece of work that no engine has a part in. It is timed in every block of every round,
//! so that the machine's own drift is seen, and every time can be held against it.

use std::hint::black_box;
use std::time::Instant;

/// The name under which its readings are written down.
pub const CALIBRATION: &str = "calibration";

/// Words of the table that it walks: 256 KiB, more than a first-level cache.
const WORDS: usize = 32 * 1024;
/// Steps of one reading.
const STEPS: usize = 200_000;

/// Wall times of `readings` repetitions, in nanoseconds: dependent integer arithmetic and loads,
/// the same number of them on every machine.
pub fn wall_ns(readings: usize) -> Vec<u64> {
    let table: Vec<u64> = (0..WORDS as u64).map(|word| word.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect();
    let time = |_| {
        let start = Instant::now();
        black_box(walk(black_box(&table)));
        u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    };
    (0..readings).map(time).collect()
}

fn walk(table: &[u64]) -> u64 {
    let mut state = 1_u64;
    for _ in 0..STEPS {
        // A modulus below 2^15 fits every usize.
        let index = usize::try_from(state % WORDS as u64).unwrap_or(0);
        state = (state ^ table[index]).rotate_left(17).wrapping_mul(0xD6E8_FEB8_6659_FD93).wrapping_add(1);
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_work_every_time() {
        let table: Vec<u64> = (0..WORDS as u64).collect();
        assert_eq!(walk(&table), walk(&table));
        assert_eq!(wall_ns(3).len(), 3);
    }
}
