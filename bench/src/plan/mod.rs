//! What is to be measured: engines, cases, and how much effort goes into each.

mod case;
mod effort;
mod engine;
mod features;
pub mod manifest;
mod shard;
mod signature;
pub mod workers_file;

pub use case::{Case, OWN};
pub use effort::Effort;
pub use engine::{EngineEntry, EngineSpec, Input, WorkerCommand};
pub use features::is_mvp;
pub use shard::Shard;
pub use signature::signature;

use std::path::PathBuf;

/// Everything that a run needs to know.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The engines.
    pub engines: Vec<EngineSpec>,
    /// The cases.
    pub cases: Vec<Case>,
    /// The effort.
    pub effort: Effort,
    /// Seed of the random order.
    pub seed: u64,
    /// Where artifacts go while they are needed.
    pub artifacts: PathBuf,
    /// The calibration kernel; without it the machine's level is not read.
    pub kernel: Option<PathBuf>,
}

impl Plan {
    /// The cases that are compared with each other, by their numbers: the variants of a sample, the modules of
    /// a comparison.
    pub fn comparison_groups(&self) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for (number, case) in self.cases.iter().enumerate() {
            let same = |group: &&mut Vec<usize>| self.cases[group[0]].comparison == case.comparison;
            match groups.iter_mut().find(same) {
                Some(group) => group.push(number),
                None => groups.push(vec![number]),
            }
        }
        groups
    }
}
