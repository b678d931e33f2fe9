//! `empty-calls.csv`: what a call costs each engine that does nothing.

use super::csv_file::CsvRecord;
use serde::{Deserialize, Serialize};

/// `empty-calls.csv`
pub const EMPTY_CALLS_FILE: &str = "empty-calls.csv";

/// A line of `empty-calls.csv`: calls between two clock readings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmptyCallReading {
    /// The engine's name.
    pub engine: String,
    /// The number of the process, from 1.
    pub process: u32,
    /// Calls in the reading.
    pub calls: u64,
    /// Wall time of the reading, in nanoseconds.
    pub wall_ns: u64,
}

impl CsvRecord for EmptyCallReading {
    const COLUMNS: &'static [&'static str] = &["engine", "process", "calls", "wall_ns"];
}
