//! `samples.csv`: one line a reading.

use super::cell::CellId;
use super::csv_file::read_all;
use super::rounds::{ROUNDS_FILE, RoundState};
use crate::plan::EngineEntry;
use protocol::{Pass, Phase};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io;
use std::path::Path;

/// `samples.csv`
pub const READINGS_FILE: &str = "samples.csv";

/// The columns of `samples.csv`.
pub(super) const COLUMNS: [&str; 15] = [
    "round",
    "process",
    "engine",
    "entry",
    "sample",
    "variant",
    "size",
    "pass",
    "phase",
    "cycle",
    "iteration",
    "cold",
    "calls",
    "wall_ns",
    "cpu_ns",
];

/// A line of `samples.csv`: one reading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The round, from 1.
    pub round: u32,
    /// The worker process, numbered from 1 in the order of starting.
    pub process: u32,
    /// The engine's name.
    pub engine: String,
    /// What the engine is entered as: `subject`, `control` or `injected`.
    pub entry: EngineEntry,
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
    /// The cycle within the round, from 0: the readings of different engines in one cycle are
    /// neighbours in time.
    pub cycle: u32,
    /// The reading's number within its batch, from 0.
    pub iteration: u32,
    /// Whether it comes from the process's first pass of this kind, which also pays for page
    /// faults and one-time set-up. Summaries leave it out, but for passes that are meant to be cold.
    pub cold: bool,
    /// Repetitions that `wall_ns` and `cpu_ns` are the sum of.
    pub calls: u64,
    /// Wall time in nanoseconds.
    pub wall_ns: u64,
    /// Processor time in nanoseconds, where it is read.
    pub cpu_ns: Option<u64>,
}

impl Reading {
    /// The cell that it belongs to.
    pub fn cell(&self) -> CellId {
        CellId {
            engine: self.engine.clone(),
            entry: self.entry,
            sample: self.sample.clone(),
            variant: self.variant.clone(),
            size: self.size.clone(),
        }
    }
}

/// The readings in `folder` that count: those of disturbed rounds, which were repeated, are in
/// the file but not among them. Nor are those of a round that was cut short, unless no other was
/// finished: it was never compared, and has some blocks only.
///
/// # Errors
/// As [`read_all`].
pub fn read_used(folder: &Path) -> io::Result<Vec<Reading>> {
    let rounds: Vec<RoundState> = read_all(&folder.join(ROUNDS_FILE))?;
    let mut readings: Vec<Reading> = read_all(&folder.join(READINGS_FILE))?;
    if !rounds.is_empty() {
        let used: BTreeSet<u32> = rounds.iter().filter(|round| round.used).map(|round| round.round).collect();
        readings.retain(|reading| used.contains(&reading.round));
    }
    Ok(readings)
}
