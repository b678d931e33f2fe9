//! Which cells have processes that come in kinds: in their times, and also in their times divided by what the other
//! engines took in the same round, so that neither the machine's own speed nor another engine counts.

use super::summary::Summary;
use crate::record::CellId;
use crate::stats::{self, ByRound, Kinds};
use protocol::{Pass, Phase};

/// The phases that are looked at, in the pass that reads them.
const LOOKED_AT: [(Pass, Phase); 2] = [(Pass::Jit, Phase::AbCompile), (Pass::WarmCall, Phase::DCallWarm)];

/// A cell whose rounds are of two kinds.
#[derive(Clone, Debug, PartialEq)]
pub struct CellKinds {
    /// The cell.
    pub cell: CellId,
    /// The phase.
    pub phase: Phase,
    /// Its kinds.
    pub kinds: Kinds,
}

/// The cells of two kinds among `cases`, each the cells of all engines on one case.
pub fn of_two_kinds(summary: &Summary, cases: &[Vec<CellId>]) -> Vec<CellKinds> {
    let mut found = Vec::new();
    for (pass, phase) in LOOKED_AT {
        for cells in cases {
            let series = |cell: &CellId| {
                Some((cell.clone(), summary.cell(cell)?.wall(pass, phase)?.by_round().clone()))
            };
            let all: Vec<(CellId, ByRound)> = cells.iter().filter_map(series).collect();
            for (cell, rounds) in &all {
                let times: Vec<f64> = rounds.values().copied().collect();
                let kinds = stats::kinds(&times).and(stats::kinds(&relative(cell, rounds, &all)));
                found.extend(kinds.map(|kinds| CellKinds { cell: cell.clone(), phase, kinds }));
            }
        }
    }
    found
}

/// The cell's times divided by the geometric mean of the other cells' times of the same round. A round that
/// a cell lacks is left out, since it would move the mean.
fn relative(cell: &CellId, rounds: &ByRound, all: &[(CellId, ByRound)]) -> Vec<f64> {
    let others: Vec<&ByRound> =
        all.iter().filter(|(other, _)| other != cell).map(|(_, rounds)| rounds).collect();
    let relative = |(round, value): (&u32, &f64)| {
        let theirs: Option<Vec<f64>> = others.iter().map(|other| other.get(round).copied()).collect();
        let theirs = theirs?;
        Some(if theirs.is_empty() { *value } else { value / stats::geometric_mean(theirs)? })
    };
    rounds.iter().filter_map(relative).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{EngineEntry, Reading};

    /// Twelve rounds of an engine; `wall_ns` gives what each takes.
    fn readings(engine: &str, wall_ns: impl Fn(u32) -> u64) -> Vec<Reading> {
        let reading = |round| Reading {
            round,
            process: 1,
            engine: engine.into(),
            entry: EngineEntry::Subject,
            sample: "s".into(),
            variant: "v".into(),
            size: "small".into(),
            pass: Pass::WarmCall,
            phase: Phase::DCallWarm,
            cycle: 0,
            iteration: 0,
            cold: false,
            calls: 1,
            wall_ns: wall_ns(round) + u64::from(round),
            cpu_ns: None,
        };
        (1..=12).map(reading).collect()
    }

    fn found(all: &[Vec<Reading>]) -> Vec<(String, usize)> {
        let summary = Summary::of(&all.concat());
        let cells = summary.cells().cloned().collect();
        of_two_kinds(&summary, &[cells]).into_iter().map(|one| (one.cell.engine, one.kinds.slow)).collect()
    }

    #[test]
    fn the_engine_with_a_slow_process_is_named_and_no_other() {
        let slow_once = |round| if round == 5 { 1600 } else { 1000 };
        let all = [readings("a", |_| 1000), readings("b", slow_once), readings("c", |_| 3000)];
        assert_eq!(found(&all), [("b".to_owned(), 1)]);
        assert_eq!(found(&all[..2]), [("b".to_owned(), 1)]);
    }

    #[test]
    fn a_round_in_which_the_machine_was_slow_is_no_kind() {
        let slow_machine = |round| if round > 8 { 1600 } else { 1000 };
        let all = [readings("a", slow_machine), readings("b", slow_machine)];
        assert_eq!(found(&all), []);
    }
}
