//! Two engines against each other: the ratio of their times, formed within rounds.
//!
//! A drift of the machine hits every engine of a block alike, so it cancels out of a ratio
//! formed within a round; what is left is the processes' own luck, which the rounds repeat
//! (Kalibera and Jones 2013, on ratios of means and on the level that is repeated).

use super::ByRound;
use super::interval::{Moments, ROUNDS_FOR_INTERVAL, t_quantile, two_sided_p};
use serde::{Deserialize, Serialize};

/// How one engine's time relates to another's, over the rounds that both have.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Rounds that both have.
    pub rounds: usize,
    /// Degrees of freedom of the t distribution behind the interval and the p value.
    pub df: usize,
    /// The ratio ours / theirs: the geometric mean over rounds.
    pub ratio: f64,
    /// The lower end of the ratio's 95% Student-t interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The two-sided p value of "the ratio is 1", before any correction.
    pub p: f64,
}

impl Comparison {
    /// The interval's half width as a fraction of the ratio: 0.02 for ±2%.
    pub fn half_width(&self) -> f64 {
        (self.high / self.low).sqrt() - 1.0
    }

    /// The standard error of the ratio's logarithm.
    pub fn standard_error(&self) -> f64 {
        (self.high / self.low).ln() / 2.0 / t_quantile(self.df as f64, 0.95).unwrap_or(f64::INFINITY)
    }

    /// How far the ratio is from 1, on the logarithmic scale and without its sign.
    pub fn distance(&self) -> f64 {
        self.ratio.ln().abs()
    }
}

/// Compares the times of `ours` with `theirs` by their paired log ratios.
///
/// Returns `None` below [`ROUNDS_FOR_INTERVAL`] common rounds. A round in which either time is
/// not positive has no ratio and counts as missing.
pub fn compare(ours: &ByRound, theirs: &ByRound) -> Option<Comparison> {
    let ratio = |(round, ours): (&u32, &f64)| {
        let theirs = theirs.get(round)?;
        (*ours > 0.0 && *theirs > 0.0).then(|| (*round, ours / theirs))
    };
    compare_ratios(&ours.iter().filter_map(ratio).collect())
}

/// Compares two engines by the ratio of their times in each round.
///
/// Returns `None` below [`ROUNDS_FOR_INTERVAL`] rounds with a positive ratio.
pub fn compare_ratios(ratios: &ByRound) -> Option<Comparison> {
    let log_ratios: Vec<f64> =
        ratios.values().filter(|ratio| **ratio > 0.0).map(|ratio| ratio.ln()).collect();
    if log_ratios.len() < ROUNDS_FOR_INTERVAL {
        return None;
    }
    let sample = Moments::of_rounds(&log_ratios)?;
    let half_width = sample.half_width()?;
    Some(Comparison {
        rounds: log_ratios.len(),
        df: sample.df,
        ratio: sample.mean.exp(),
        low: (sample.mean - half_width).exp(),
        high: (sample.mean + half_width).exp(),
        p: p_of(&sample)?,
    })
}

/// Rounds that agree to the last digit have no variance: a clock too coarse for the difference.
/// They are equal or they are not, and nothing lies between.
fn p_of(sample: &Moments) -> Option<f64> {
    if sample.mean == 0.0 {
        return Some(1.0);
    }
    two_sided_p(sample.mean / sample.standard_error(), sample.df as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_round(values: impl IntoIterator<Item = f64>) -> ByRound {
        (1..).zip(values).collect()
    }

    #[test]
    fn a_paired_t_test_has_the_textbook_p() {
        // Student 1908, "The probable error of a mean": hours of sleep gained with two drugs by
        // ten patients; t = 4.0621 at 9 degrees of freedom, two-sided p = 0.002833,
        // 95% interval of the mean 0.7001 to 2.4599.
        let gained = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4];
        let ours = by_round(gained.map(f64::exp));
        let comparison = compare(&ours, &by_round([1.0; 10])).unwrap();
        assert_eq!((comparison.rounds, comparison.df), (10, 9));
        assert!((comparison.ratio.ln() - 1.58).abs() < 1e-12);
        assert!((comparison.p - 0.002_833).abs() < 1e-6, "{}", comparison.p);
        assert!((comparison.low.ln() - 0.700_114).abs() < 1e-5, "{}", comparison.low.ln());
        assert!((comparison.high.ln() - 2.459_886).abs() < 1e-5, "{}", comparison.high.ln());
        assert!((comparison.half_width() - (0.879_886f64.exp() - 1.0)).abs() < 1e-4);
    }

    #[test]
    fn swapping_the_two_inverts_the_ratio_and_keeps_p() {
        let ours = by_round((0..12).map(|round| 2.0 + f64::from(round % 5)));
        let theirs = by_round((0..12).map(|round| 3.0 + f64::from(round % 4)));
        let (one, other) = (compare(&ours, &theirs).unwrap(), compare(&theirs, &ours).unwrap());
        assert!((one.ratio * other.ratio - 1.0).abs() < 1e-12);
        assert!((one.low * other.high - 1.0).abs() < 1e-12);
        assert!((one.p - other.p).abs() < 1e-12);
    }

    #[test]
    fn what_hits_a_whole_round_cancels_out() {
        let drift = |round: u32| f64::from(round).exp();
        let ours: ByRound = (1..=10).map(|round| (round, 1.1 * drift(round))).collect();
        let theirs: ByRound = (1..=10).map(|round| (round, drift(round))).collect();
        let comparison = compare(&ours, &theirs).unwrap();
        assert!((comparison.ratio - 1.1).abs() < 1e-9 && comparison.half_width() < 1e-9);
    }

    #[test]
    fn only_common_rounds_with_positive_times_count_and_nine_are_too_few() {
        let mut ours = by_round([1.0; 11]);
        let theirs = by_round([1.0; 10]);
        assert_eq!(compare(&ours, &theirs).unwrap().rounds, 10);
        ours.insert(1, 0.0);
        assert_eq!(compare(&ours, &theirs), None);
    }

    #[test]
    fn equal_to_the_last_digit_is_no_difference() {
        let comparison = compare(&by_round([5.0; 10]), &by_round([5.0; 10])).unwrap();
        assert_eq!((comparison.p, comparison.low, comparison.high), (1.0, 1.0, 1.0));
        let comparison = compare(&by_round([5.0; 10]), &by_round([4.0; 10])).unwrap();
        assert!(comparison.p < 1e-12);
    }
}
