//! By how much a quantity changed from one run to another, with what is needed to test many such changes
//! at once.
//!
//! Rounds of two runs have no partners, so the logarithms of their values are two independent samples
//! (Welch 1947; see [`compare_runs`](super::compare_runs)). A time also carries the machine's drift, once
//! for each run, since each saw the machine in one state; its variance is added with degrees of freedom
//! of its own (Satterthwaite, "An approximate distribution of estimates of variance components", 1946).

use super::ByRound;
use super::interval::{Moments, ROUNDS_FOR_INTERVAL, t_quantile, two_sided_p};
use super::prediction::Drift;

/// How the value of a second run relates to that of a first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunChange {
    /// Rounds of the two runs.
    pub rounds: (usize, usize),
    /// The second run's value divided by the first's: a quotient of geometric means over rounds.
    pub ratio: f64,
    /// The standard error of the ratio's logarithm.
    pub standard_error: f64,
    /// Degrees of freedom of the t distribution behind it.
    pub df: f64,
    /// The variances of one round's logarithm in the two runs, from which the error of more rounds
    /// follows.
    variances: (f64, f64),
}

impl RunChange {
    /// The change of a ratio that was formed within rounds; the machine's level has cancelled out of it.
    ///
    /// Returns `None` below [`ROUNDS_FOR_INTERVAL`] rounds with a positive value in either run.
    pub fn of_ratios(base: &ByRound, new: &ByRound) -> Option<RunChange> {
        RunChange::of_times(base, new, (Drift::NONE, Drift::NONE))
    }

    /// The change of a time, with the drift of the machine around each run.
    ///
    /// Returns `None` below [`ROUNDS_FOR_INTERVAL`] rounds with a positive value in either run.
    pub fn of_times(base: &ByRound, new: &ByRound, drifts: (Drift, Drift)) -> Option<RunChange> {
        let (base, new) = (logs(base)?, logs(new)?);
        let rounds = (base.len(), new.len());
        let (base, new) = (Moments::of_rounds(&base)?, Moments::of_rounds(&new)?);
        let parts = [
            (base.variance / base.count as f64, base.df as f64),
            (new.variance / new.count as f64, new.df as f64),
            (drifts.0.variance, drifts.0.df),
            (drifts.1.variance, drifts.1.df),
        ];
        let (variance, df) = sum(&parts);
        Some(RunChange {
            rounds,
            ratio: (new.mean - base.mean).exp(),
            standard_error: variance.sqrt(),
            df,
            variances: (base.variance, new.variance),
        })
    }

    /// How far the ratio is from 1, on the logarithmic scale and without its sign.
    pub fn distance(&self) -> f64 {
        self.ratio.ln().abs()
    }

    /// The ends of the ratio's interval, so wide that all of `tests` such intervals hold together in 95%
    /// (Bonferroni's correction).
    pub fn interval(&self, tests: usize) -> (f64, f64) {
        let half_width = quantile(self.df, tests) * self.standard_error;
        let half_width = if self.standard_error == 0.0 { 0.0 } else { half_width };
        ((self.ratio.ln() - half_width).exp(), (self.ratio.ln() + half_width).exp())
    }

    /// The p value of "the ratio is 1" as one of `tests`, after Bonferroni's correction, so that it is
    /// below 0.05 where the [`interval`](Self::interval) excludes 1.
    pub fn adjusted_p(&self, tests: usize) -> f64 {
        let difference = self.ratio.ln();
        let p = match difference {
            0.0 => Some(1.0),
            _ => two_sided_p(difference / self.standard_error, self.df),
        };
        (p.unwrap_or(1.0) * tests as f64).min(1.0)
    }

