//! `break_even.csv`: after how many calls, or runs of an artifact, the engine that starts slower is ahead,
//! for every pair of engines on every sample.

use super::series::Series;
use super::summary::{CellSeries, Summary};
use crate::machine::CALIBRATION;
use crate::record::{CellId, CsvRecord};
use crate::stats::{self, BreakEven, Costs, Point, Side};
use protocol::{Pass, Phase};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// `break_even.csv`
pub const BREAK_EVEN_FILE: &str = "break_even.csv";

/// A line of `break_even.csv`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BreakEvenRow {
    /// The sample.
    pub sample: String,
    /// The wasm's variant.
    pub variant: String,
    /// The arguments' name.
    pub size: String,
    /// The total that both start with: up to the first result, `jit` or `aot-execute`; or `aot-compile`.
    pub start: Phase,
    /// What comes after it and is counted: `calls`, or `runs` of the artifact.
    pub counted: String,
    /// The engine that starts slower.
    pub slower_start: String,
    /// The engine that starts faster.
    pub faster_start: String,
    /// What was found: `after`, `not-before`, `never`, `from-the-start`, `not-distinguishable`.
    pub point: String,
    /// The engine that is ahead after `calls`, or after `high_calls` where those are not known.
    pub ahead: Option<String>,
    /// The calls or runs after the start from which it is ahead.
    pub calls: Option<f64>,
    /// The lower end of its 95% interval.
    pub low_calls: Option<f64>,
    /// The upper end.
    pub high_calls: Option<f64>,
}

impl CsvRecord for BreakEvenRow {
    const COLUMNS: &'static [&'static str] = &[
        "sample",
        "variant",
        "size",
        "start",
        "counted",
        "slower_start",
        "faster_start",
        "point",
        "ahead",
        "calls",
        "low_calls",
        "high_calls",
    ];
}

/// What an engine starts with, and what is counted after it.
#[derive(Clone, Copy)]
pub struct CostCounting {
    /// The pass that reads the start, and the start's phase or total.
    pub start: (Pass, Phase),
    counted: &'static str,
    further: fn(&CellSeries, bool) -> Option<Series>,
}

/// The ways of starting and counting.
pub const COUNTINGS: [CostCounting; 3] = [
    CostCounting { start: (Pass::Jit, Phase::Jit), counted: "calls", further: call },
    CostCounting { start: (Pass::Run, Phase::AotExecute), counted: "calls", further: call },
    CostCounting { start: (Pass::Aot, Phase::AotCompile), counted: "runs", further: run },
];

/// A further call; with `fresh_instance` it takes a further instance, too.
fn call(phases: &CellSeries, fresh_instance: bool) -> Option<Series> {
    let call = phases.wall(Pass::WarmCall, Phase::DCallWarm)?;
    // Native code has no instances to make.
    let instance = phases.wall(Pass::WarmInstantiate, Phase::CInstantiateWarm);
    let instance = instance.filter(|_| fresh_instance);
    Some(instance.map_or_else(|| call.clone(), |instance| instance.plus(call)))
}

/// A further run of the artifact, in a process that has compiled nothing.
fn run(phases: &CellSeries, _: bool) -> Option<Series> {
    phases.wall(Pass::Run, Phase::AotExecute).cloned()
}

/// What an engine's start and what is counted after it cost on a case.
#[derive(Clone, Debug)]
pub struct CallCosts<'a> {
    /// The total that is paid once.
    pub start: &'a Series,
    /// Each further call or run.
    pub further: Series,
}

impl<'a> CallCosts<'a> {
    /// The costs of `cell` in one of [`COUNTINGS`]; `None` where it lacks the start or what is counted. With
    /// `fresh_instance` a further call takes a further instance, too.
    pub fn of(
        summary: &'a Summary,
        cell: &CellId,
        counting: CostCounting,
        fresh_instance: bool,
    ) -> Option<CallCosts<'a>> {
        let phases = summary.cell(cell)?;
        let further = (counting.further)(phases, fresh_instance)?;
        Some(CallCosts { start: phases.wall(counting.start.0, counting.start.1)?, further })
    }

    /// Where this engine and `other` break even; `None` below ten rounds.
    pub fn break_even(&self, other: &CallCosts<'_>) -> Option<BreakEven> {
        let (starts, further) = (self.start.beside(other.start), self.further.beside(&other.further));
        stats::break_even(
            Costs { start: &starts.0, call: &further.0 },
            Costs { start: &starts.1, call: &further.1 },
        )
    }
}

