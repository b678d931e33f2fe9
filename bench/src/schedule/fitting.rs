//! What gives way so that the first rounds fit the time budget. It is decided once, after the survey has shown
//! what a pass of each cell takes, and said in one line.

use crate::plan::Effort;
use crate::stats::ROUNDS_FOR_INTERVAL;
use std::fmt;
use std::time::Duration;

/// The share of the budget that the first rounds may be expected to take: expectations miss a little.
const EXPECTED_SHARE: f64 = 0.9;
/// What a run may take beyond its budget rather than end before its first rounds.
const OVERRUN: f64 = 4.0 / 3.0;
/// Rounds that are made where ten do not fit: more would not bring intervals either.
const MOST_WITHOUT_INTERVALS: u32 = 5;

/// What gives way, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Concession {
    /// Batches take half of the time.
    SmallerBatches,
    /// A JIT pass also saves, so that one compilation serves JIT and AOT.
    OneCompilation,
    /// Batches take a tenth of the time, and what takes 20 ms or more is read once a round.
    SmallestBatches,
    /// There are no cold passes.
    NoColdStarts,
    /// Memory is not read.
    NoMemory,
    /// No engine is measured twice.
    NoControl,
}

impl Concession {
    const ALL: [Concession; 6] = [
        Concession::SmallerBatches,
        Concession::OneCompilation,
        Concession::SmallestBatches,
        Concession::NoColdStarts,
        Concession::NoMemory,
        Concession::NoControl,
    ];

    fn apply(self, effort: &mut Effort) {
        match self {
            Concession::SmallerBatches => effort.share /= 2,
            Concession::OneCompilation => effort.one_compilation_from = Duration::ZERO,
            Concession::SmallestBatches => effort.share /= 5,
            Concession::NoColdStarts => effort.passes.retain(|pass| !pass.is_cold()),
            Concession::NoMemory | Concession::NoControl => {}
        }
    }
}

impl fmt::Display for Concession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Concession::SmallerBatches => "smaller batches",
            Concession::OneCompilation => "one compilation for JIT and AOT",
            Concession::SmallestBatches => "slow phases once a round",
            Concession::NoColdStarts => "no cold starts",
            Concession::NoMemory => "no memory readings",
            Concession::NoControl => "no control",
        })
    }
}

/// The time that is left after the survey, and what parts of a run are expected to take of it.
#[derive(Clone, Copy)]
pub struct Expected<'a> {
    /// What is left of the time budget.
    pub left: Duration,
    /// Reading the memory; zero where it is not asked for.
    pub memory: Duration,
    /// One round of everything with an effort, with the control or without.
    pub round: &'a dyn Fn(&Effort, bool) -> Duration,
}

/// How a run is made to fit.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// The effort that is left.
    pub effort: Effort,
    /// What gave way.
    pub gave_way: Vec<Concession>,
    /// What ten rounds would take after all of it, beyond what is left of the budget, where they do not fit.
    pub lacking: Option<Duration>,
    /// Whether the time budget may end the run before its few rounds.
    pub may_end_early: bool,
}

impl Fitted {
    /// The least that must give way of `asked`. Without a time budget, or with few rounds anyway, nothing does.
    pub fn of(asked: &Effort, expected: Expected<'_>) -> Fitted {
        let whole = Fitted::without_all(asked, Vec::new());
        if asked.time_budget.is_none() || (asked.rounds as usize) < ROUNDS_FOR_INTERVAL {
            let may_end_early = whole.needs(expected) > expected.left;
            return Fitted { may_end_early, ..whole };
        }
        let more = |count: usize| Fitted::without_all(asked, Concession::ALL[..count].to_vec());
        let fits = |fitted: &Fitted| fitted.needs(expected) <= expected.left.mul_f64(EXPECTED_SHARE);
        let Some(fitted) = (0..=Concession::ALL.len()).map(more).find(&fits) else {
            return more(Concession::ALL.len()).or_few_rounds(expected);
        };
        // What gave way and did not help comes back: smaller batches save nothing where one compiler takes it all.
        Concession::ALL.into_iter().rev().fold(fitted, |fitted, concession| {
            let others = fitted.gave_way.iter().copied().filter(|one| *one != concession).collect();
            Some(Fitted::without_all(asked, others)).filter(&fits).unwrap_or(fitted)
        })
    }

    /// `asked` without what `gave_way`.
    fn without_all(asked: &Effort, gave_way: Vec<Concession>) -> Fitted {
        let mut effort = asked.clone();
        gave_way.iter().for_each(|concession| concession.apply(&mut effort));
        Fitted { effort, gave_way, lacking: None, may_end_early: false }
    }

    /// Whether this gave way.
    pub fn without(&self, concession: Concession) -> bool {
        self.gave_way.contains(&concession)
    }

    /// What memory and the first rounds take.
    fn needs(&self, expected: Expected<'_>) -> Duration {
        let memory = if self.without(Concession::NoMemory) { Duration::ZERO } else { expected.memory };
        memory + self.round(expected) * self.effort.rounds
    }

    fn round(&self, expected: Expected<'_>) -> Duration {
        (expected.round)(&self.effort, !self.without(Concession::NoControl))
    }

    fn or_few_rounds(mut self, expected: Expected<'_>) -> Fitted {
        let needs = self.needs(expected);
        if needs <= expected.left.mul_f64(OVERRUN * EXPECTED_SHARE) {
            return self;
        }
        self.lacking = Some(needs.saturating_sub(expected.left));
        let fitting = expected.left.as_secs_f64() / self.round(expected).as_secs_f64().max(1e-9);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below ten")]
        let fitting = fitting.min(f64::from(MOST_WITHOUT_INTERVALS)) as u32;
        self.effort.rounds = fitting.max(1);
        self.effort.precision = None;
        self
    }
}

