//! What changed from one run to another, cell by cell: the ratio to a reference of the same run, from which
//! the machine's level has cancelled out, and the time itself, which carries the machine's drift.
//!
//! All ratios are tested together, so that runs of the same programs in the same surroundings show a change in
//! at most 5% of comparisons, however many cells there are. Other work during one of the runs slows engines
//! with several threads more than the reference, and does not cancel out.

mod row;

pub use row::ChangeRow;

use super::comparisons::COMPARED;
use super::series::Series;
use super::summary::Summary;
use crate::machine::CALIBRATION;
use crate::record::{CellId, EngineEntry};
use crate::stats::{self, ByRound, ChangeVerdict, Drift, RunChange, TestedChange};
use protocol::{Pass, Phase};
use std::collections::BTreeMap;

/// Two runs, and what may be said of them.
pub struct TwoRuns<'a> {
    /// The first run's series.
    pub base: &'a Summary,
    /// The second run's.
    pub new: &'a Summary,
    /// The drift of the machine in each; `None` where times are not compared, as between machines.
    pub drifts: Option<(Drift, Drift)>,
    /// The engines that may be the reference, the best first.
    pub references: &'a [String],
    /// Whether the calibration kernel is the same in both, so that it is the reference where none of
    /// these has a time.
    pub same_kernel: bool,
    /// The change that still counts as none, as a fraction.
    pub margin: f64,
}

/// A phase of a cell that both runs have.
#[derive(Clone, Debug, PartialEq)]
pub struct CellChange {
    /// The cell.
    pub cell: CellId,
    /// The pass that reads the phase.
    pub pass: Pass,
    /// The phase or total.
    pub phase: Phase,
    /// The time in the first run, in nanoseconds: the geometric mean over rounds.
    pub base_ns: f64,
    /// The time in the second run.
    pub new_ns: f64,
    /// The times' change; `None` where times are not compared, and below ten rounds.
    pub time: Option<TimeChange>,
    /// The engine, or the calibration kernel, that the times are divided by; `None` where there is none
    /// that both runs have.
    pub reference: Option<String>,
    /// The second run's ratio to the reference divided by the first's.
    pub ratio: Option<f64>,
    /// The test of this change.
    pub tested: TestedChange,
    /// What the ratio of identical engines changed by in this phase, in percent.
    pub noise_floor_percent: Option<f64>,
}

/// The change of a time with its own 95% interval, the machine's drift included. It has no verdict and no
/// part in the correction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeChange {
    /// The second run's time divided by the first's.
    pub ratio: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Every change, those that were found first, then those that are not resolved; the greatest first.
pub fn changes(runs: &TwoRuns<'_>) -> Vec<CellChange> {
    let cells: Vec<Ratios<'_>> = runs.ratios().collect();
    let floors = runs.noise_floors();
    let of = |cell: &Ratios<'_>| {
        let change = cell.ratios.as_ref().and_then(|(base, new)| RunChange::of_ratios(base, new));
        (change, floors.get(&cell.phase).copied())
    };
    let tested = stats::test_changes(&cells.iter().map(of).collect::<Vec<_>>(), runs.margin);
    let changes = cells.into_iter().zip(tested);
    let mut changes: Vec<CellChange> =
        changes.map(|(cell, tested)| runs.change(&cell, tested, &floors)).collect();
    let place = |change: &CellChange| match change.tested.verdict {
        ChangeVerdict::Slower { .. } | ChangeVerdict::Faster { .. } => 0,
        ChangeVerdict::NotResolved { .. } => 1,
        ChangeVerdict::Same { .. } => 2,
        ChangeVerdict::TooFewRounds | ChangeVerdict::NoReference => 3,
    };
    let size = |change: &CellChange| change.ratio.map_or(0.0, |ratio| ratio.ln().abs());
    changes.sort_by(|a, b| place(a).cmp(&place(b)).then(size(b).total_cmp(&size(a))));
    changes
}

/// A phase of a cell in both runs, with its ratios to the reference by round.
struct Ratios<'a> {
    cell: &'a CellId,
    pass: Pass,
    phase: Phase,
    times: (&'a Series, &'a Series),
    reference: Option<&'a str>,
    ratios: Option<(ByRound, ByRound)>,
}

