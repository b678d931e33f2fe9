//! Two runs of the same cell against each other: has its ratio changed?
//!
//! Rounds of different runs have no partners, so the runs' log ratios are two independent samples:
//! Welch's t test, which does not take their variances for equal (Welch, "The generalization of
//! 'Student's' problem when several different population variances are involved", Biometrika 34,
//! 1947). Absolute times are no subject of it: the machine's speed is another in every run, and it
//! cancels out of ratios that were formed within rounds.

use super::ByRound;
use super::compare::Comparison;
use super::interval::{Moments, ROUNDS_FOR_INTERVAL, t_quantile, two_sided_p};

/// How a ratio of the run `after` relates to the same ratio in the run `before`: their quotient, with
/// its 95% interval. Both are ratios formed within rounds, one a round.
///
/// Returns `None` below [`ROUNDS_FOR_INTERVAL`] rounds with a positive ratio in either run.
pub fn compare_runs(before: &ByRound, after: &ByRound) -> Option<Comparison> {
    welch(of_run(before)?, of_run(after)?)
}

fn of_run(ratios: &ByRound) -> Option<Moments> {
    let logs: Vec<f64> = ratios.values().filter(|ratio| **ratio > 0.0).map(|ratio| ratio.ln()).collect();
    if logs.len() < ROUNDS_FOR_INTERVAL {
        return None;
    }
    Moments::of_rounds(&logs)
}

fn welch(before: Moments, after: Moments) -> Option<Comparison> {
    let of_mean = |sample: &Moments| sample.variance / sample.count as f64;
    let variance = of_mean(&before) + of_mean(&after);
    let difference = after.mean - before.mean;
    let df = df(&before, &after, variance);
    let half_width = t_quantile(df as f64, 0.95)? * variance.sqrt();
    Some(Comparison {
        rounds: before.count.min(after.count),
        df,
        ratio: difference.exp(),
        low: (difference - half_width).exp(),
        high: (difference + half_width).exp(),
        p: if difference == 0.0 { 1.0 } else { two_sided_p(difference / variance.sqrt(), df)? },
    })
}

/// Welch and Satterthwaite's degrees of freedom, in whole ones; those of both samples together where
/// neither varies.
fn df(before: &Moments, after: &Moments, variance: f64) -> usize {
    if variance == 0.0 {
        return before.df + after.df;
    }
    let share =
        |sample: &Moments| (sample.variance / sample.count as f64 / variance).powi(2) / sample.df as f64;
    let df = (share(before) + share(after)).recip().floor();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and the rounds")]
    let df = df as usize;
    df.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_round(logs: impl IntoIterator<Item = f64>) -> ByRound {
        (1..).zip(logs.into_iter().map(f64::exp)).collect()
    }

    #[test]
    fn welchs_test_has_the_textbook_t_and_degrees_of_freedom() {
        // Student's sleep data (1908) taken as two independent groups: t = -1.8608 at 17.776
        // degrees of freedom, as R's t.test prints it; mean difference 1.58.
        let first = by_round([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]);
        let second = by_round([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]);
        let comparison = compare_runs(&first, &second).unwrap();
        assert_eq!((comparison.rounds, comparison.df), (10, 17));
        assert!((comparison.ratio.ln() - 1.58).abs() < 1e-12);
        // At 17.776 degrees of freedom p is 0.0794; with whole ones a little more.
        assert!((comparison.p - 0.0801).abs() < 2e-4, "{}", comparison.p);
        assert!(comparison.low < 1.0 && comparison.high > 1.0);
    }

    #[test]
    fn the_same_ratio_is_no_change_and_another_one_is() {
        let ratios = |ratio: f64| {
            (1..=10).map(|round| (round, ratio * (1.0 + 0.001 * f64::from(round % 3)))).collect::<ByRound>()
        };
        assert!((compare_runs(&ratios(2.0), &ratios(2.0)).unwrap().p - 1.0).abs() < 1e-12);
        let changed = compare_runs(&ratios(2.0), &ratios(2.1)).unwrap();
        assert!(changed.p < 0.001 && (changed.ratio - 1.05).abs() < 1e-12);
        assert!(changed.low > 1.0);
    }

    #[test]
    fn nine_rounds_are_too_few() {
        let nine = by_round([0.1; 9]);
        assert_eq!(compare_runs(&nine, &by_round([0.1; 10])), None);
        assert_eq!(compare_runs(&by_round([0.1; 10]), &nine), None);
    }
}
