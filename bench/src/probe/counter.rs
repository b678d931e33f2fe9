//! What a counter of instructions offers, whichever tool it uses.

use super::passes::Visit;
use crate::plan::{Case, EngineSpec};
use crate::process::{Client, WorkerError};
use protocol::Phase;

/// What was counted in one phase of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) phase: Phase,
    pub(crate) instructions: u64,
    pub(crate) cycles: Option<u64>,
}

/// Something that counts the instructions of a pass.
pub(crate) trait Counter {
    /// A worker that saves what the counted ones load.
    fn saver(&self, engine: &EngineSpec, case: &Case) -> Result<Client, WorkerError>;

    /// Counts in fresh processes, phase by phase: one list for each process.
    fn count(&mut self, visit: &Visit<'_>) -> Result<Vec<Vec<Counted>>, WorkerError>;

    /// The part of an error's message that is worth keeping.
    fn reason(&self, words: &str) -> String {
        words.to_owned()
    }

    /// Why nothing at all can be counted, once that is known.
    fn absent(&self) -> Option<&str> {
        None
    }
}
