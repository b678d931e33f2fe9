//! What each named step of a need does: looks for it on the system, makes what was fetched usable, and
//! says how that is used.

use super::need::{Need, Step};
use super::provided::Provided;
use super::{llvm, tools};
use crate::host::cache::Entry;
use anyhow::Result;
use std::path::Path;

/// What the system has of the need, where that is good enough.
pub fn on_system(need: &Need) -> Option<Provided> {
    match need.step? {
        Step::LlvmConfig => llvm::config_on_system(need),
        Step::LlvmCmake => llvm::cmake_on_system(need),
        Step::Wrapper => tools::on_system(need),
    }
}

/// Makes what was fetched into `tree` usable from where it is.
///
/// # Errors
/// When it is not what the step expects.
pub fn finish(need: &Need, tree: &Path) -> Result<()> {
    match need.step {
        Some(Step::LlvmConfig) => llvm::finish_config(need, tree),
        Some(Step::LlvmCmake) => llvm::finish_cmake(need, tree),
        Some(Step::Wrapper) => tools::finish(need, tree),
        None => Ok(()),
    }
}

/// How what was fetched is used.
pub fn provide(need: &Need, entry: &Entry) -> Provided {
    match need.step {
        Some(Step::LlvmConfig | Step::LlvmCmake) => llvm::provide(need, entry),
        Some(Step::Wrapper) => tools::provide(entry),
        None => Provided { identity: entry.identity(), ..Provided::default() },
    }
}
