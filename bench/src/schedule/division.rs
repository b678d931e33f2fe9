//! How a cell's share of a round is divided into batches, and in which cycles these fall.

use crate::plan::Effort;
use protocol::Pass;

/// A round, from 1 (0 is the survey before the first), and a cycle in it, from 0.
pub type Moment = (u32, u32);

/// How a round's share of readings is divided when one takes `unit_ns`: into how many batches, and
/// how many readings each has.
pub fn division(effort: &Effort, pass: Pass, unit_ns: u64) -> (u32, u32) {
    if pass.is_cold() {
        return (1, 1);
    }
    let readings = effort.readings(unit_ns);
    let batches = readings.min(effort.cycles.max(1));
    (batches, readings.div_ceil(batches))
}

/// Whether one of `batches`, spread evenly over `cycles` cycles, falls in `cycle`.
pub fn falls_in(cycle: u32, batches: u32, cycles: u32) -> bool {
    // Batch i stands at the middle of the i-th of `batches` equal stretches.
    (0..batches).any(|batch| (2 * batch + 1) * cycles / (2 * batches.max(1)) == cycle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn batches_are_spread_over_the_cycles_and_none_is_lost() {
        for batches in 1..=10 {
            let cycles = (0..10).filter(|cycle| falls_in(*cycle, batches, 10));
            assert_eq!(cycles.count(), batches as usize);
        }
        assert_eq!((0..10).filter(|cycle| falls_in(*cycle, 1, 10)).collect::<Vec<_>>(), [5]);
        assert_eq!((0..10).filter(|cycle| falls_in(*cycle, 2, 10)).collect::<Vec<_>>(), [2, 7]);
    }

    #[test]
    fn short_readings_are_many_a_batch_and_long_ones_have_few_batches() {
        let effort =
            Effort { share: Duration::from_millis(40), cycles: 10, max_readings: 40, ..Effort::full() };
        assert_eq!(division(&effort, Pass::Jit, 1_000), (10, 4));
        assert_eq!(division(&effort, Pass::Jit, 900_000), (10, 4));
        // Four times the time, half of the readings.
        assert_eq!(division(&effort, Pass::Jit, 5_000_000), (10, 2));
        assert_eq!(division(&effort, Pass::Jit, 20_000_000), (8, 1));
        assert_eq!(division(&effort, Pass::Jit, 80_000_000), (4, 1));
        assert_eq!(division(&effort, Pass::Jit, 320_000_000), (2, 1));
        assert_eq!(division(&effort, Pass::Jit, 1_700_000_000), (1, 1));
        assert_eq!(division(&effort, Pass::Jit, 9_000_000_000), (1, 1));
        assert_eq!(division(&effort, Pass::ColdJit, 1_000), (1, 1));
    }
}
