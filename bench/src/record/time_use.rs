//! Where a run's time went: what was timed, and what it took to time it. A program that spends
//! most of its time around the readings wastes its users' budget, so every run reports this.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::iter::Sum;
use std::time::Duration;

/// Wall time of a run by what it was used for, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeUse {
    /// Inside readings.
    pub timed_ns: u64,
    /// Dropping instances, modules and engines.
    pub drops_ns: u64,
    /// What workers did around readings: warming up, making what is held, checking results.
    pub around_ns: u64,
    /// Starting and ending processes.
    pub processes_ns: u64,
    /// The calibration kernel.
    pub calibration_ns: u64,
    /// Stopping and continuing workers, and the way of requests and replies.
    pub switching_ns: u64,
    /// Writing results down.
    pub writing_ns: u64,
    /// Pausing, so that rounds are spread over the budget.
    pub waiting_ns: u64,
    /// The whole run.
    pub total_ns: u64,
}

impl TimeUse {
    /// Each part's name and its share of the whole in percent, the largest first; what no part
    /// accounts for is `other`. Pauses are no part of the whole.
    pub fn shares(&self) -> Vec<(&'static str, f64)> {
        let parts = [
            ("timed", self.timed_ns),
            ("drops", self.drops_ns),
            ("around readings", self.around_ns),
            ("processes", self.processes_ns),
            ("calibration", self.calibration_ns),
            ("switching", self.switching_ns),
            ("writing", self.writing_ns),
        ];
        let whole = self.total_ns.saturating_sub(self.waiting_ns);
        let known: u64 = parts.iter().map(|(_, ns)| ns).sum();
        let other = ("other", whole.saturating_sub(known));
        let percent = |ns: u64| 100.0 * ns as f64 / whole.max(1) as f64;
        let mut shares: Vec<_> =
            parts.into_iter().chain([other]).map(|(name, ns)| (name, percent(ns))).collect();
        shares.sort_by(|a, b| b.1.total_cmp(&a.1));
        shares
    }
}

impl Sum for TimeUse {
    fn sum<I: Iterator<Item = TimeUse>>(all: I) -> TimeUse {
        all.fold(TimeUse::default(), |sum, one| TimeUse {
            timed_ns: sum.timed_ns + one.timed_ns,
            drops_ns: sum.drops_ns + one.drops_ns,
            around_ns: sum.around_ns + one.around_ns,
            processes_ns: sum.processes_ns + one.processes_ns,
            calibration_ns: sum.calibration_ns + one.calibration_ns,
            switching_ns: sum.switching_ns + one.switching_ns,
            writing_ns: sum.writing_ns + one.writing_ns,
            waiting_ns: sum.waiting_ns + one.waiting_ns,
            total_ns: sum.total_ns + one.total_ns,
        })
    }
}

impl fmt::Display for TimeUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shares: Vec<String> =
            self.shares().into_iter().map(|(name, percent)| format!("{name} {percent:.1}%")).collect();
        let waited = Duration::from_nanos(self.waiting_ns).as_secs_f64();
        write!(f, "{}; beside that, {waited:.0} s of pauses between rounds", shares.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_the_time_without_pauses_and_add_up_to_all_of_it() {
        let time_use =
            TimeUse { timed_ns: 60, drops_ns: 10, waiting_ns: 100, total_ns: 200, ..TimeUse::default() };
        let shares = time_use.shares();
        assert_eq!(shares[0], ("timed", 60.0));
        assert!(shares.contains(&("other", 30.0)));
        assert!((shares.iter().map(|share| share.1).sum::<f64>() - 100.0).abs() < 1e-9);
    }
}
