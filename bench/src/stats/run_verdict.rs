//! What may be said of every change between two runs at once: changed, the same within a margin, or not
//! resolved.
//!
//! The corrected interval decides all three, so that a table, a verdict and an exit status never
//! contradict each other. "The same" is an equivalence: the whole interval lies within the margin
//! (Schuirmann, "A comparison of the two one-sided tests procedure and the power approach for assessing
//! the equivalence of average bioavailability", 1987). That no change was found is not enough for it.

use super::run_change::RunChange;
use super::verdict::percent;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The most rounds in each run that a message names: beyond these, more rounds are no advice.
const MOST_ROUNDS: usize = 1_000;

/// What may be said of a change. A percentage says how much more time the slower of the two runs takes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum ChangeVerdict {
    /// The second run takes more time.
    Slower {
        /// By how much, in percent.
        percent: f64,
        /// The lower end of the corrected interval, in percent.
        low: f64,
        /// The upper end, in percent.
        high: f64,
    },
    /// The second run takes less time.
    Faster {
        /// By how much, in percent.
        percent: f64,
        /// The lower end of the corrected interval, in percent.
        low: f64,
        /// The upper end, in percent.
        high: f64,
    },
    /// The change is smaller than the margin.
    Same {
        /// The margin, in percent.
        within: f64,
    },
    /// The interval holds both a change that matters and none.
    NotResolved {
        /// How many rounds more in each run would decide, if rounds go on to vary as they do; `None`
        /// where that is too many to be advice, or no number of them would.
        more_rounds: Option<usize>,
    },
    /// Nothing was tested.
    TooFewRounds,
    /// Nothing was tested, since the runs have nothing in common that the time could be divided by.
    NoReference,
}

impl ChangeVerdict {
    /// Whether there is a change.
    pub fn is_changed(&self) -> bool {
        matches!(self, ChangeVerdict::Slower { .. } | ChangeVerdict::Faster { .. })
    }

    /// Whether the second run takes more time by more than `fraction`, with all of the interval.
    pub fn is_slower_by(&self, fraction: f64) -> bool {
        matches!(self, ChangeVerdict::Slower { low, .. } if *low > 100.0 * fraction)
    }
}

impl fmt::Display for ChangeVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChangeVerdict::Slower { percent, low, high } => {
                write!(f, "slower by {percent:.1}% [{low:.1}, {high:.1}]")
            }
            ChangeVerdict::Faster { percent, low, high } => {
                write!(f, "faster by {percent:.1}% [{low:.1}, {high:.1}]")
            }
            ChangeVerdict::Same { within } => {
                write!(f, "same within {}%", format!("{within:.1}").trim_end_matches(".0"))
            }
            ChangeVerdict::NotResolved { more_rounds: Some(rounds) } => {
                write!(f, "not resolved, {rounds} more rounds")
            }
            ChangeVerdict::NotResolved { more_rounds: None } => f.write_str("not resolved"),
            ChangeVerdict::TooFewRounds => f.write_str("too few rounds"),
            ChangeVerdict::NoReference => f.write_str("no reference"),
        }
    }
}

/// A change with what the correction over all of them leaves of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TestedChange {
    /// The change; `None` below ten rounds in either run.
    pub change: Option<RunChange>,
    /// The ends of its corrected interval.
    pub interval: Option<(f64, f64)>,
    /// Its p value after the correction.
    pub adjusted_p: Option<f64>,
    /// What may be said of it.
    pub verdict: ChangeVerdict,
}

/// Gives a verdict for each of `changes`, which are corrected together. With each comes the noise floor
/// of its phase: the largest distance, on the logarithmic scale, of a change that is known to be none.
/// `margin` is the change that still counts as none, as a fraction.
///
/// There is a change where the corrected interval excludes 1 and the ratio is farther from 1 than the
/// noise floor. Where the rounds of both runs are samples of the same, any of the verdicts is a change in at
/// most 5% of pairs. A machine that other work disturbs in one run alone is no such pair.
pub fn test_changes(changes: &[(Option<RunChange>, Option<f64>)], margin: f64) -> Vec<TestedChange> {
    let tests = changes.iter().filter(|(change, _)| change.is_some()).count();
    let tested = |(change, floor): &(Option<RunChange>, Option<f64>)| match change {
        Some(change) => TestedChange {
            change: Some(*change),
            interval: Some(change.interval(tests)),
            adjusted_p: Some(change.adjusted_p(tests)),
            verdict: verdict(change, tests, floor.unwrap_or(0.0), margin),
        },
        None => TestedChange {
            change: None,
            interval: None,
            adjusted_p: None,
            verdict: ChangeVerdict::TooFewRounds,
        },
    };
    changes.iter().map(tested).collect()
}

