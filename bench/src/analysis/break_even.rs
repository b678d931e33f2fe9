//! `break_even.csv`: after how many calls the engine that starts slower is ahead, for every pair of
//! engines on every sample.

use super::series::Series;
use super::summary::Summary;
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
    /// The total up to the first result that both start with: `jit` or `aot-execute`.
    pub start: Phase,
    /// The engine that starts slower.
    pub slower_start: String,
    /// The engine that starts faster.
    pub faster_start: String,
    /// What was found: `after`, `not-before`, `never`, `from-the-start`, `not-distinguishable`.
    pub point: String,
    /// The engine that is ahead after `calls`, or after `high_calls` where those are not known.
    pub ahead: Option<String>,
    /// Calls after the first result from which it is ahead.
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
        "slower_start",
        "faster_start",
        "point",
        "ahead",
        "calls",
        "low_calls",
        "high_calls",
    ];
}

/// What both engines start with: the total up to the first result, and the pass that reads it.
pub const STARTS: [(Pass, Phase); 2] = [(Pass::Jit, Phase::Jit), (Pass::Run, Phase::AotExecute)];

/// What calls cost with an engine on a case.
#[derive(Clone, Debug)]
pub struct CallCosts<'a> {
    /// The total up to the first result.
    pub start: &'a Series,
    /// Each further call.
    pub further: Series,
}

impl<'a> CallCosts<'a> {
    /// The costs of `cell` with one of [`STARTS`]; `None` where it lacks the start or a warm call. With
    /// `fresh_instance` a further call takes a further instance, too.
    pub fn of(
        summary: &'a Summary,
        cell: &CellId,
        (pass, start): (Pass, Phase),
        fresh_instance: bool,
    ) -> Option<CallCosts<'a>> {
        let phases = summary.cell(cell)?;
        let call = phases.wall(Pass::WarmCall, Phase::DCallWarm)?;
        // Native code has no instances to make.
        let instance = phases.wall(Pass::WarmInstantiate, Phase::CInstantiateWarm);
        let instance = instance.filter(|_| fresh_instance);
        let further = instance.map_or_else(|| call.clone(), |instance| instance.plus(call));
        Some(CallCosts { start: phases.wall(pass, start)?, further })
    }

    /// Where this engine and `other` break even; `None` below ten rounds.
    pub fn break_even(&self, other: &CallCosts<'_>) -> Option<BreakEven> {
        let (starts, calls) = (self.start.beside(other.start), self.further.beside(&other.further));
        stats::break_even(
            Costs { start: &starts.0, call: &calls.0 },
            Costs { start: &starts.1, call: &calls.1 },
        )
    }
}

/// The lines of `break_even.csv`: every pair of engines that have a start and a warm call. A further
/// call of one of the samples in `fresh_instance` takes a further instance, too.
pub fn break_even_rows(summary: &Summary, fresh_instance: &BTreeSet<&str>) -> Vec<BreakEvenRow> {
    let mut rows = Vec::new();
    for start in STARTS {
        let costs = |cell: &CellId| {
            CallCosts::of(summary, cell, start, fresh_instance.contains(cell.sample.as_str()))
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
                rows.extend(found.map(|found| break_even_row(first, second, start.1, &found)));
            }
        }
    }
    rows
}

fn break_even_row(first: &CellId, second: &CellId, start: Phase, found: &BreakEven) -> BreakEvenRow {
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
        start,
        slower_start: slower.engine.clone(),
        faster_start: faster.engine.clone(),
        point: point.to_owned(),
        ahead: ahead.map(|cell| cell.engine.clone()),
        calls,
        low_calls,
        high_calls,
    }
}
