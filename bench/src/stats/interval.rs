//! A cell's value and the Student-t interval around it: within a round the median, over rounds the
//! geometric mean, of more than ten rounds without the lowest and the highest tenth; for values, intervals,
//! ratios and predictions alike.
//!
//! Logarithms, because times are positive and what disturbs them is proportional to them.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Rounds below which no interval is computed, and from which alone the number of further rounds
/// is computed: the first of the two stages of [`StoppingRule`](super::StoppingRule).
pub const ROUNDS_FOR_INTERVAL: usize = 10;

/// Of this many rounds one is left out of the mean at each end.
const TRIMMED: usize = 10;

/// A value and the two ends that are shown around it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The lower end.
    pub low: f64,
    /// The geometric mean over rounds.
    pub value: f64,
    /// The upper end.
    pub high: f64,
    /// What the ends are.
    pub ends: Ends,
}

/// What the two ends of an [`Estimate`] are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ends {
    /// The least and the greatest round: too few rounds for an interval.
    Range,
    /// A 95% Student-t interval on the logarithms of the rounds.
    T95,
}

/// The median; the mean of the middle two for an even count.
///
/// Returns `None` for no values. The order of `values` is changed.
pub fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len().checked_sub(1)? / 2;
    let even = values.len().is_multiple_of(2);
    let (_, &mut lower, above) = values.select_nth_unstable_by(middle, f64::total_cmp);
    if !even {
        return Some(lower);
    }
    let upper = above.iter().copied().min_by(f64::total_cmp)?;
    Some(f64::midpoint(lower, upper))
}

/// The estimate from one value a round: their geometric mean with their range, or with a t interval
/// where there are at least [`ROUNDS_FOR_INTERVAL`] rounds. Where a round took less than the clock can
/// tell, and so reads 0, there is no such mean: the value is the median then, with the range.
///
/// Returns `None` for no values.
pub fn estimate(rounds: &[f64]) -> Option<Estimate> {
    let low = rounds.iter().copied().min_by(f64::total_cmp)?;
    let high = rounds.iter().copied().max_by(f64::total_cmp)?;
    let range = |value| Estimate { low, value, high, ends: Ends::Range };
    if low <= 0.0 {
        return median(&mut rounds.to_vec()).map(range);
    }
    let logs: Vec<f64> = rounds.iter().map(|value| value.ln()).collect();
    if rounds.len() < ROUNDS_FOR_INTERVAL {
        // Rounding must not bring the mean of equal rounds outside of them.
        return Some(range((logs.iter().sum::<f64>() / logs.len() as f64).exp().clamp(low, high)));
    }
    let sample = Moments::of_rounds(&logs)?;
    let half_width = sample.half_width()?;
    Some(Estimate {
        low: (sample.mean - half_width).exp(),
        value: sample.mean.exp(),
        high: (sample.mean + half_width).exp(),
        ends: Ends::T95,
    })
}

/// The mean of `values` and the half width of its Student-t interval at `level`.
///
/// Returns `None` for fewer than two values.
pub fn t_interval(values: &[f64], level: f64) -> Option<(f64, f64)> {
    let sample = Moments::of(values)?;
    let t = t_quantile(sample.df as f64, level)?;
    Some((sample.mean, t * sample.standard_error()))
}

/// The first two moments of a sample.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moments {
    pub(super) count: usize,
    pub(super) mean: f64,
    /// Of one value.
    pub(super) variance: f64,
    /// Degrees of freedom behind the variance.
    pub(super) df: usize,
}

impl Moments {
    /// `None` for fewer than two values.
    pub(super) fn of(values: &[f64]) -> Option<Moments> {
        let count = values.len();
        if count < 2 {
            return None;
        }
        let n = count as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
        Some(Moments { count, mean, variance, df: count - 1 })
    }

    /// The moments of rounds, in their order, whose number was computed from the variance of the first
    /// [`ROUNDS_FOR_INTERVAL`]. Of more rounds than these the lowest and the highest tenth are left out of the mean,
    /// and the variance is the one that belongs to such a mean: processes of an engine come in kinds, and one slow
    /// round in ten must not decide (Tukey and McLaughlin, "Less vulnerable confidence and significance
    /// procedures for location based on a single sample: trimming/winsorization", Sankhya A 25, 1963).
    ///
    /// The variance of the first rounds is kept where it is the greater one (Stein, "A two-sample test for a
    /// linear hypothesis whose power is independent of the variance", 1945): samples that looked calm at first
    /// got few rounds. `bench/tests/simulation` holds the errors of the whole against what is stated.
    ///
    /// `None` for fewer than two values.
    pub(super) fn of_rounds(values: &[f64]) -> Option<Moments> {
        if values.len() <= ROUNDS_FOR_INTERVAL {
            return Moments::of(values);
        }
        let (all, first) = (Moments::trimmed(values)?, Moments::trimmed(&values[..ROUNDS_FOR_INTERVAL])?);
        Some(Moments { variance: first.variance.max(all.variance), ..all })
    }

