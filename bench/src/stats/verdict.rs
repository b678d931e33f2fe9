//! What may be said of a whole table at once: a verdict for each pair of a group.

use super::compare::Comparison;
use super::holm::holm;
use protocol::Phase;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The tests that are corrected together; it is named wherever their verdicts are shown, since
/// a verdict holds for its group only.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GroupName {
    /// The table, such as `stripped, small`.
    pub table: String,
    /// The phase or total that its times are of.
    pub phase: Phase,
}

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.table, self.phase)
    }
}

/// What may be said of one engine's time against another's.
///
/// A percentage says how much more time the slower of the two takes than the faster, so that
/// "A is faster than B by 50%" and "B is slower than A by 50%" are one statement.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// Ours takes less time.
    Faster {
        /// By how much, in percent.
        percent: f64,
        /// The lower end of the 95% interval, in percent.
        low: f64,
        /// The upper end, in percent.
        high: f64,
    },
    /// Ours takes more time.
    Slower {
        /// By how much, in percent.
        percent: f64,
        /// The lower end of the 95% interval, in percent.
        low: f64,
        /// The upper end, in percent.
        high: f64,
    },
    /// No difference is shown.
    NotDistinguishable {
        /// The lower end of the 95% interval, in percent; negative where ours is faster.
        low: f64,
        /// The upper end, in percent; positive where ours is slower.
        high: f64,
    },
    /// Nothing was tested.
    TooFewRounds,
}

impl Verdict {
    /// The verdict of theirs against ours.
    #[must_use]
    pub fn swapped(self) -> Verdict {
        match self {
            Verdict::Faster { percent, low, high } => Verdict::Slower { percent, low, high },
            Verdict::Slower { percent, low, high } => Verdict::Faster { percent, low, high },
            Verdict::NotDistinguishable { low, high } => {
                Verdict::NotDistinguishable { low: -high, high: -low }
            }
            Verdict::TooFewRounds => Verdict::TooFewRounds,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Faster { percent, low, high } => {
                write!(f, "faster by {percent:.1}% [{low:.1}, {high:.1}]")
            }
            Verdict::Slower { percent, low, high } => {
                write!(f, "slower by {percent:.1}% [{low:.1}, {high:.1}]")
            }
            Verdict::NotDistinguishable { low, high } => {
                write!(f, "not distinguishable [{low:+.1}%, {high:+.1}%]")
            }
            Verdict::TooFewRounds => f.write_str("too few rounds"),
        }
    }
}

/// A pair of the group, with what was found.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedPair<K> {
    /// Names the pair.
    pub key: K,
    /// The comparison; `None` below ten rounds.
    pub comparison: Option<Comparison>,
    /// Its p value after Holm's correction over the group.
    pub adjusted_p: Option<f64>,
    /// What may be said of the pair.
    pub verdict: Verdict,
}

/// A group's pairs.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonGroup<K> {
    /// The group that the correction was made over.
    pub name: GroupName,
    /// The difference that identical engines showed, in percent: nothing at or under it is
    /// called a difference. `None` where the group has no control with enough rounds.
    pub noise_floor_percent: Option<f64>,
    /// One for each pair, in the order given.
    pub pairs: Vec<ComparedPair<K>>,
}

/// The adjusted p value below which there is a difference.
pub(super) const SIGNIFICANCE: f64 = 0.05;

/// Gives a verdict for every pair of `group`. `controls` are the comparisons with controls of the same group: the
/// same engine under two names, on each sample.
///
/// There is a difference where Holm's adjusted p value is under 0.05, the pair's own 95%
/// interval excludes 1, and the ratio is farther from 1 than the [`noise_floor`].
pub fn compare_group<K>(
    group: GroupName,
    pairs: impl IntoIterator<Item = (K, Option<Comparison>)>,
    controls: &[Comparison],
) -> ComparisonGroup<K> {
    let pairs: Vec<(K, Option<Comparison>)> = pairs.into_iter().collect();
    let tested: Vec<f64> = pairs.iter().filter_map(|(_, comparison)| Some((*comparison)?.p)).collect();
    let mut adjusted = holm(&tested).into_iter();
    let floor = noise_floor(controls);
    let pairs = pairs.into_iter().map(|(key, comparison)| {
        let adjusted_p = comparison.and_then(|_| adjusted.next());
        let verdict = match (comparison, adjusted_p) {
            (Some(comparison), Some(p)) => verdict(&comparison, p, floor.unwrap_or(0.0)),
            _ => Verdict::TooFewRounds,
        };
        ComparedPair { key, comparison, adjusted_p, verdict }
    });
    ComparisonGroup { pairs: pairs.collect(), name: group, noise_floor_percent: floor.map(percent) }
}

