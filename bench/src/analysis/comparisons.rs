//! What a run may claim: every pair of engines on every sample, judged a table and phase at a
//! time, and the points from which a slower start pays off. The lines of `comparisons.csv` and
//! `break_even.csv`.

use crate::analysis::summary::{Series, Summary};
use crate::plan::twin_of;
use crate::record::readings::CellId;
use crate::stats::{self, BreakEven, Comparison, Costs, Family, Judgement, Point, Side};
use calibration::CALIBRATION;
use protocol::{Pass, Phase};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// `comparisons.csv`
pub const COMPARISONS_FILE: &str = "comparisons.csv";
/// `break_even.csv`
pub const BREAK_EVEN_FILE: &str = "break_even.csv";

/// The phases that are judged, with the pass that reads each.
pub const JUDGED: [(Pass, Phase); 5] = [
    (Pass::Jit, Phase::Jit),
    (Pass::Aot, Phase::AotCompile),
    (Pass::Run, Phase::AotExecute),
    (Pass::Warm, Phase::CInstantiateWarm),
    (Pass::Warm, Phase::DCallWarm),
];

/// A pair of engines on a sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The sample.
    pub sample: String,
    /// The engine that is spoken of.
    pub engine: String,
    /// The engine that it is held against.
    pub other: String,
}

/// A line of `comparisons.csv`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparisonRow {
    /// The tests that were corrected together: variant, size and phase.
    pub family: String,
    /// The sample.
    pub sample: String,
    /// The engine that is spoken of.
    pub engine: String,
    /// The engine that it is held against.
    pub other: String,
    /// Rounds that both have.
    pub rounds: Option<usize>,
    /// The engine's time divided by the other's.
    pub ratio: Option<f64>,
    /// The lower end of its 95% interval.
    pub low_ratio: Option<f64>,
    /// The upper end.
    pub high_ratio: Option<f64>,
    /// The p value after Holm's correction over the family.
    pub adjusted_p: Option<f64>,
    /// The difference that identical engines showed in this family, in percent.
    pub noise_floor_percent: Option<f64>,
    /// What is claimed.
    pub verdict: String,
}

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

/// Judges every pair of engines, one family for each variant, size and phase.
pub fn judgements(summary: &Summary) -> Vec<Judgement<Pair>> {
    let mut judged = Vec::new();
    for (variant, size) in tables(summary) {
        for (pass, phase) in JUDGED {
            let of_table = |cell: &&CellId| cell.variant == variant && cell.size == size;
            let cells: Vec<(&CellId, &Series)> = summary
                .cells()
                .filter(of_table)
                .filter(|cell| cell.engine != CALIBRATION)
                .filter_map(|cell| Some((cell, summary.cell(cell)?.wall(pass, phase)?)))
                .collect();
            let (pairs, controls) = pairs(&cells);
            if !pairs.is_empty() {
                let family = Family { table: format!("{variant}, {size}"), phase };
                judged.push(stats::judge(family, pairs, &controls));
            }
        }
    }
    judged
}

type Tested = (Pair, Option<Comparison>);

/// The pairs of different engines on one sample, and the A/A controls.
fn pairs(cells: &[(&CellId, &Series)]) -> (Vec<Tested>, Vec<Comparison>) {
    let (mut tested, mut controls) = (Vec::new(), Vec::new());
    for (cell, series) in cells {
        for (other, theirs) in cells.iter().filter(|(other, _)| other.sample == cell.sample) {
            let comparison = || series.compare(theirs);
            if twin_of(&other.engine) == Some(&cell.engine) {
                controls.extend(comparison());
            } else if cell.engine < other.engine && twin_of(&cell.engine).or(twin_of(&other.engine)).is_none()
            {
                let pair = Pair {
                    sample: cell.sample.clone(),
                    engine: cell.engine.clone(),
                    other: other.engine.clone(),
                };
                tested.push((pair, comparison()));
            }
        }
    }
    (tested, controls)
}

/// The lines of `comparisons.csv`.
pub fn comparison_rows(judgements: &[Judgement<Pair>]) -> Vec<ComparisonRow> {
    let rows_of = |judgement: &Judgement<Pair>| -> Vec<ComparisonRow> {
        let row = |finding: &stats::Finding<Pair>| ComparisonRow {
            family: judgement.family.to_string(),
            sample: finding.key.sample.clone(),
            engine: finding.key.engine.clone(),
            other: finding.key.other.clone(),
            rounds: finding.comparison.map(|comparison| comparison.rounds),
            ratio: finding.comparison.map(|comparison| comparison.ratio),
            low_ratio: finding.comparison.map(|comparison| comparison.low),
            high_ratio: finding.comparison.map(|comparison| comparison.high),
            adjusted_p: finding.adjusted_p,
            noise_floor_percent: judgement.noise_floor_percent,
            verdict: finding.verdict.to_string(),
        };
        judgement.findings.iter().map(row).collect()
    };
    judgements.iter().flat_map(rows_of).collect()
}

/// The lines of `break_even.csv`: every pair of engines that have a start and a warm call. A further
/// call of one of the samples in `fresh_instance` takes a further instance, too.
pub fn break_even_rows(summary: &Summary, fresh_instance: &BTreeSet<&str>) -> Vec<BreakEvenRow> {
    let mut rows = Vec::new();
    for (pass, start) in [(Pass::Jit, Phase::Jit), (Pass::Run, Phase::AotExecute)] {
        let costs = |cell: &CellId| -> Option<(&Series, Series)> {
            let phases = summary.cell(cell)?;
            let call = phases.wall(Pass::Warm, Phase::DCallWarm)?;
            // Native code has no instances to make.
            let instance = phases.wall(Pass::Warm, Phase::CInstantiateWarm);
            let instance = instance.filter(|_| fresh_instance.contains(cell.sample.as_str()));
            let further = instance.map_or_else(|| call.clone(), |instance| instance.plus(call));
            Some((phases.wall(pass, start)?, further))
        };
        let is_choice = |cell: &&CellId| twin_of(&cell.engine).is_none() && cell.engine != CALIBRATION;
        for first in summary.cells().filter(is_choice) {
            let same_case = |second: &&CellId| {
                (&second.sample, &second.variant, &second.size)
                    == (&first.sample, &first.variant, &first.size)
                    && first.engine < second.engine
                    && is_choice(second)
            };
            for second in summary.cells().filter(same_case) {
                let Some((ours, theirs)) = costs(first).zip(costs(second)) else { continue };
                let (starts, calls) = (ours.0.beside(theirs.0), ours.1.beside(&theirs.1));
                let found = stats::break_even(
                    Costs { start: &starts.0, call: &calls.0 },
                    Costs { start: &starts.1, call: &calls.1 },
                );
                rows.extend(found.map(|found| break_even_row(first, second, start, &found)));
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

/// Variant and size of each table.
fn tables(summary: &Summary) -> BTreeSet<(String, String)> {
    summary.cells().map(|cell| (cell.variant.clone(), cell.size.clone())).collect()
}
