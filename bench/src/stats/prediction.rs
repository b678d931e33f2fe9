//! What the next run will show: a prediction interval beside the interval of this run's value.
//!
//! The interval of a value does not say where the value of another run will lie, which has its own
//! random error and its own state of the machine. The prediction interval for a
//! statistic of m future observations is Hahn and Meeker's ("Statistical Intervals", 1991,
//! chapter 4), on logarithms, with a variance for the machine's drift beside the rounds'.

use super::ByRound;
use super::interval::{Moments, ROUNDS_FOR_INTERVAL, t_quantile};
use serde::{Deserialize, Serialize};

/// Degrees of freedom that a drift is taken to have at least: with one, an interval is so wide
/// that it says nothing.
const FEWEST_DF: f64 = 2.0;

/// How much the machine's speed wanders, as a variance of log times: the part of it that does
/// not average out over a run's rounds, because neighbouring rounds share it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    /// The variance of the logarithm of the machine's level.
    pub variance: f64,
    /// Degrees of freedom behind it.
    pub df: f64,
}

impl Drift {
    /// For ratios formed within rounds, from which the machine's level cancels out.
    pub const NONE: Drift = Drift { variance: 0.0, df: 1.0 };

    /// The drift within one run, from the calibration kernel's time in each round.
    ///
    /// Half the mean square of the steps between neighbouring rounds is the variance of what
    /// is independent from round to round; what the whole variance has beyond it is slow (von
    /// Neumann, "Distribution of the ratio of the mean square successive difference to the
    /// variance", 1941). The slower it is, the fewer levels a run has seen, so its degrees of
    /// freedom are those of the effective number of rounds (Bayley and Hammersley, "The
    /// 'effective' number of independent observations in an autocorrelated time series", 1946).
    /// A drift slower than the whole run hardly shows in it: prefer
    /// [`between_runs`](Self::between_runs) where there are earlier runs.
    ///
    /// Returns `None` below [`ROUNDS_FOR_INTERVAL`] rounds.
    pub fn within_run(calibration: &ByRound) -> Option<Drift> {
        let logs: Vec<f64> = calibration.values().filter(|ns| **ns > 0.0).map(|ns| ns.ln()).collect();
        if logs.len() < ROUNDS_FOR_INTERVAL {
            return None;
        }
        let rounds = logs.len() as f64;
        let whole = Moments::of(&logs)?.variance;
        let steps = logs.windows(2).map(|pair| (pair[1] - pair[0]).powi(2));
        let independent = steps.sum::<f64>() / (rounds - 1.0) / 2.0;
        let slow = (whole - independent).max(0.0);
        if slow == 0.0 {
            return Some(Drift { variance: 0.0, df: rounds - 1.0 });
        }
        // The slow share of the variance is also what neighbouring rounds correlate by.
        let share = slow / whole;
        let effective_rounds = rounds * (1.0 - share) / (1.0 + share);
        Some(Drift { variance: slow, df: (effective_rounds - 1.0).max(FEWEST_DF) })
    }

    /// The drift between runs, from the calibration kernel's value in each of them.
    ///
    /// Returns `None` for fewer than two runs.
    pub fn between_runs(calibration: &[f64]) -> Option<Drift> {
        let logs: Vec<f64> = calibration.iter().filter(|ns| **ns > 0.0).map(|ns| ns.ln()).collect();
        let levels = Moments::of(&logs)?;
        Some(Drift { variance: levels.variance, df: levels.df as f64 })
    }
}

/// A value with the interval for the next run's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The value: the geometric mean over rounds.
    pub value: f64,
    /// The lower end of the 95% prediction interval for the next run's value.
    pub next_low: f64,
    /// The upper end.
    pub next_high: f64,
}

