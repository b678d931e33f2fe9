//! `comparisons.csv`: every pair of engines on every sample, compared within groups of one table and
//! one phase.

use super::series::Series;
use super::summary::Summary;
use crate::machine::CALIBRATION;
use crate::record::{CellId, CsvRecord, EngineEntry};
use crate::stats::{self, ComparedPair, Comparison, ComparisonGroup, GroupName};
use protocol::{Pass, Phase};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// `comparisons.csv`
pub const COMPARISONS_FILE: &str = "comparisons.csv";

/// The phases that are compared, with the pass that reads each.
pub const COMPARED: [(Pass, Phase); 5] = [
    (Pass::Jit, Phase::Jit),
    (Pass::Aot, Phase::AotCompile),
    (Pass::Run, Phase::AotExecute),
    (Pass::WarmInstantiate, Phase::CInstantiateWarm),
    (Pass::WarmCall, Phase::DCallWarm),
];

/// A pair of engines on a sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnginePair {
    /// The sample.
    pub sample: String,
    /// The engine whose time is the numerator of the ratio.
    pub engine: String,
    /// The engine that it is compared with.
    pub other: String,
}

/// A line of `comparisons.csv`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparisonRow {
    /// The tests that were corrected together: variant, size, sample and phase.
    pub group: String,
    /// The sample.
    pub sample: String,
    /// The engine whose time is the numerator of the ratio.
    pub engine: String,
    /// What both engines are entered as: `subject`, since controls only give the noise floor.
    pub entry: EngineEntry,
    /// The engine that it is compared with.
    pub other: String,
    /// Rounds that both have.
    pub rounds: Option<usize>,
    /// The engine's time divided by the other's.
    pub ratio: Option<f64>,
    /// The lower end of its 95% interval.
    pub low_ratio: Option<f64>,
    /// The upper end.
    pub high_ratio: Option<f64>,
    /// The p value after Holm's correction over the group.
    pub adjusted_p: Option<f64>,
    /// The difference that identical engines showed in this group, in percent.
    pub noise_floor_percent: Option<f64>,
    /// What may be said of the pair.
    pub verdict: String,
}

impl CsvRecord for ComparisonRow {
    const COLUMNS: &'static [&'static str] = &[
        "group",
        "sample",
        "engine",
        "entry",
        "other",
        "rounds",
        "ratio",
        "low_ratio",
        "high_ratio",
        "adjusted_p",
        "noise_floor_percent",
        "verdict",
    ];
}

/// Compares every pair of engines, one group for each variant, size, phase and sample: what people read
/// are the engines of one sample. Two that differ by no more than the fraction `equal_within` are equal.
pub fn comparison_groups(summary: &Summary, equal_within: f64) -> Vec<ComparisonGroup<EnginePair>> {
    let mut compared = Vec::new();
    for (variant, size) in tables(summary) {
        for (pass, phase) in COMPARED {
            let mut samples: BTreeMap<&str, Vec<(&CellId, &Series)>> = BTreeMap::new();
            let of_table = |cell: &&CellId| cell.variant == variant && cell.size == size;
            for cell in summary.cells().filter(of_table).filter(|cell| cell.engine != CALIBRATION) {
                let series = summary.cell(cell).and_then(|phases| phases.wall(pass, phase));
                samples.entry(&cell.sample).or_default().extend(series.map(|series| (cell, series)));
            }
            for (sample, cells) in samples {
                let (pairs, controls) = pairs(&cells);
                if !pairs.is_empty() {
                    let (table, sample) = (format!("{variant}, {size}"), Some(sample.to_owned()));
                    let group = GroupName { table, sample, phase };
                    compared.push(stats::compare_group(group, pairs, &controls, equal_within));
                }
            }
        }
    }
    compared
}

type Tested = (EnginePair, Option<Comparison>);

/// The pairs of different engines on one sample, and the controls.
fn pairs(cells: &[(&CellId, &Series)]) -> (Vec<Tested>, Vec<Comparison>) {
    let (mut tested, mut controls) = (Vec::new(), Vec::new());
    for (cell, series) in cells {
        for (other, theirs) in cells {
            let comparison = || series.compare(theirs);
            if !cell.is_subject() {
                continue;
            } else if cell.engine == other.engine && other.entry == EngineEntry::Control {
                controls.extend(comparison());
            } else if cell.engine < other.engine && other.is_subject() {
                let pair = EnginePair {
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
pub fn comparison_rows(comparison_groups: &[ComparisonGroup<EnginePair>]) -> Vec<ComparisonRow> {
    let rows_of = |group: &ComparisonGroup<EnginePair>| -> Vec<ComparisonRow> {
        let row = |pair: &ComparedPair<EnginePair>| ComparisonRow {
            group: group.name.to_string(),
            sample: pair.key.sample.clone(),
            engine: pair.key.engine.clone(),
            entry: EngineEntry::Subject,
            other: pair.key.other.clone(),
            rounds: pair.comparison.map(|comparison| comparison.rounds),
            ratio: pair.comparison.map(|comparison| comparison.ratio),
            low_ratio: pair.comparison.map(|comparison| comparison.low),
            high_ratio: pair.comparison.map(|comparison| comparison.high),
            adjusted_p: pair.adjusted_p,
            noise_floor_percent: group.noise_floor_percent,
            verdict: pair.verdict.to_string(),
        };
        group.pairs.iter().map(row).collect()
    };
    comparison_groups.iter().flat_map(rows_of).collect()
}

/// Variant and size of each table.
fn tables(summary: &Summary) -> BTreeSet<(String, String)> {
    summary.cells().map(|cell| (cell.variant.clone(), cell.size.clone())).collect()
}
