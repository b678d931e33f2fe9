//! What a record is about: an engine on a case.

use crate::plan::{Case, EngineEntry, EngineSpec};

/// Names one cell: an engine on a case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellId {
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
}

impl CellId {
    /// The cell of `engine` on `case`.
    pub fn of(engine: &EngineSpec, case: &Case) -> CellId {
        CellId {
            engine: engine.name.clone(),
            entry: engine.entry,
            sample: case.sample.clone(),
            variant: case.variant.clone(),
            size: case.size.clone(),
        }
    }

    /// Whether its engine is entered as a subject.
    pub fn is_subject(&self) -> bool {
        self.entry.is_subject()
    }
}
