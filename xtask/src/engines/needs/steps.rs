//! What each named step of a need does: looks for it on the system, makes what was fetched usable, and
//! says how that is used.

use super::need::{Need, NeedStep};
use super::provided::Provided;
use super::{llvm, tools};
use crate::host::cache::CacheEntry;
use anyhow::Result;
use std::path::Path;

/// What the system has of the need, where that is good enough.
pub fn on_system(need: &Need) -> Option<Provided> {
    match need.step? {
        NeedStep::LlvmConfig => llvm::config_on_system(need),
        NeedStep::LlvmCmake => llvm::cmake_on_system(need),
        NeedStep::Wrapper => tools::on_system(need),
    }
}

/// Makes what was fetched into `tree` usable from where it is.
///
/// # Errors
/// When it is not what the step expects.
pub fn finish(need: &Need, tree: &Path) -> Result<()> {
    match need.step {
        Some(NeedStep::LlvmConfig) => llvm::finish_config(need, tree),
        Some(NeedStep::LlvmCmake) => llvm::finish_cmake(need, tree),
        Some(NeedStep::Wrapper) => tools::finish(need, tree),
        None => Ok(()),
    }
}

/// How what was fetched is used.
pub fn provide(need: &Need, entry: &CacheEntry) -> Provided {
    match need.step {
        Some(NeedStep::LlvmConfig | NeedStep::LlvmCmake) => llvm::provide(need, entry),
        Some(NeedStep::Wrapper) => tools::provide(entry),
        None => Provided { identity: entry.identity(), ..Provided::default() },
    }
}