    /// How many rounds each of the two runs needs for an interval whose half width is at most
    /// `half_width` on the logarithmic scale, if rounds go on to vary as they do; `None` where even
    /// `most` are too few.
    pub fn rounds_for(&self, half_width: f64, tests: usize, most: usize) -> Option<usize> {
        let enough = |rounds: usize| {
            // The first rounds of a run give the variance, whatever comes later.
            let of_run = |variance: f64| (variance / rounds as f64, (ROUNDS_FOR_INTERVAL - 1) as f64);
            let (variance, df) = sum(&[of_run(self.variances.0), of_run(self.variances.1)]);
            quantile(df, tests) * variance.sqrt() <= half_width
        };
        // More rounds are never wider, so the first that is enough can be found by halving.
        let (mut low, mut high) = (ROUNDS_FOR_INTERVAL, most);
        if !enough(high) {
            return None;
        }
        while low < high {
            let middle = usize::midpoint(low, high);
            if enough(middle) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Some(low)
    }
}

/// The logarithms of a run's rounds; `None` where these are too few.
fn logs(by_round: &ByRound) -> Option<Vec<f64>> {
    let logs: Vec<f64> = by_round.values().filter(|value| **value > 0.0).map(|value| value.ln()).collect();
    (logs.len() >= ROUNDS_FOR_INTERVAL).then_some(logs)
}

/// The sum of variances, each with its degrees of freedom, and the degrees of freedom of the sum; those
/// of all together where nothing varies.
fn sum(parts: &[(f64, f64)]) -> (f64, f64) {
    let variance: f64 = parts.iter().map(|part| part.0).sum();
    if variance == 0.0 {
        return (0.0, parts.iter().map(|part| part.1).sum());
    }
    let share = |(own, df): &(f64, f64)| (own / variance).powi(2) / df;
    (variance, parts.iter().map(share).sum::<f64>().recip())
}

/// How many standard errors an interval's end is away, where `tests` intervals hold together in 95%.
fn quantile(df: f64, tests: usize) -> f64 {
    t_quantile(df, 1.0 - 0.05 / tests.max(1) as f64).unwrap_or(f64::INFINITY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_round(logs: impl IntoIterator<Item = f64>) -> ByRound {
        (1..).zip(logs.into_iter().map(f64::exp)).collect()
    }

    /// Student's sleep data (1908) as two independent groups, as R's t.test takes them: mean difference
    /// 1.58, t = 1.8608 at 17.776 degrees of freedom, p = 0.07939, 95% interval -0.2055 to 3.3655.
    fn sleep() -> (ByRound, ByRound) {
        (
            by_round([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]),
            by_round([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]),
        )
    }

    #[test]
    fn a_single_change_has_the_textbook_interval_and_p() {
        let (base, new) = sleep();
        let change = RunChange::of_ratios(&base, &new).unwrap();
        assert!((change.ratio.ln() - 1.58).abs() < 1e-12);
        assert!((change.df - 17.776).abs() < 1e-3, "{}", change.df);
        let (low, high) = change.interval(1);
        assert!((low.ln() + 0.2055).abs() < 1e-3 && (high.ln() - 3.3655).abs() < 1e-3, "{low} {high}");
        assert!((change.adjusted_p(1) - 0.07939).abs() < 1e-4, "{}", change.adjusted_p(1));
    }

    #[test]
    fn many_tests_widen_the_interval_and_raise_p_alike() {
        let (base, new) = sleep();
        let change = RunChange::of_ratios(&base, &new).unwrap();
        assert!((change.adjusted_p(10) - 0.7939).abs() < 1e-3);
        // An interval excludes 1 exactly where the adjusted p value is below 0.05.
        let base = by_round((0..12).map(|round| 0.01 * f64::from(round % 4)));
        for shift in (0..40).map(|step| 0.001 * f64::from(step)) {
            let new = by_round((0..12).map(|round| shift + 0.01 * f64::from(round % 3)));
            let change = RunChange::of_ratios(&base, &new).unwrap();
            for tests in [1, 7, 400] {
                let (low, high) = change.interval(tests);
                assert_eq!(low > 1.0 || high < 1.0, change.adjusted_p(tests) < 0.05, "{shift} {tests}");
            }
        }
    }

    #[test]
    fn the_drift_of_each_run_widens_the_interval_of_a_time() {
        let (base, new) = sleep();
        let ratios = RunChange::of_ratios(&base, &new).unwrap();
        let drift = Drift { variance: 0.5, df: 2.0 };
        let times = RunChange::of_times(&base, &new, (drift, drift)).unwrap();
        let added = times.standard_error.powi(2) - ratios.standard_error.powi(2);
        assert!((added - 1.0).abs() < 1e-12, "{added}");
        assert!(times.df < ratios.df && times.interval(1).0 < ratios.interval(1).0);
    }

    #[test]
    fn the_rounds_that_are_asked_for_make_the_interval_that_narrow() {
        // 10 rounds and 100 that vary alike: a tenth of the variance of the mean.
        let logs = |rounds: u32| by_round((0..rounds).map(|round| 0.02 * f64::from(round % 5)));
        let change = RunChange::of_ratios(&logs(10), &logs(10)).unwrap();
        let (_, high) = change.interval(50);
        let needed = change.rounds_for(high.ln() / 3.0, 50, 10_000).unwrap();
        assert!((60..=95).contains(&needed), "{needed}");
        let more = logs(u32::try_from(needed).unwrap());
        let (_, narrow) = RunChange::of_ratios(&more, &more).unwrap().interval(50);
        // Leaving a tenth out at each end costs most where values are as evenly spread as these.
        assert!(narrow.ln() <= 1.2 * high.ln() / 3.0, "{narrow} {high}");
        assert_eq!(change.rounds_for(high.ln() / 3.0, 50, needed - 1), None);
        assert_eq!(change.rounds_for(1.0, 50, 10_000), Some(ROUNDS_FOR_INTERVAL));
    }

    #[test]
    fn without_any_variance_a_change_is_one_or_none() {
        let same = |value: f64| by_round([value; 10]);
        let none = RunChange::of_ratios(&same(0.5), &same(0.5)).unwrap();
        assert_eq!((none.interval(9), none.adjusted_p(9)), ((1.0, 1.0), 1.0));
        let some = RunChange::of_ratios(&same(0.5), &same(0.75)).unwrap();
        assert!(some.interval(9).0 > 1.0 && some.adjusted_p(9) < 1e-6);
        assert_eq!(RunChange::of_ratios(&same(0.5), &by_round([0.5; 9])), None);
    }
}