/// The line that is said before the rounds begin.
impl fmt::Display for Fitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounds = self.effort.rounds;
        let up_to = if self.may_end_early { "up to " } else { "" };
        write!(f, "{up_to}{rounds} round{} planned", if rounds == 1 { "" } else { "s" })?;
        if self.may_end_early {
            f.write_str(", as far as the time budget goes")?;
        }
        let gave_way: Vec<String> = self.gave_way.iter().map(Concession::to_string).collect();
        if !gave_way.is_empty() {
            write!(f, "; to fit the time budget: {}", gave_way.join(", "))?;
        }
        if let (Some(lacking), Some(budget)) = (self.lacking, self.effort.time_budget) {
            let minutes = ((budget + lacking).as_secs_f64() / 60.0).ceil();
            write!(
                f,
                "; too few for intervals, which need ten rounds: --time-budget {minutes}m, fewer engines or samples, \
                 or --quick"
            )?;
        }
        Ok(())
    }
}

/// Whether the rounds go on beyond the time budget: intervals need all of the first ones, and a run that
/// ends just before them has none.
pub fn may_overrun(budget: Duration, elapsed: Duration, rounds_left: u32, round: Duration) -> bool {
    elapsed + round * rounds_left <= budget.mul_f64(OVERRUN)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds of a round: 14 for batches, 3 for the second compilation, 2 for cold
    /// starts, 1 for the control, and 1 that stays.
    fn round(effort: &Effort, control: bool) -> Duration {
        let full = Effort::full();
        let share = 14.0 * effort.share.as_secs_f64() / full.share.as_secs_f64();
        let compilation = if effort.one_compilation_from.is_zero() { 0.0 } else { 3.0 };
        let cold = if effort.passes.iter().any(|pass| pass.is_cold()) { 2.0 } else { 0.0 };
        Duration::from_secs_f64(1.0 + share + compilation + cold + f64::from(u8::from(control)))
    }

    fn fitted(left_s: u64) -> Fitted {
        let effort = Effort { time_budget: Some(Duration::from_secs(left_s)), ..Effort::full() };
        let (left, memory) = (Duration::from_secs(left_s), Duration::from_secs(15));
        Fitted::of(&effort, Expected { left, memory, round: &round })
    }

    #[test]
    fn nothing_gives_way_where_ten_rounds_fit() {
        // Ten rounds of 21 seconds, and 15 for memory, are 90% of 250.
        assert_eq!(fitted(251).to_string(), "10 rounds planned");
        assert_eq!(fitted(249).to_string(), "10 rounds planned; to fit the time budget: smaller batches");
    }

    #[test]
    fn one_thing_after_the_other_gives_way() {
        let last = |left_s| fitted(left_s).gave_way.last().copied();
        assert_eq!(last(150), Some(Concession::OneCompilation));
        assert_eq!(last(80), Some(Concession::SmallestBatches));
        assert_eq!(last(60), Some(Concession::NoColdStarts));
        assert_eq!(last(40), Some(Concession::NoMemory));
        assert_eq!(last(30), Some(Concession::NoControl));
        assert!(!fitted(30).without(Concession::NoControl) || fitted(30).effort.rounds == 10);
    }

    #[test]
    fn what_gave_way_in_vain_comes_back() {
        // One compiler takes nearly all of the time.
        let round = |effort: &Effort, _: bool| {
            let compilations = if effort.one_compilation_from.is_zero() { 1.0 } else { 2.0 };
            Duration::from_secs_f64(0.001 * effort.share.as_secs_f64() + 5.0 * compilations)
        };
        let budget = Duration::from_secs(80);
        let effort = Effort { time_budget: Some(budget), ..Effort::full() };
        let fitted = Fitted::of(&effort, Expected { left: budget, memory: Duration::ZERO, round: &round });
        assert_eq!(fitted.gave_way, [Concession::OneCompilation]);
        assert_eq!(fitted.effort.share, effort.share);
    }

    #[test]
    fn what_does_not_fit_is_said_with_the_budget_that_it_takes() {
        let few = fitted(12);
        assert_eq!((few.effort.rounds, few.effort.precision), (5, None));
        let text = few.to_string();
        assert!(text.starts_with("5 rounds planned; ") && text.contains("--time-budget 1m"), "{text}");
        assert_eq!(fitted(1).effort.rounds, 1);
    }

    #[test]
    fn a_run_goes_on_beyond_its_budget_only_where_that_brings_intervals() {
        let s = Duration::from_secs;
        assert!(may_overrun(s(60), s(62), 2, s(6)));
        assert!(!may_overrun(s(60), s(62), 5, s(6)));
    }

    #[test]
    fn without_a_budget_nothing_gives_way() {
        let expected = Expected { left: Duration::ZERO, memory: Duration::ZERO, round: &round };
        let asked = Effort { time_budget: None, ..Effort::full() };
        assert!(Fitted::of(&asked, expected).gave_way.is_empty());
        let quick = Effort { time_budget: Some(Duration::ZERO), ..Effort::quick() };
        let quick = Fitted::of(&quick, expected);
        assert!(quick.gave_way.is_empty());
        assert_eq!(quick.to_string(), "up to 3 rounds planned, as far as the time budget goes");
    }
}
