//! A whole run in one number for each engine and phase: the geometric mean of its times over many cases,
//! relative to the fastest engine.
//!
//! Only cases that all engines of a column have count, since a mean over other cases is another mean. An
//! engine that does not offer a phase, or has it in fewer than half as many cases as another engine,
//! takes no part in the column: it would leave few cases for the others, or none.
//!
//! For each round the mean over the cases of the logarithms of the ratios is taken, each ratio between
//! neighbours in time as in every comparison; then Student's t over the rounds. The verdicts are those
//! of [`compare_group`](stats::compare_group): every pair of the column is tested, so that the fastest may be picked from them
//! afterwards, and the control over the same cases is the noise floor.

mod common;

pub use common::CommonColumn;

use super::series::Series;
use super::summary::{CellSeries, Summary};
use crate::record::{CaseFacts, EngineEntry};
use crate::stats::{self, ByRound, Comparison, ComparisonGroup, GroupName, Verdict};
use common::in_common;
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

/// One phase of several engines over the cases that they have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct RelativeColumn {
    /// The cases, as places in the list that was given.
    pub cases: Vec<usize>,
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
    /// The column of `engines` (subjects) over `cases`, where `choices` say where the time is read.
    /// `None` where no engine has any.
    pub fn of(
        summary: &Summary,
        engines: &[&str],
        cases: &[CaseFacts],
        (phase, choices): (Phase, Choices),
    ) -> Option<RelativeColumn> {
        let times = Times { summary, cases, choices };
        let has = |engine: &&str| -> BTreeSet<usize> {
            (0..cases.len()).filter(|case| times.has(engine, *case)).collect()
        };
        let (members, common) = in_common(&engines.iter().map(has).collect::<Vec<_>>());
        let members: Vec<&str> = members.into_iter().map(|member| engines[member]).collect();
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
        let group = GroupName { table: "all cases in common".to_owned(), phase };
        Some(RelativeColumn {
            engines: ranking.iter().filter_map(relative).collect(),
            pairs: stats::compare_group(group, pairs, &times.controls(&members, &common)),
            cases: common.into_iter().collect(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Reading;

    /// Warm calls of `engine` on `sample`, one a round.
    fn calls(
        engine: &str,
        entry: EngineEntry,
        sample: &str,
        rounds: u32,
        ns: impl Fn(u32) -> f64,
    ) -> Vec<Reading> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the values are in range"
        )]
        let reading = |round| Reading {
            round,
            process: round,
            engine: engine.into(),
            entry,
            sample: sample.into(),
            variant: "stripped".into(),
            size: "small".into(),
            pass: Pass::WarmCall,
            phase: Phase::DCallWarm,
            cycle: 0,
            iteration: 0,
            cold: false,
            calls: 1,
            wall_ns: ns(round).round() as u64,
            cpu_ns: None,
        };
        (1..=rounds).map(reading).collect()
    }

    fn cases(samples: &[&str]) -> Vec<CaseFacts> {
        let case = |sample: &&str| CaseFacts {
            sample: (*sample).into(),
            variant: "stripped".into(),
            size: "small".into(),
            group: "core".into(),
            fresh_instance: false,
        };
        samples.iter().map(case).collect()
    }

    fn column(readings: &[Reading], engines: &[&str], samples: &[&str]) -> Option<RelativeColumn> {
        RelativeColumn::of(&Summary::of(readings), engines, &cases(samples), COLUMNS[3])
    }

    /// What differs from round to round, by up to a percent, differently for each engine.
    fn wobble(engine: usize, round: u32) -> f64 {
        1.0 + 0.01 * (f64::from(round * 7 % 5) - 2.0) * if engine == 0 { 0.5 } else { -0.5 }
    }

    #[test]
    fn the_ratio_is_the_geometric_mean_over_the_cases() {
        // b takes twice and eight times as long as a: four times.
        let readings = [
            calls("a", EngineEntry::Subject, "one", 3, |_| 1e6),
            calls("a", EngineEntry::Subject, "two", 3, |_| 1e6),
            calls("b", EngineEntry::Subject, "one", 3, |_| 2e6),
            calls("b", EngineEntry::Subject, "two", 3, |_| 8e6),
        ]
        .concat();
        let column = column(&readings, &["b", "a"], &["one", "two"]).unwrap();
        assert_eq!(column.cases, [0, 1]);
        assert_eq!(column.engines[0], RelativeTime { engine: "a".into(), ratio: 1.0, interval: None });
        let b = column.engine("b").unwrap();
        assert!((b.ratio - 4.0).abs() < 1e-9 && b.interval.is_none(), "{b:?}");
        let leader = column.leader(|_| true).unwrap();
        assert_eq!((leader.engine, leader.next, leader.verdict), ("a", "b", Verdict::TooFewRounds));
    }

    #[test]
    fn ten_rounds_give_an_interval_and_a_verdict() {
        let of = |engine: &str, place, ns: f64| {
            let call =
                |sample| calls(engine, EngineEntry::Subject, sample, 10, |round| ns * wobble(place, round));
            [call("one"), call("two")].concat()
        };
        let control = |sample| calls("a", EngineEntry::Control, sample, 10, |round| 1e6 * wobble(0, round));
        let readings =
            [of("a", 0, 1e6), of("b", 1, 1.5e6), of("c", 1, 1.0005e6), control("one"), control("two")]
                .concat();
        let column = column(&readings, &["a", "b", "c"], &["one", "two"]).unwrap();
        let b = column.engine("b").unwrap();
        let interval = b.interval.unwrap();
        assert!(interval.low < 1.5 && 1.5 < interval.high && interval.high < 1.53, "{b:?}");
        assert_eq!(column.pairs.noise_floor_percent, Some(0.0));
        let verdict = |one: &str, two: &str| column.verdict(one, two).unwrap();
        assert!(matches!(verdict("a", "b"), Verdict::Faster { .. }));
        assert!(matches!(verdict("b", "a"), Verdict::Slower { .. }));
        assert!(matches!(verdict("a", "c"), Verdict::NotDistinguishable { .. }));
        // Without the two fastest, one engine is left, which leads nobody.
        assert_eq!(column.leader(|engine| engine == "b"), None);
    }

    #[test]
    fn only_rounds_that_every_case_has_count() {
        // The second case has four rounds more, in which the machine was another.
        let readings = [
            calls("a", EngineEntry::Subject, "one", 10, |_| 1e6),
            calls("b", EngineEntry::Subject, "one", 10, |_| 2e6),
            calls("a", EngineEntry::Subject, "two", 14, |_| 1e6),
            calls("b", EngineEntry::Subject, "two", 14, |round| if round > 10 { 9e6 } else { 2e6 }),
        ]
        .concat();
        let column = column(&readings, &["a", "b"], &["one", "two"]).unwrap();
        assert!((column.engine("b").unwrap().ratio - 2.0).abs() < 1e-9);
    }

    #[test]
    fn an_engine_without_the_phase_takes_no_part_and_leaves_the_others_their_cases() {
        let readings = [
            calls("a", EngineEntry::Subject, "one", 3, |_| 1e6),
            calls("b", EngineEntry::Subject, "one", 3, |_| 3e6),
        ]
        .concat();
        let found = column(&readings, &["a", "b", "without"], &["one"]).unwrap();
        assert!(found.engine("without").is_none() && found.engine("b").is_some());
        assert_eq!(column(&[], &["a", "b"], &["one"]), None);
        let alone = column(&readings, &["b"], &["one"]).unwrap();
        assert_eq!((alone.engines[0].ratio, alone.leader(|_| true)), (1.0, None));
    }

    #[test]
    fn engines_that_compile_in_different_passes_are_compared_nevertheless() {
        let compile = |engine: &str, pass, ns: f64| -> Vec<Reading> {
            let calls = calls(engine, EngineEntry::Subject, "one", 3, |_| ns);
            calls.into_iter().map(|call| Reading { pass, phase: Phase::AbCompile, ..call }).collect()
        };
        let readings = [compile("jit", Pass::Jit, 1e6), compile("aot", Pass::Aot, 5e6)].concat();
        let column =
            RelativeColumn::of(&Summary::of(&readings), &["jit", "aot"], &cases(&["one"]), COLUMNS[0]);
        assert!((column.unwrap().engine("aot").unwrap().ratio - 5.0).abs() < 1e-9);
    }
}
