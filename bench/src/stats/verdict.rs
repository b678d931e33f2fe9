//! What may be said of a whole table at once: a verdict for each pair of a group.

use super::compare::Comparison;
use super::holm::holm;
use super::interval::{t_quantile, upper_tail};
use protocol::Phase;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The tests that are corrected together; it is named wherever their verdicts are shown, since
/// a verdict holds for its group only.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GroupName {
    /// The table, such as `stripped, small`.
    pub table: String,
    /// The sample, where the group is one sample's.
    pub sample: Option<String>,
    /// The phase or total that its times are of.
    pub phase: Phase,
}

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.sample {
            Some(sample) => write!(f, "{}, {sample}: {}", self.table, self.phase),
            None => write!(f, "{}: {}", self.table, self.phase),
        }
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
    /// They differ by no more than what counts as equal.
    Equal {
        /// What counts as equal, in percent.
        within: f64,
        /// The lower end of the 95% interval, in percent; negative where ours is faster.
        low: f64,
        /// The upper end, in percent; positive where ours is slower.
        high: f64,
    },
    /// Neither a difference is shown nor that there is none worth speaking of.
    NotResolved {
        /// The lower end of the 95% interval, in percent; negative where ours is faster.
        low: f64,
        /// The upper end, in percent; positive where ours is slower.
        high: f64,
        /// How many more rounds would probably show the one or the other; `None` where no reasonable
        /// number would.
        more_rounds: Option<u32>,
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
            Verdict::Equal { within, low, high } => Verdict::Equal { within, low: -high, high: -low },
            Verdict::NotResolved { low, high, more_rounds } => {
                Verdict::NotResolved { low: -high, high: -low, more_rounds }
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
            Verdict::Equal { within, low, high } => {
                write!(f, "equal within {within:.1}% [{low:+.1}%, {high:+.1}%]")
            }
            Verdict::NotResolved { low, high, more_rounds: Some(rounds) } => {
                write!(f, "not resolved [{low:+.1}%, {high:+.1}%], about {rounds} more rounds")
            }
            Verdict::NotResolved { low, high, more_rounds: None } => {
                write!(f, "not resolved [{low:+.1}%, {high:+.1}%]")
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
/// same engine under two names, on each sample. `equal_within` is the difference, as a fraction, up to which two
/// engines count as equal.
///
/// - There is a **difference** where Holm's adjusted p value is under 0.05, the pair's own 95% interval
///   excludes 1, and the ratio is farther from 1 than the [`noise_floor`].
/// - Of the other pairs those are **equal** whose own 95% interval lies within ± `equal_within`, where the
///   p value of the two one-sided tests (Schuirmann, "A comparison of the two one-sided tests procedure
///   and the power approach", 1987), adjusted by Holm over the pairs that do not differ, is under 0.05, too.
/// - The rest is **not resolved**.
///
/// All pairs are tested, so that readers may pick the neighbours of a ranking, or the fastest, afterwards.
pub fn compare_group<K>(
    group: GroupName,
    pairs: impl IntoIterator<Item = (K, Option<Comparison>)>,
    controls: &[Comparison],
    equal_within: f64,
) -> ComparisonGroup<K> {
    let pairs: Vec<(K, Option<Comparison>)> = pairs.into_iter().collect();
    let compared: Vec<Comparison> = pairs.iter().filter_map(|pair| pair.1).collect();
    let floor = noise_floor(controls);
    let adjusted = holm(&compared.iter().map(|one| one.p).collect::<Vec<f64>>());
    let margin = equal_within.ln_1p();
    let mut verdicts = verdicts(&compared, &adjusted, floor.unwrap_or(0.0), margin).into_iter();
    let mut adjusted = adjusted.into_iter();
    let pairs = pairs.into_iter().map(|(key, comparison)| ComparedPair {
        key,
        comparison,
        adjusted_p: comparison.and_then(|_| adjusted.next()),
        verdict: comparison.and_then(|_| verdicts.next()).unwrap_or(Verdict::TooFewRounds),
    });
    ComparisonGroup { pairs: pairs.collect(), name: group, noise_floor_percent: floor.map(percent) }
}

/// The verdicts of a group of comparisons, in their order.
fn verdicts(compared: &[Comparison], adjusted_p: &[f64], floor: f64, margin: f64) -> Vec<Verdict> {
    let differences: Vec<Option<Verdict>> =
        compared.iter().zip(adjusted_p).map(|(comparison, p)| difference(comparison, *p, floor)).collect();
    let open = compared.iter().zip(&differences).filter(|(_, difference)| difference.is_none());
    let open: Vec<f64> = open.map(|(comparison, _)| p_of_equality(comparison, margin)).collect();
    let level = 1.0 - SIGNIFICANCE / open.len().max(1) as f64;
    let mut p_of_equality = holm(&open).into_iter();
    let verdict = |(comparison, difference): (&Comparison, Option<Verdict>)| {
        difference.unwrap_or_else(|| {
            let p = p_of_equality.next().unwrap_or(1.0);
            equality(comparison, p, margin).unwrap_or_else(|| not_resolved(comparison, margin, level))
        })
    };
    compared.iter().zip(differences).map(verdict).collect()
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

fn difference(comparison: &Comparison, adjusted_p: f64, floor: f64) -> Option<Verdict> {
    let (low, high) = (comparison.low.ln(), comparison.high.ln());
    let excludes_one = low > 0.0 || high < 0.0;
    if adjusted_p >= SIGNIFICANCE || !excludes_one || comparison.distance() <= floor {
        return None;
    }
    let by = percent(comparison.distance());
    Some(if high < 0.0 {
        Verdict::Faster { percent: by, low: percent(-high), high: percent(-low) }
    } else {
        Verdict::Slower { percent: by, low: percent(low), high: percent(high) }
    })
}

/// The greater p value of the two one-sided tests of "the ratio is beyond ± `margin`", which is logarithmic.
fn p_of_equality(comparison: &Comparison, margin: f64) -> f64 {
    let room = margin - comparison.distance();
    let error = comparison.standard_error();
    if error == 0.0 {
        return if room > 0.0 { 0.0 } else { 1.0 };
    }
    upper_tail(room / error, comparison.df).unwrap_or(1.0)
}

fn equality(comparison: &Comparison, adjusted_p: f64, margin: f64) -> Option<Verdict> {
    let (low, high) = (comparison.low.ln(), comparison.high.ln());
    let within = low > -margin && high < margin && adjusted_p < SIGNIFICANCE;
    within.then(|| Verdict::Equal { within: percent(margin), low: percent(low), high: percent(high) })
}

/// Rounds beyond which nobody would go on.
const REASONABLE_ROUNDS: f64 = 10_000.0;

/// With the spread of these rounds, a ratio as far from 1 as this one is resolved once the half width of its
/// interval at `level` is its distance from 1 or from the margin.
fn not_resolved(comparison: &Comparison, margin: f64, level: f64) -> Verdict {
    let farther = comparison.distance().max(margin - comparison.distance());
    let width =
        t_quantile(comparison.df as f64, level).unwrap_or(f64::INFINITY) * comparison.standard_error();
    let rounds = comparison.rounds as f64;
    let more = (rounds * (width / farther).powi(2) - rounds).ceil().max(1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 10,000")]
    let more_rounds = (more <= REASONABLE_ROUNDS).then_some(more as u32);
    let (low, high) = (percent(comparison.low.ln()), percent(comparison.high.ln()));
    Verdict::NotResolved { low, high, more_rounds }
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
        GroupName { table: "stripped, small".into(), sample: Some("sieve".into()), phase: Phase::AbCompile }
    }

    fn verdict_of(tested: Comparison, controls: &[Comparison]) -> Verdict {
        compare_group(group(), [((), Some(tested))], controls, 0.02).pairs[0].verdict
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
        let equal = Verdict::Equal { within: 2.0, low: -1.0, high: 1.5 };
        assert_eq!(equal.swapped().to_string(), "equal within 2.0% [-1.5%, +1.0%]");
        let open = Verdict::NotResolved { low: -1.0, high: 3.0, more_rounds: Some(7) };
        assert_eq!(open.swapped().to_string(), "not resolved [-3.0%, +1.0%], about 7 more rounds");
    }

    #[test]
    fn a_narrow_interval_around_one_is_equal_and_a_wide_one_not_resolved() {
        let narrow = verdict_of(comparison(1.001, 0.01, 0.9), &[]);
        assert_eq!(narrow.to_string(), "equal within 2.0% [-0.9%, +1.1%]");
        let wide = verdict_of(comparison(1.0, 0.04, 0.99), &[]);
        // Four times as many rounds make it half as wide, as wide as the margin.
        let Verdict::NotResolved { low, high, more_rounds: Some(more) } = wide else { panic!("{wide}") };
        assert!(low < -3.9 && high > 3.9 && (29..=30).contains(&more), "{wide}");
    }

    #[test]
    fn the_rounds_that_would_show_a_difference_are_those_that_make_the_interval_as_wide_as_it() {
        // Beyond the margin: only a difference can be shown. Half as wide needs four times as many.
        let open = verdict_of(comparison(1.05, 1.05f64.powi(2) - 1.0, 0.2), &[]);
        let Verdict::NotResolved { more_rounds: Some(more), .. } = open else { panic!("{open}") };
        assert!((29..=31).contains(&more), "{open}");
    }

    #[test]
    fn there_is_no_difference_at_or_under_what_identical_engines_showed() {
        let controls = [comparison(1.001, 0.01, 0.5), comparison(0.97, 0.01, 0.01)];
        assert!((noise_floor(&controls).unwrap() - 0.97f64.ln().abs()).abs() < 1e-12);
        let small = verdict_of(comparison(1.03, 0.01, 1e-6), &controls);
        assert!(matches!(small, Verdict::NotResolved { .. }), "{small}");
        let large = verdict_of(comparison(1.05, 0.01, 1e-6), &controls);
        assert!(matches!(large, Verdict::Slower { .. }), "{large}");
    }

    #[test]
    fn equality_is_corrected_over_the_pairs_that_do_not_differ() {
        let just = || Some(comparison(1.0, 0.019, 0.9));
        let of = |others: usize, other: Comparison| {
            let pairs = (0..others).map(|_| ((), Some(other))).chain([((), just())]);
            compare_group(group(), pairs, &[], 0.02).pairs[others].verdict
        };
        assert!(matches!(of(0, comparison(1.0, 0.1, 0.9)), Verdict::Equal { .. }));
        assert!(matches!(of(5, comparison(2.0, 0.1, 1e-9)), Verdict::Equal { .. }));
        assert!(matches!(of(5, comparison(1.0, 0.1, 0.9)), Verdict::NotResolved { .. }));
    }

    #[test]
    fn the_correction_is_over_the_pairs_that_were_tested() {
        let pairs = [
            ("a", Some(comparison(1.1, 0.02, 0.02))),
            ("untested", None),
            ("b", Some(comparison(1.1, 0.02, 0.03))),
        ];
        let group = compare_group(group(), pairs, &[], 0.02);
        assert_eq!(group.name.to_string(), "stripped, small, sieve: ab-compile");
        assert_eq!(group.noise_floor_percent, None);
        let adjusted: Vec<_> = group.pairs.iter().map(|pair| pair.adjusted_p).collect();
        assert_eq!(adjusted, [Some(0.04), None, Some(0.04)]);
        assert_eq!(group.pairs[1].verdict, Verdict::TooFewRounds);
        assert!(matches!(group.pairs[2].verdict, Verdict::Slower { .. }));
    }
}