/// The value of `rounds`, and where a next run of `next_rounds` rounds will find its own.
///
/// `drift` is the machine's for absolute times and [`Drift::NONE`] for ratios. It counts twice, since
/// this run saw the machine in one state and the next one sees it in another.
///
/// Returns `None` below [`ROUNDS_FOR_INTERVAL`] rounds with a positive value, or for no next
/// rounds.
pub fn predict(rounds: &ByRound, next_rounds: usize, drift: Drift) -> Option<Prediction> {
    let logs: Vec<f64> = rounds.values().filter(|value| **value > 0.0).map(|value| value.ln()).collect();
    if logs.len() < ROUNDS_FOR_INTERVAL || next_rounds == 0 {
        return None;
    }
    let sample = Moments::of_rounds(&logs)?;
    let of_both = sample.variance / sample.count as f64 + sample.variance / next_rounds as f64;
    let twice = Drift { variance: 2.0 * drift.variance, ..drift };
    let half_width = half_width((of_both, sample.df), twice)?;
    Some(Prediction {
        value: sample.mean.exp(),
        next_low: (sample.mean - half_width).exp(),
        next_high: (sample.mean + half_width).exp(),
    })
}

/// The half width of a 95% interval whose variance is the sum of two estimates, with the degrees
/// of freedom of their sum (Satterthwaite, "An approximate distribution of estimates of variance
/// components", 1946).
fn half_width((variance, df): (f64, usize), drift: Drift) -> Option<f64> {
    let sum = variance + drift.variance;
    if sum == 0.0 {
        return Some(0.0);
    }
    let share = |variance: f64, df: f64| (variance / sum).powi(2) / df;
    let df_of_sum = (share(variance, df as f64) + share(drift.variance, drift.df)).recip();
    Some(t_quantile(df_of_sum, 0.95)? * sum.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_round(logs: impl IntoIterator<Item = f64>) -> ByRound {
        (1..).zip(logs.into_iter().map(f64::exp)).collect()
    }

    #[test]
    fn a_slow_wave_is_drift_and_an_alternation_is_not() {
        let wave = by_round((0..40).map(|round| (f64::from(round) / 40.0 * std::f64::consts::TAU).sin()));
        // A sine's variance is one half.
        assert!((Drift::within_run(&wave).unwrap().variance - 0.5).abs() < 0.02);
        let alternation = by_round((0..40).map(|round| f64::from(round % 2)));
        assert_eq!(Drift::within_run(&alternation).unwrap().variance, 0.0);
    }

    #[test]
    fn drift_between_runs_is_the_variance_of_their_log_levels() {
        let drift = Drift::between_runs(&[1.0f64, 3.0, 5.0].map(f64::exp)).unwrap();
        assert!((drift.variance - 4.0).abs() < 1e-12 && (drift.df - 2.0).abs() < 1e-12);
        assert_eq!(Drift::between_runs(&[1.0]), None);
    }

    #[test]
    fn the_ends_are_hahn_and_meekers_on_logarithms() {
        // Logs 1..=10: mean 5.5, s = 3.027650, t(0.975, 9) = 2.262157.
        let rounds = by_round((1..=10).map(f64::from));
        let none = predict(&rounds, 10, Drift::NONE).unwrap();
        let standard_error = 3.027_650 / 10f64.sqrt();
        let next = 2.262_157 * standard_error * 2f64.sqrt();
        assert!((none.next_high.ln() - 5.5 - next).abs() < 1e-4);
        assert!((5.5 - none.next_low.ln() - next).abs() < 1e-4);
    }

    #[test]
    fn drift_counts_twice_and_brings_its_own_degrees_of_freedom() {
        let rounds = by_round((1..=10).map(f64::from));
        // The mean's variance is 9.166667 / 10; with as much drift at 9 degrees of freedom, the
        // sum has 18: t(0.975, 18) = 2.100922.
        let of_mean = 0.916_666_7;
        let drifting = predict(&rounds, 10, Drift { variance: of_mean, df: 9.0 }).unwrap();
        let half_width = 2.100_922 * (4.0 * of_mean).sqrt();
        assert!((drifting.next_high.ln() - 5.5 - half_width).abs() < 1e-4, "{}", drifting.next_high.ln());
    }

    #[test]
    fn few_rounds_predict_nothing() {
        assert_eq!(predict(&by_round([1.0; 9]), 10, Drift::NONE), None);
        assert_eq!(predict(&by_round([1.0; 10]), 0, Drift::NONE), None);
        assert_eq!(Drift::within_run(&by_round([1.0; 9])), None);
    }
}
