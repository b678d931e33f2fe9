//! A change between two runs as a line of CSV, which `cargo xtask compare --csv` prints.

use super::CellChange;
use crate::record::CsvRecord;
use crate::stats::ChangeVerdict;
use protocol::{Pass, Phase};
use serde::{Deserialize, Serialize};

/// A change as a line of CSV.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangeRow {
    /// The engine's name.
    pub engine: String,
    /// The sample's name.
    pub sample: String,
    /// The wasm's variant.
    pub variant: String,
    /// The arguments' name.
    pub size: String,
    /// The kind of pass.
    pub pass: Pass,
    /// The phase or total.
    pub phase: Phase,
    /// The time in the first run, in nanoseconds.
    pub base_wall_ns: f64,
    /// The time in the second.
    pub new_wall_ns: f64,
    /// The second divided by the first.
    pub time_ratio: Option<f64>,
    /// The lower end of its own 95% interval, the machine's drift included.
    pub low_time_ratio: Option<f64>,
    /// The upper end.
    pub high_time_ratio: Option<f64>,
    /// What the times are divided by for the columns that follow.
    pub reference: Option<String>,
    /// Rounds of the first run that count.
    pub base_rounds: Option<usize>,
    /// Rounds of the second.
    pub new_rounds: Option<usize>,
    /// The second run's ratio to the reference divided by the first's.
    pub ratio: Option<f64>,
    /// The lower end of its corrected interval.
    pub low_ratio: Option<f64>,
    /// The upper end.
    pub high_ratio: Option<f64>,
    /// The p value after the correction over all changes.
    pub adjusted_p: Option<f64>,
    /// What the ratio of identical engines changed by in this phase, in percent.
    pub noise_floor_percent: Option<f64>,
    /// `slower`, `faster`, `same`, `not-resolved`, `too-few-rounds` or `no-reference`.
    pub verdict: String,
    /// How many rounds more in each run would decide what is not resolved.
    pub more_rounds: Option<usize>,
}

impl CsvRecord for ChangeRow {
    const COLUMNS: &'static [&'static str] = &[
        "engine",
        "sample",
        "variant",
        "size",
        "pass",
        "phase",
        "base_wall_ns",
        "new_wall_ns",
        "time_ratio",
        "low_time_ratio",
        "high_time_ratio",
        "reference",
        "base_rounds",
        "new_rounds",
        "ratio",
        "low_ratio",
        "high_ratio",
        "adjusted_p",
        "noise_floor_percent",
        "verdict",
        "more_rounds",
    ];
}

impl ChangeRow {
    /// The line of `change`.
    pub fn of(change: &CellChange) -> ChangeRow {
        let tested = &change.tested;
        let (verdict, more_rounds) = match tested.verdict {
            ChangeVerdict::Slower { .. } => ("slower", None),
            ChangeVerdict::Faster { .. } => ("faster", None),
            ChangeVerdict::Same { .. } => ("same", None),
            ChangeVerdict::NotResolved { more_rounds } => ("not-resolved", more_rounds),
            ChangeVerdict::TooFewRounds => ("too-few-rounds", None),
            ChangeVerdict::NoReference => ("no-reference", None),
        };
        ChangeRow {
            engine: change.cell.engine.clone(),
            sample: change.cell.sample.clone(),
            variant: change.cell.variant.clone(),
            size: change.cell.size.clone(),
            pass: change.pass,
            phase: change.phase,
            base_wall_ns: change.base_ns,
            new_wall_ns: change.new_ns,
            time_ratio: change.time.map(|time| time.ratio),
            low_time_ratio: change.time.map(|time| time.low),
            high_time_ratio: change.time.map(|time| time.high),
            reference: change.reference.clone(),
            base_rounds: tested.change.map(|one| one.rounds.0),
            new_rounds: tested.change.map(|one| one.rounds.1),
            ratio: change.ratio,
            low_ratio: tested.interval.map(|ends| ends.0),
            high_ratio: tested.interval.map(|ends| ends.1),
            adjusted_p: tested.adjusted_p,
            noise_floor_percent: change.noise_floor_percent,
            verdict: verdict.to_owned(),
            more_rounds,
        }
    }
}
