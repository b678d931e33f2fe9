//! `warm-up.csv`: the calls of a process, from its first one on, a reading a line.

use super::cell::CellId;
use super::csv_file::CsvRecord;
use crate::plan::EngineEntry;
use serde::{Deserialize, Serialize};

/// `warm-up.csv`
pub const WARM_UP_FILE: &str = "warm-up.csv";

/// A line of `warm-up.csv`: one call, or several between two clock readings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WarmUpReading {
    /// The engine's name.
    pub engine: String,
    /// The sample's name.
    pub sample: String,
    /// The wasm's variant.
    pub variant: String,
    /// The arguments' name.
    pub size: String,
    /// The number of the process, from 1. Its first call is read in a process of its own.
    pub process: u32,
    /// The number of the first call of the reading, from 1.
    pub call: u64,
    /// Calls in the reading.
    pub calls: u64,
    /// Wall time of the reading, in nanoseconds.
    pub wall_ns: u64,
}

impl WarmUpReading {
    /// The cell that it belongs to.
    pub fn cell(&self) -> CellId {
        CellId {
            engine: self.engine.clone(),
            entry: EngineEntry::Subject,
            sample: self.sample.clone(),
            variant: self.variant.clone(),
            size: self.size.clone(),
        }
    }

    /// Wall time of one call, in nanoseconds.
    pub fn call_ns(&self) -> f64 {
        self.wall_ns as f64 / self.calls as f64
    }
}

impl CsvRecord for WarmUpReading {
    const COLUMNS: &'static [&'static str] =
        &["engine", "sample", "variant", "size", "process", "call", "calls", "wall_ns"];
}
