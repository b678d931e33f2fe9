//! A whole run in one number for each engine and phase: the geometric mean of its times over many cases,
//! relative to the fastest engine.
//!
//! Only cases that all engines of a column have count, since a mean over other cases is another mean. An
//! engine that does not offer a phase, or has it in fewer than half as many cases as another engine,
//! takes no part in the column: it would leave few cases for the others, or none.
//!
//! Only one variant counts, that of the first case: the same program twice would count twice, and an engine
//! that does not take a variant would leave fewer programs for the others.
//!
//! A case whose call does nothing shows what the way into a module costs: an empty call may take one
//! engine a thousand times as long as native code, and would outweigh all others. It does not count for
//! calls.
//!
//! For each round the mean over the cases of the logarithms of the ratios is taken, each ratio between
//! neighbours in time as in every comparison; then Student's t over the rounds. The verdicts are those
//! of [`compare_group`](stats::compare_group): every pair of the column is tested, so that the fastest may
//! be picked from them afterwards, and the control over the same cases is the noise floor.

mod common;
#[cfg(test)]
mod tests;

pub use common::CommonColumn;

use super::series::Series;
use super::summary::{CellSeries, Summary};
use crate::record::{CaseFacts, EngineEntry};
use crate::stats::{self, ByRound, Comparison, ComparisonGroup, GroupName, Verdict};
use common::{in_common, of_first_variant};
use protocol::{Pass, Phase};
use std::collections::BTreeSet;

/// Where the time of a phase is read: the first choice that an engine has.
pub type Choices = &'static [(Pass, Phase)];

/// The columns of times, each with its choices.
pub const COLUMNS: [(Phase, Choices); 4] = [
    (Phase::AbCompile, &[(Pass::Jit, Phase::AbCompile), (Pass::Aot, Phase::AbCompile)]),
    (Phase::CInstantiateWarm, &[(Pass::WarmInstantiate, Phase::CInstantiateWarm)]),
    (Phase::AotExecute, &[(Pass::Run, Phase::AotExecute)]),
    (Phase::DCallWarm, &[(Pass::WarmCall, Phase::DCallWarm)]),
];

/// A call that takes the fastest engine less than this is too short to count for the column of calls, in
/// nanoseconds.
const SHORTEST_CALL_NS: f64 = 1e3;

/// One phase of several engines over the cases that they have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct RelativeColumn {
    /// The cases, as places in the list that was given.
    pub cases: Vec<usize>,
    /// Cases that all engines have, too, and that do not count, since their call is too short.
    pub too_short: Vec<usize>,
    /// The engines that take part, fastest first.
    pub engines: Vec<RelativeTime>,
    /// Every pair of them: what may be said of the first against the second.
    pub pairs: ComparisonGroup<(String, String)>,
}

/// An engine's time in proportion to that of the fastest: the geometric mean over cases and rounds.
#[derive(Clone, Debug, PartialEq)]
pub struct RelativeTime {
    /// The engine's name.
    pub engine: String,
    /// Its time divided by the fastest engine's.
    pub ratio: f64,
    /// The ends of its 95% interval; `None` for the fastest itself, and below ten rounds.
    pub interval: Option<Interval>,
}

/// The two ends of a 95% interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The engine that took the least time of some, and the one after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Leader<'a> {
    /// Its name.
    pub engine: &'a str,
    /// The one after it.
    pub next: &'a str,
    /// What may be said of the first against the second.
    pub verdict: Verdict,
}

impl RelativeColumn {
    /// The column of `engines` (subjects) over `cases`, where `choices` say where the time is read. Two that
    /// differ by no more than the fraction `equal_within` are equal.
    /// `None` where no engine has any.
    pub fn of(
        summary: &Summary,
        engines: &[&str],
        cases: &[CaseFacts],
        (phase, choices): (Phase, Choices),
        equal_within: f64,
    ) -> Option<RelativeColumn> {
        let times = Times { summary, cases, choices };
        let has = |engine: &&str| -> BTreeSet<usize> {
            of_first_variant(cases).filter(|case| times.has(engine, *case)).collect()
        };
        let (members, common) = in_common(&engines.iter().map(has).collect::<Vec<_>>());
        let members: Vec<&str> = members.into_iter().map(|member| engines[member]).collect();
        let is_short = |case: &usize| phase == Phase::DCallWarm && times.is_short(&members, *case);
        let (too_short, long): (BTreeSet<usize>, BTreeSet<usize>) =
            common.iter().partition(|case| is_short(case));
        // Where there are no others, they are what was asked for.
        let (too_short, common) = if long.is_empty() { (BTreeSet::new(), common) } else { (too_short, long) };
        // The ratio of every pair, each once.
        let mut ratios = Vec::new();
        for (place, &engine) in members.iter().enumerate() {
            for &other in &members[place + 1..] {
                ratios.push((engine, other, times.ratio(subject(engine), subject(other), &common)));
            }
        }
        let ranking = ranked(&members, &ratios);
        let fastest = *ranking.first()?;
        let relative = |engine: &&str| {
            if *engine == fastest {
                return Some(RelativeTime { engine: fastest.to_owned(), ratio: 1.0, interval: None });
            }
            let ratio = times.ratio(subject(engine), subject(fastest), &common);
            let interval = stats::compare_ratios(&ratio).map(|one| Interval { low: one.low, high: one.high });
            let ratio = stats::geometric_mean(ratio.into_values())?;
            Some(RelativeTime { engine: (*engine).to_owned(), ratio, interval })
        };
        let pairs = ratios.iter().map(|(engine, other, ratio)| {
            (((*engine).to_owned(), (*other).to_owned()), stats::compare_ratios(ratio))
        });
        let group = GroupName { table: "all cases in common".to_owned(), sample: None, phase };
        Some(RelativeColumn {
            engines: ranking.iter().filter_map(relative).collect(),
            pairs: stats::compare_group(group, pairs, &times.controls(&members, &common), equal_within),
            cases: common.into_iter().collect(),
            too_short: too_short.into_iter().collect(),
        })
    }

