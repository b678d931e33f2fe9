//! `failures.csv`: what has no reading, and why.

use super::cell::CellId;
use crate::plan::EngineEntry;
use protocol::{ErrorKind, Pass, Phase};
use serde::{Deserialize, Serialize};

/// `failures.csv`
pub const FAILURES_FILE: &str = "failures.csv";

/// The columns of `failures.csv`.
pub(super) const COLUMNS: [&str; 10] =
    ["round", "engine", "entry", "sample", "variant", "size", "pass", "phase", "kind", "reason"];

/// Whether something should have worked, or is not offered by the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The engine cannot do it, by design.
    Unsupported,
    /// It should have worked.
    Failed,
}

impl FailureKind {
    /// The kind of an error that a worker reported in `phase`: a module that an engine does not take
    /// is unsupported, and anything else should have worked.
    pub fn of(kind: ErrorKind, phase: Option<Phase>) -> FailureKind {
        match (kind, phase) {
            // Some engines look imports up when they compile.
            (ErrorKind::Unsupported, _)
            | (ErrorKind::Rejected, Some(Phase::AParse))
            | (ErrorKind::Rejected | ErrorKind::Link, Some(Phase::AbCompile)) => FailureKind::Unsupported,
            _ => FailureKind::Failed,
        }
    }
}

/// A line of `failures.csv`: a cell, or a part of one, that has no reading, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// The round, from 1; 0 is the survey before the first.
    pub round: u32,
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
    /// The pass that has no readings; every pass of a failed cell.
    pub pass: Pass,
    /// The phase where it ended, where one is known.
    pub phase: Option<Phase>,
    /// Unsupported or failed.
    pub kind: FailureKind,
    /// The engine's own words.
    pub reason: String,
}

impl Failure {
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
