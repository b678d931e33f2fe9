//! One measurement at a time, since two at once would disturb each other.

use super::folder;
use crate::host::cache::Cache;
use crate::host::paths::Paths;
use anyhow::{Context, Result};
use std::fs::File;

/// The lock of whoever measures.
const MEASURING: &str = "measuring";

/// Keeps other runs of this user from measuring, where none does now; never waits.
///
/// # Errors
/// When the cache folder cannot be used.
pub fn at_once(paths: &Paths) -> Result<Option<File>> {
    Cache::open(paths).try_lock(MEASURING)
}

/// Waits until no other run of this user measures, and removes the artifacts that a run which
/// was killed has left. The lock ends with the file.
///
/// # Errors
/// When the cache folder cannot be used, or old artifacts cannot be removed.
pub fn wait(paths: &Paths) -> Result<File> {
    let lock = Cache::open(paths).lock_while(MEASURING, "another run measures on this machine")?;
    let artifacts = folder::artifacts_of_every_run(paths);
    if artifacts.exists() {
        std::fs::remove_dir_all(&artifacts).with_context(|| format!("removing {}", artifacts.display()))?;
    }
    Ok(lock)
}
