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
    /// It should have worked, and did so in earlier rounds, which count.
    FailedLate,
    /// The warm calls are not steady, or not known to be; no reading is missing.
    NotSteady,
    /// The machine lacked memory or disk space, which says nothing of the engine; earlier rounds count.
    Machine,
}

impl FailureKind {
    /// The kind of an error that a worker reported in `phase`. A module that an engine does not take is
    /// unsupported, unless it `is_mvp`: every engine has to take what needs nothing newer than the first
    /// release. Anything else should have worked.
    pub fn of(kind: ErrorKind, phase: Option<Phase>, is_mvp: impl FnOnce() -> bool) -> FailureKind {
        let unsupported = match (kind, phase) {
            // Some engines look imports up when they compile.
            (ErrorKind::Unsupported, _) | (ErrorKind::Link, Some(Phase::AbCompile)) => true,
            (ErrorKind::Rejected, Some(Phase::AParse | Phase::AbCompile)) => !is_mvp(),
            _ => false,
        };
        if unsupported { FailureKind::Unsupported } else { FailureKind::Failed }
    }

    /// Whether something went wrong: not what an engine does not offer, nor calls whose time changes.
    pub fn is_fault(self) -> bool {
        !matches!(self, FailureKind::Unsupported | FailureKind::NotSteady)
    }

    /// Whether the cell has no times at all.
    pub fn loses_all(self) -> bool {
        self == FailureKind::Failed
    }

    /// Whether the rounds before it count, and the cell has no more after it.
    pub fn ends_cell(self) -> bool {
        matches!(self, FailureKind::FailedLate | FailureKind::Machine)
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
    /// What kind of failure it is.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusing_a_module_of_the_first_release_is_a_failure_in_every_phase() {
        for phase in [Phase::AParse, Phase::AbCompile] {
            let of = |is_mvp| FailureKind::of(ErrorKind::Rejected, Some(phase), || is_mvp);
            assert_eq!((of(true), of(false)), (FailureKind::Failed, FailureKind::Unsupported));
        }
        // An artifact of the engine's own.
        let load = FailureKind::of(ErrorKind::Rejected, Some(Phase::CLoad), || false);
        assert_eq!(load, FailureKind::Failed);
        let said = FailureKind::of(ErrorKind::Unsupported, Some(Phase::CLoad), || true);
        assert_eq!(said, FailureKind::Unsupported);
    }
}