    /// The mean without the lowest and the highest tenth, and the variance of one value for such a mean.
    fn trimmed(values: &[f64]) -> Option<Moments> {
        let count = values.len();
        let cut = count / TRIMMED;
        if cut == 0 {
            return Moments::of(values);
        }
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let kept = count - 2 * cut;
        let mean = sorted[cut..count - cut].iter().sum::<f64>() / kept as f64;
        let (low, high) = (sorted[cut], sorted[count - cut - 1]);
        sorted.iter_mut().for_each(|value| *value = value.clamp(low, high));
        let winsorized = Moments::of(&sorted)?.variance;
        let variance = winsorized * (count as f64 / kept as f64).powi(2);
        Some(Moments { count, mean, variance, df: kept - 1 })
    }

    /// The half width of the mean's 95% interval.
    pub(super) fn half_width(&self) -> Option<f64> {
        Some(t_quantile(self.df as f64, 0.95)? * self.standard_error())
    }

    pub(super) fn standard_error(&self) -> f64 {
        (self.variance / self.count as f64).sqrt()
    }
}

/// The factor of a two-sided interval at `level`: t((1 + level) / 2, df).
pub(super) fn t_quantile(df: f64, level: f64) -> Option<f64> {
    Some(StudentsT::new(0.0, 1.0, df).ok()?.inverse_cdf(f64::midpoint(1.0, level)))
}

/// The chance of a value above `t` at `df` degrees of freedom.
pub(super) fn upper_tail(t: f64, df: usize) -> Option<f64> {
    Some(StudentsT::new(0.0, 1.0, df as f64).ok()?.sf(t))
}

/// The two-sided p value of `t` at `df` degrees of freedom.
pub(super) fn two_sided_p(t: f64, df: f64) -> Option<f64> {
    let upper_tail = StudentsT::new(0.0, 1.0, df).ok()?.sf(t.abs());
    Some((2.0 * upper_tail).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_count_is_the_mean_of_the_middle_two() {
        assert_eq!(median(&mut [4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&mut [7.0]), Some(7.0));
        assert_eq!(median(&mut []), None);
    }

    #[test]
    fn a_t_interval_has_the_textbook_width() {
        // t(0.975, 9) = 2.262157; the standard deviation of 1..=10 is 3.027650.
        let values: Vec<f64> = (1..=10).map(f64::from).collect();
        let (mean, half_width) = t_interval(&values, 0.95).unwrap();
        assert!((mean - 5.5).abs() < 1e-12);
        assert!((half_width - 2.262_157 * 3.027_650 / 10f64.sqrt()).abs() < 1e-4);
    }

    #[test]
    fn the_width_is_that_of_the_first_ten_rounds_unless_all_of_them_vary_more() {
        let alternating = |size: f64| move |round: usize| if round.is_multiple_of(2) { size } else { -size };
        let calm_at_first: Vec<f64> =
            (0..10).map(alternating(1.0)).chain((0..10).map(alternating(3.0))).collect();
        let sample = Moments::of_rounds(&calm_at_first).unwrap();
        // Four of twenty are left out of the mean, so its variance is (20 / 16)² times the winsorized one.
        assert_eq!((sample.count, sample.df), (20, 15));
        assert!((sample.variance - 1.5625 * 100.0 / 19.0).abs() < 1e-12, "{sample:?}");
        let wild_at_first: Vec<f64> = calm_at_first.into_iter().rev().collect();
        let sample = Moments::of_rounds(&wild_at_first).unwrap();
        assert!((sample.variance - 1.5625 * 10.0).abs() < 1e-12, "{sample:?}");
        assert_eq!(Moments::of_rounds(&[1.0, 2.0]).unwrap().df, 1);
    }

    #[test]
    fn one_slow_round_in_ten_does_not_decide() {
        let calm: Vec<f64> = (0..30).map(|round| 0.01 * f64::from(round % 5)).collect();
        let slow_at = |places: &[usize]| {
            let mut rounds = calm.clone();
            places.iter().for_each(|&place| rounds[place] += 1.0);
            Moments::of_rounds(&rounds).unwrap()
        };
        let half_width = |sample: Moments| sample.half_width().unwrap();
        let (none, two, ten) =
            (slow_at(&[]), slow_at(&[3, 17]), slow_at(&[2, 5, 8, 11, 14, 17, 20, 23, 26, 29]));
        assert!((two.mean - none.mean).abs() < 0.005 && half_width(two) < 1.5 * half_width(none), "{two:?}");
        assert!(half_width(ten) > 0.2, "a kind that is a third of all is no accident: {ten:?}");
    }

    #[test]
    fn few_rounds_show_their_range_and_many_an_interval() {
        let few = estimate(&[1.0, 4.0, 2.0]).unwrap();
        assert!((few.value - 2.0).abs() < 1e-12, "{few:?}");
        assert_eq!((few.low, few.high, few.ends), (1.0, 4.0, Ends::Range));
        let unread = estimate(&[0.0, 4.0, 3.0]).unwrap();
        assert_eq!(unread, Estimate { low: 0.0, value: 3.0, high: 4.0, ends: Ends::Range });
        let many = estimate(&[2.0, 2.1, 1.9, 2.0, 2.05, 1.95, 2.0, 2.0, 2.02, 1.98]).unwrap();
        assert_eq!(many.ends, Ends::T95);
        assert!((many.low * many.high - many.value.powi(2)).abs() < 1e-12, "the value is in the middle");
        assert!(many.low > 1.9 && many.high < 2.1);
    }
}