impl<'a> TwoRuns<'a> {
    /// The phases that are compared of every cell that both runs have.
    fn ratios(&self) -> impl Iterator<Item = Ratios<'a>> + '_ {
        let subject = |cell: &&CellId| cell.is_subject() && cell.engine != CALIBRATION;
        // Nothing is left that the only reference could be divided by.
        let is_only_reference =
            move |cell: &CellId| !self.same_kernel && *self.references == [cell.engine.as_str()];
        let compared = self.base.cells().filter(subject).filter(move |cell| !is_only_reference(cell));
        compared.flat_map(move |cell| {
            COMPARED.into_iter().filter_map(move |(pass, phase)| {
                let times = self.times(cell, pass, phase)?;
                let found = self.reference(cell, pass, phase);
                let (reference, ratios) = found.unzip();
                Some(Ratios { cell, pass, phase, times, reference, ratios })
            })
        })
    }

    fn times(&self, cell: &CellId, pass: Pass, phase: Phase) -> Option<(&'a Series, &'a Series)> {
        Some((self.base.cell(cell)?.wall(pass, phase)?, self.new.cell(cell)?.wall(pass, phase)?))
    }

    /// The reference of a cell, and the ratios to it in both runs.
    fn reference(&self, cell: &CellId, pass: Pass, phase: Phase) -> Option<(&'a str, (ByRound, ByRound))> {
        let kernel = self.same_kernel.then_some(CALIBRATION);
        let named = self.references.iter().map(String::as_str).filter(|name| *name != cell.engine);
        named.chain(kernel).find_map(|name| {
            let other = CellId { engine: name.to_owned(), ..cell.clone() };
            Some((name, self.ratio_to(cell, &other, pass, phase)?))
        })
    }

    /// One cell's time divided by another's in both runs, by round; `None` where one has no round.
    fn ratio_to(
        &self,
        cell: &CellId,
        other: &CellId,
        pass: Pass,
        phase: Phase,
    ) -> Option<(ByRound, ByRound)> {
        let (base, new) = self.times(cell, pass, phase)?;
        let (other_base, other_new) = self.times(other, pass, phase)?;
        let ratios =
            (base.ratio_to(other_base).by_round().clone(), new.ratio_to(other_new).by_round().clone());
        (!ratios.0.is_empty() && !ratios.1.is_empty()).then_some(ratios)
    }

    /// By how much the ratio of an engine to its own control changed, which is by nothing: the largest
    /// of each phase, on the logarithmic scale.
    fn noise_floors(&self) -> BTreeMap<Phase, f64> {
        let mut floors: BTreeMap<Phase, f64> = BTreeMap::new();
        for control in self.base.cells().filter(|cell| cell.entry == EngineEntry::Control) {
            let subject = CellId { entry: EngineEntry::Subject, ..control.clone() };
            for (pass, phase) in COMPARED {
                let ratios = self.ratio_to(control, &subject, pass, phase);
                let change = ratios.and_then(|(base, new)| RunChange::of_ratios(&base, &new));
                if let Some(change) = change {
                    let floor = floors.entry(phase).or_default();
                    *floor = floor.max(change.distance());
                }
            }
        }
        floors
    }