    /// The time of `engine`; `None` where it takes no part.
    pub fn engine(&self, engine: &str) -> Option<&RelativeTime> {
        self.engines.iter().find(|one| one.engine == engine)
    }

    /// The fastest engine and the next among those that `counts` lets count; `None` below two.
    pub fn leader(&self, counts: impl Fn(&str) -> bool) -> Option<Leader<'_>> {
        let mut ranking = self.engines.iter().map(|one| one.engine.as_str()).filter(|engine| counts(engine));
        let (engine, next) = (ranking.next()?, ranking.next()?);
        Some(Leader { engine, next, verdict: self.verdict(engine, next)? })
    }

    /// What may be said of `engine` against `other`.
    fn verdict(&self, engine: &str, other: &str) -> Option<Verdict> {
        let is = |one: &str, two: &str| {
            let pair = self.pairs.pairs.iter().find(|pair| pair.key.0 == one && pair.key.1 == two);
            pair.map(|pair| pair.verdict)
        };
        is(engine, other).or_else(|| is(other, engine).map(Verdict::swapped))
    }
}

/// `engine`, entered as a subject.
fn subject(engine: &str) -> (&str, EngineEntry) {
    (engine, EngineEntry::Subject)
}

/// The members from fast to slow, by the geometric mean of their ratios to all the others. Without
/// any ratio a member has no place, unless it is alone.
fn ranked<'a>(members: &[&'a str], ratios: &[(&str, &str, ByRound)]) -> Vec<&'a str> {
    let score = |member: &str| -> Option<f64> {
        let own = ratios.iter().filter_map(|(engine, other, ratio)| {
            let ratio = || stats::geometric_mean(ratio.values().copied());
            match (*engine == member, *other == member) {
                (true, _) => ratio(),
                (_, true) => ratio().map(f64::recip),
                _ => None,
            }
        });
        stats::geometric_mean(own).or((members.len() == 1).then_some(1.0))
    };
    let mut scores: Vec<(f64, &str)> =
        members.iter().filter_map(|member| Some((score(member)?, *member))).collect();
    scores.sort_by(|a, b| a.0.total_cmp(&b.0));
    scores.into_iter().map(|(_, member)| member).collect()
}

/// The times that a column is made of.
struct Times<'a> {
    summary: &'a Summary,
    cases: &'a [CaseFacts],
    choices: Choices,
}

impl Times<'_> {
    fn has(&self, engine: &str, case: usize) -> bool {
        self.cell(subject(engine), case).is_some_and(|cell| self.first(cell).is_some())
    }

    /// Whether the fastest of `engines` takes less than [`SHORTEST_CALL_NS`] on a case.
    fn is_short(&self, engines: &[&str], case: usize) -> bool {
        let time = |engine: &&str| self.first(self.cell(subject(engine), case)?)?.estimate();
        engines.iter().filter_map(time).any(|time| time.value < SHORTEST_CALL_NS)
    }

    fn cell(&self, (engine, entry): (&str, EngineEntry), case: usize) -> Option<&CellSeries> {
        self.summary.cell(&self.cases[case].cell(engine, entry))
    }

    fn first<'c>(&self, cell: &'c CellSeries) -> Option<&'c Series> {
        self.choices.iter().find_map(|&(pass, phase)| cell.wall(pass, phase))
    }

    /// The geometric mean over `cases` of the first's time divided by the second's, by round; empty where
    /// a case has none.
    fn ratio(
        &self,
        ours: (&str, EngineEntry),
        theirs: (&str, EngineEntry),
        cases: &BTreeSet<usize>,
    ) -> ByRound {
        let of_case = |case: &usize| Some(self.ratio_of(self.cell(ours, *case)?, self.cell(theirs, *case)?));
        let ratios: Option<Vec<ByRound>> = cases.iter().map(of_case).collect();
        stats::mean_ratios(&ratios.unwrap_or_default())
    }

    /// Where both have a pass in common, their batches are neighbours in time; else each is read where it
    /// has its time.
    fn ratio_of(&self, ours: &CellSeries, theirs: &CellSeries) -> ByRound {
        let same = self
            .choices
            .iter()
            .find_map(|&(pass, phase)| Some(ours.wall(pass, phase)?.ratio_to(theirs.wall(pass, phase)?)));
        if let Some(same) = same {
            return same.by_round().clone();
        }
        let Some((ours, theirs)) = self.first(ours).zip(self.first(theirs)) else { return ByRound::new() };
        let ratio = |(round, ours): (&u32, &f64)| Some((*round, ours / theirs.by_round().get(round)?));
        ours.by_round().iter().filter_map(ratio).collect()
    }

    /// The members that are entered a second time, against themselves.
    fn controls(&self, members: &[&str], cases: &BTreeSet<usize>) -> Vec<Comparison> {
        let comparison = |member: &&str| {
            let control = (*member, EngineEntry::Control);
            stats::compare_ratios(&self.ratio(subject(member), control, cases))
        };
        members.iter().filter_map(comparison).collect()
    }
}
