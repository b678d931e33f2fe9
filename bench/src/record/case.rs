//! A case as a run's folder describes it: part of `run.json`.

use super::cell::CellId;
use crate::plan::{Case, EngineEntry};
use serde::{Deserialize, Serialize};

/// A case of the run: what is measured, without what a worker needs to open it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseFacts {
    /// The sample's name.
    pub sample: String,
    /// The wasm's variant.
    pub variant: String,
    /// The arguments' name.
    pub size: String,
    /// The sample's group in the catalogue; `own` for a module of the user's own, and empty where it is
    /// not known.
    #[serde(default)]
    pub group: String,
    /// Whether every warm call needs a fresh instance.
    #[serde(default)]
    pub fresh_instance: bool,
    /// The machine that measured it, from 1: the number of the run's part, where the run was merged from several.
    #[serde(default = "first")]
    pub machine: u32,
}

fn first() -> u32 {
    1
}

impl CaseFacts {
    /// The facts of `case`.
    pub fn of(case: &Case) -> CaseFacts {
        CaseFacts {
            sample: case.sample.clone(),
            variant: case.variant.clone(),
            size: case.size.clone(),
            group: case.group.clone(),
            fresh_instance: case.fresh_instance,
            machine: 1,
        }
    }

    /// The case of `cell`, without what only `run.json` knows.
    pub fn of_cell(cell: &CellId) -> CaseFacts {
        CaseFacts {
            sample: cell.sample.clone(),
            variant: cell.variant.clone(),
            size: cell.size.clone(),
            group: String::new(),
            fresh_instance: false,
            machine: 1,
        }
    }

    /// The cell of `engine`, entered as `entry`, on this case.
    pub fn cell(&self, engine: &str, entry: EngineEntry) -> CellId {
        CellId {
            engine: engine.to_owned(),
            entry,
            sample: self.sample.clone(),
            variant: self.variant.clone(),
            size: self.size.clone(),
        }
    }

    /// The cell of `engine`, entered as a subject, on this case.
    pub fn subject(&self, engine: &str) -> CellId {
        self.cell(engine, EngineEntry::Subject)
    }
}