/// The lines of `break_even.csv`: every pair of engines that have a start and what is counted after it. A further
/// call of one of the samples in `fresh_instance` takes a further instance, too.
pub fn break_even_rows(summary: &Summary, fresh_instance: &BTreeSet<&str>) -> Vec<BreakEvenRow> {
    let mut rows = Vec::new();
    for counting in COUNTINGS {
        let costs = |cell: &CellId| {
            CallCosts::of(summary, cell, counting, fresh_instance.contains(cell.sample.as_str()))
        };
        let is_choice = |cell: &&CellId| cell.is_subject() && cell.engine != CALIBRATION;
        for first in summary.cells().filter(is_choice) {
            let same_case = |second: &&CellId| {
                (&second.sample, &second.variant, &second.size)
                    == (&first.sample, &first.variant, &first.size)
                    && first.engine < second.engine
                    && is_choice(second)
            };
            for second in summary.cells().filter(same_case) {
                let Some((ours, theirs)) = costs(first).zip(costs(second)) else { continue };
                let found = ours.break_even(&theirs);
                rows.extend(found.map(|found| break_even_row(first, second, counting, &found)));
            }
        }
    }
    rows
}

fn break_even_row(
    first: &CellId,
    second: &CellId,
    counting: CostCounting,
    found: &BreakEven,
) -> BreakEvenRow {
    let (slower, faster) = match found.slower_start {
        Side::First => (first, second),
        Side::Second => (second, first),
    };
    let (point, ahead, calls, low_calls, high_calls) = match found.point {
        Point::After { calls, low, high } => ("after", Some(slower), Some(calls), Some(low), Some(high)),
        Point::NotBefore { low } => ("not-before", None, None, Some(low), None),
        Point::Never => ("never", Some(faster), None, None, None),
        Point::FromTheStart { ahead, within } => {
            let ahead = if ahead == found.slower_start { slower } else { faster };
            ("from-the-start", Some(ahead), None, None, Some(within))
        }
        Point::NotDistinguishable => ("not-distinguishable", None, None, None, None),
    };
    BreakEvenRow {
        sample: first.sample.clone(),
        variant: first.variant.clone(),
        size: first.size.clone(),
        start: counting.start.1,
        counted: counting.counted.to_owned(),
        slower_start: slower.engine.clone(),
        faster_start: faster.engine.clone(),
        point: point.to_owned(),
        ahead: ahead.map(|cell| cell.engine.clone()),
        calls,
        low_calls,
        high_calls,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{EngineEntry, Reading};

    /// Readings of ten rounds that wobble a little.
    fn times(engine: &str, pass: Pass, phase: Phase, wall_ns: u64) -> impl Iterator<Item = Reading> {
        let engine = engine.to_owned();
        (1..=10).map(move |round| Reading {
            round,
            process: 1,
            engine: engine.clone(),
            entry: EngineEntry::Subject,
            sample: "s".into(),
            variant: "stripped".into(),
            size: "small".into(),
            pass,
            phase,
            cycle: 0,
            iteration: 0,
            cold: false,
            calls: 1,
            wall_ns: wall_ns + u64::from(round % 2),
            cpu_ns: None,
        })
    }

    #[test]
    fn an_artifact_that_took_longer_to_compile_pays_off_after_so_many_runs() {
        let readings: Vec<Reading> = times("slow", Pass::Aot, Phase::AotCompile, 9_000_000)
            .chain(times("fast", Pass::Aot, Phase::AotCompile, 1_000_000))
            .chain(times("slow", Pass::Run, Phase::AotExecute, 100_000))
            .chain(times("fast", Pass::Run, Phase::AotExecute, 300_000))
            .collect();
        let rows = break_even_rows(&Summary::of(&readings), &BTreeSet::new());
        assert_eq!(rows.len(), 1, "{rows:?}");
        let row = &rows[0];
        assert_eq!((row.start, row.counted.as_str()), (Phase::AotCompile, "runs"));
        assert_eq!((row.slower_start.as_str(), row.ahead.as_deref()), ("slow", Some("slow")));
        assert!((row.calls.unwrap() - 40.0).abs() < 0.1, "{row:?}");
    }
}