/// The largest distance from 1 of the A/A ratios, on the logarithmic scale; `None` without any.
///
/// It is what this run shows as the ratio of two things that are the same, with whatever rounds
/// do not average out (the order of starting, the layout that a longer name brings about). A
/// ratio is held against ratios: the ends of the A/A intervals would count the rounds' spread a
/// second time, which the t test has done already. The largest, since the verdicts too are picked
/// from the whole group.
pub fn noise_floor(controls: &[Comparison]) -> Option<f64> {
    controls.iter().map(Comparison::distance).max_by(f64::total_cmp)
}

fn verdict(comparison: &Comparison, adjusted_p: f64, floor: f64) -> Verdict {
    let (low, high) = (comparison.low.ln(), comparison.high.ln());
    let excludes_one = low > 0.0 || high < 0.0;
    if adjusted_p >= SIGNIFICANCE || !excludes_one || comparison.distance() <= floor {
        return Verdict::NotDistinguishable { low: percent(low), high: percent(high) };
    }
    let by = percent(comparison.distance());
    if high < 0.0 {
        Verdict::Faster { percent: by, low: percent(-high), high: percent(-low) }
    } else {
        Verdict::Slower { percent: by, low: percent(low), high: percent(high) }
    }
}

/// The percentage by which the slower of two takes more time, with the sign of `log_ratio`.
pub(super) fn percent(log_ratio: f64) -> f64 {
    log_ratio.abs().exp_m1().copysign(log_ratio) * 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison(ratio: f64, half_width: f64, p: f64) -> Comparison {
        Comparison {
            rounds: 10,
            df: 9,
            ratio,
            low: ratio / (1.0 + half_width),
            high: ratio * (1.0 + half_width),
            p,
        }
    }

    fn group() -> GroupName {
        GroupName { table: "stripped, small".into(), phase: Phase::AbCompile }
    }

    fn verdict_of(tested: Comparison, controls: &[Comparison]) -> Verdict {
        compare_group(group(), [((), Some(tested))], controls).pairs[0].verdict
    }

    #[test]
    fn twice_the_time_is_slower_by_100_percent_and_half_the_time_faster_by_100_percent() {
        let slower = verdict_of(comparison(2.0, 0.1, 1e-6), &[]);
        assert_eq!(slower.to_string(), "slower by 100.0% [81.8, 120.0]");
        let faster = verdict_of(comparison(0.5, 0.1, 1e-6), &[]);
        assert_eq!(faster.to_string(), "faster by 100.0% [81.8, 120.0]");
    }

    #[test]
    fn swapping_the_two_keeps_the_percentage() {
        let slower = verdict_of(comparison(2.0, 0.1, 1e-6), &[]);
        assert_eq!(slower.swapped().to_string(), "faster by 100.0% [81.8, 120.0]");
        let alike = Verdict::NotDistinguishable { low: -1.0, high: 2.0 };
        assert_eq!(alike.swapped().to_string(), "not distinguishable [-2.0%, +1.0%]");
    }

    #[test]
    fn an_interval_around_one_is_not_distinguishable() {
        let verdict = verdict_of(comparison(1.0, 0.02, 0.99), &[]);
        assert_eq!(verdict.to_string(), "not distinguishable [-2.0%, +2.0%]");
    }

    #[test]
    fn there_is_no_difference_at_or_under_what_identical_engines_showed() {
        let controls = [comparison(1.001, 0.01, 0.5), comparison(0.97, 0.01, 0.01)];
        assert!((noise_floor(&controls).unwrap() - 0.97f64.ln().abs()).abs() < 1e-12);
        let small = verdict_of(comparison(1.03, 0.01, 1e-6), &controls);
        assert!(matches!(small, Verdict::NotDistinguishable { .. }), "{small}");
        let large = verdict_of(comparison(1.05, 0.01, 1e-6), &controls);
        assert!(matches!(large, Verdict::Slower { .. }), "{large}");
    }

    #[test]
    fn the_correction_is_over_the_pairs_that_were_tested() {
        let pairs = [
            ("a", Some(comparison(1.1, 0.02, 0.02))),
            ("untested", None),
            ("b", Some(comparison(1.1, 0.02, 0.03))),
        ];
        let group = compare_group(group(), pairs, &[]);
        assert_eq!(group.name.to_string(), "stripped, small: ab-compile");
        assert_eq!(group.noise_floor_percent, None);
        let adjusted: Vec<_> = group.pairs.iter().map(|pair| pair.adjusted_p).collect();
        assert_eq!(adjusted, [Some(0.04), None, Some(0.04)]);
        assert_eq!(group.pairs[1].verdict, Verdict::TooFewRounds);
        assert!(matches!(group.pairs[2].verdict, Verdict::Slower { .. }));
    }
}