fn verdict(change: &RunChange, tests: usize, floor: f64, margin: f64) -> ChangeVerdict {
    let (low, high) = change.interval(tests);
    let (low, high, limit) = (low.ln(), high.ln(), margin.ln_1p());
    let excludes_one = low > 0.0 || high < 0.0;
    if excludes_one && change.distance() > floor {
        let by = percent(change.distance());
        return if low > 0.0 {
            ChangeVerdict::Slower { percent: by, low: percent(low), high: percent(high) }
        } else {
            ChangeVerdict::Faster { percent: by, low: percent(-high), high: percent(-low) }
        };
    }
    if low >= -limit && high <= limit {
        return ChangeVerdict::Same { within: 100.0 * margin };
    }
    ChangeVerdict::NotResolved { more_rounds: more_rounds(change, tests, floor, limit) }
}

/// The rounds that each run needs beyond those of the run that has fewer, until the interval either
/// excludes 1 or lies within the margin, wherever the ratio stays as it is.
fn more_rounds(change: &RunChange, tests: usize, floor: f64, limit: f64) -> Option<usize> {
    let distance = change.distance();
    let for_a_change = if distance > floor { distance } else { 0.0 };
    let half_width = for_a_change.max(limit - distance);
    if half_width <= 0.0 {
        return None;
    }
    let needed = change.rounds_for(half_width, tests, MOST_ROUNDS)?;
    Some(needed.saturating_sub(change.rounds.0.min(change.rounds.1)).max(1))
}

#[cfg(test)]
mod tests {
    use super::super::ByRound;
    use super::*;

    /// A change by `percent`, from rounds that vary by about `spread` percent.
    fn change(percent: f64, spread: f64) -> RunChange {
        let wobble = [-1.0, 0.6, -0.2, 0.9, -0.7, 0.3, 1.0, -0.9, 0.2, -0.2];
        let run = |ratio: f64| -> ByRound {
            (1..).zip(wobble.map(|part| ratio * (1.0 + 0.01 * spread * part))).collect()
        };
        RunChange::of_ratios(&run(2.0), &run(2.0 * (1.0 + 0.01 * percent))).unwrap()
    }

    fn alone(change: RunChange, floor: Option<f64>, margin: f64) -> ChangeVerdict {
        test_changes(&[(Some(change), floor)], margin)[0].verdict
    }

    #[test]
    fn the_three_verdicts_are_told_apart() {
        let slower = alone(change(4.0, 0.5), None, 0.05);
        assert_eq!(slower.to_string(), "slower by 4.0% [3.6, 4.4]");
        assert!(slower.is_slower_by(0.03) && !slower.is_slower_by(0.04));
        let faster = alone(change(-20.0, 1.0), None, 0.05);
        assert_eq!(faster.to_string(), "faster by 25.0% [24.2, 25.8]");
        assert!(!faster.is_slower_by(0.01) && faster.is_changed());
        assert_eq!(alone(change(0.0, 1.0), None, 0.05).to_string(), "same within 5%");
        assert_eq!(alone(change(0.0, 1.0), None, 0.025).to_string(), "same within 2.5%");
        let open = alone(change(4.0, 7.0), None, 0.05);
        assert!(matches!(open, ChangeVerdict::NotResolved { more_rounds: Some(1..100) }), "{open}");
        assert_eq!(alone(change(1.0, 60.0), None, 0.02).to_string(), "not resolved");
    }

    #[test]
    fn many_tests_ask_for_more_of_each() {
        let one = change(2.0, 2.0);
        assert!(alone(one, None, 0.05).is_changed());
        let many = test_changes(&[(Some(one), None); 400], 0.05);
        assert!(many.iter().all(|tested| !tested.verdict.is_changed()), "{}", many[0].verdict);
        assert!(many[0].adjusted_p.unwrap() > 0.05);
    }

    #[test]
    fn there_is_no_change_at_or_under_what_identical_engines_showed() {
        let small = change(3.0, 0.5);
        assert!(alone(small, Some(0.02), 0.05).is_changed());
        assert_eq!(alone(small, Some(0.04), 0.05), ChangeVerdict::Same { within: 5.0 });
        // More rounds cannot decide: they will not lower the floor.
        assert_eq!(alone(small, Some(0.04), 0.02), ChangeVerdict::NotResolved { more_rounds: None });
    }

    #[test]
    fn what_has_too_few_rounds_is_no_test() {
        let tested = test_changes(&[(None, None), (Some(change(2.0, 2.0)), None)], 0.05);
        assert_eq!(tested[0].verdict, ChangeVerdict::TooFewRounds);
        assert!(tested[1].verdict.is_changed());
    }
}