    fn change(
        &self,
        cell: &Ratios<'_>,
        mut tested: TestedChange,
        floors: &BTreeMap<Phase, f64>,
    ) -> CellChange {
        if cell.reference.is_none() {
            tested.verdict = ChangeVerdict::NoReference;
        }
        let value = |series: &Series| series.estimate().map_or(f64::NAN, |estimate| estimate.value);
        let (base, new) = cell.times;
        let time =
            self.drifts.and_then(|drifts| RunChange::of_times(base.by_round(), new.by_round(), drifts));
        let mean = |ratios: &ByRound| stats::geometric_mean(ratios.values().copied());
        CellChange {
            cell: cell.cell.clone(),
            pass: cell.pass,
            phase: cell.phase,
            base_ns: value(base),
            new_ns: value(new),
            time: time.map(|time| {
                let (low, high) = time.interval(1);
                TimeChange { ratio: time.ratio, low, high }
            }),
            reference: cell.reference.map(str::to_owned),
            ratio: cell.ratios.as_ref().and_then(|(base, new)| Some(mean(new)? / mean(base)?)),
            noise_floor_percent: floors.get(&cell.phase).map(|floor| 100.0 * floor.exp_m1()),
            tested,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Reading;

    fn reading(engine: &str, pass: Pass, round: u32, wall_ns: u64) -> Reading {
        Reading {
            round,
            process: 1,
            engine: engine.into(),
            entry: EngineEntry::Subject,
            sample: "s".into(),
            variant: "v".into(),
            size: "small".into(),
            pass,
            phase: pass.phase(),
            cycle: 0,
            iteration: 0,
            cold: false,
            calls: 1,
            wall_ns: wall_ns + u64::from(round % 3),
            cpu_ns: None,
        }
    }

    /// Twelve rounds in which `engine` and native code call, and `engine` compiles.
    fn run(level: u64, call_ns: u64) -> Vec<Reading> {
        let of_round = |round| {
            [
                reading("native", Pass::WarmCall, round, 100_000 * level),
                reading("engine", Pass::WarmCall, round, call_ns * level),
                reading("engine", Pass::Jit, round, 500_000 * level),
                reading(CALIBRATION, Pass::WarmCall, round, 70_000 * level),
                reading(CALIBRATION, Pass::Jit, round, 70_000 * level),
            ]
        };
        (1..=12).flat_map(of_round).collect()
    }

    fn compared(base: &[Reading], new: &[Reading], same_kernel: bool) -> Vec<CellChange> {
        changes(&TwoRuns {
            base: &Summary::of(base),
            new: &Summary::of(new),
            drifts: Some((Drift::NONE, Drift::NONE)),
            references: &["native".to_owned()],
            same_kernel,
            margin: 0.05,
        })
    }

    #[test]
    fn each_phase_is_divided_by_native_code_where_it_has_one_and_by_the_kernel_elsewhere() {
        // The machine is twice as slow in the second run, and the engine calls 10% slower.
        let changes = compared(&run(1, 200_000), &run(2, 220_000), true);
        let found: Vec<_> = changes
            .iter()
            .map(|one| (one.cell.engine.as_str(), one.phase, one.reference.as_deref().unwrap()))
            .collect();
        assert_eq!(found[0], ("engine", Phase::DCallWarm, "native"));
        assert!(found[1..].contains(&("engine", Phase::Jit, CALIBRATION)), "{found:?}");
        assert!(found[1..].contains(&("native", Phase::DCallWarm, CALIBRATION)), "{found:?}");
        assert!((changes[0].ratio.unwrap() - 1.1).abs() < 1e-3, "{:?}", changes[0]);
        assert!((changes[0].time.unwrap().ratio - 2.2).abs() < 1e-2);
        assert!(changes[0].tested.verdict.is_slower_by(0.05));
        assert!(changes[1..].iter().all(|one| one.tested.verdict == ChangeVerdict::Same { within: 5.0 }));
    }

    #[test]
    fn the_kernel_of_another_program_is_no_reference() {
        let changes = compared(&run(1, 200_000), &run(1, 200_000), false);
        let verdict = |phase| changes.iter().find(|one| one.phase == phase).unwrap().tested.verdict;
        assert_eq!(verdict(Phase::Jit), ChangeVerdict::NoReference);
        assert_eq!(verdict(Phase::DCallWarm), ChangeVerdict::Same { within: 5.0 });
    }

    #[test]
    fn few_rounds_show_a_ratio_and_test_nothing() {
        let three: Vec<Reading> = run(1, 200_000).into_iter().filter(|one| one.round <= 3).collect();
        let changes = compared(&three, &run(1, 300_000), true);
        let call = changes.iter().find(|one| one.cell.engine == "engine" && one.phase == Phase::DCallWarm);
        let call = call.unwrap();
        assert!((call.ratio.unwrap() - 1.5).abs() < 1e-3);
        assert_eq!(call.tested.verdict, ChangeVerdict::TooFewRounds);
        assert_eq!((call.time, call.tested.interval), (None, None));
    }

    #[test]
    fn a_line_of_csv_has_a_field_for_each_column() {
        let changes = compared(&run(1, 200_000), &run(1, 200_000), true);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("changes.csv");
        let rows: Vec<ChangeRow> = changes.iter().map(ChangeRow::of).collect();
        crate::record::write_all(&file, &rows).unwrap();
        assert_eq!(crate::record::read_all::<ChangeRow>(&file).unwrap().len(), 3);
    }
}
