//! One measurement at a time, since two at once would disturb each other, and none beside a build.

use super::folder;
use crate::host::exclusion::{self, Measuring};
use crate::host::paths::Paths;
use anyhow::{Context, Result};

/// Waits until no other run of this user builds or measures, and removes the artifacts that a run which
/// was killed has left.
///
/// # Errors
/// When the cache folder cannot be used, or old artifacts cannot be removed.
pub fn wait(paths: &Paths) -> Result<Measuring> {
    let alone = exclusion::measuring(paths)?;
    let artifacts = folder::artifacts_of_every_run(paths);
    if artifacts.exists() {
        std::fs::remove_dir_all(&artifacts).with_context(|| format!("removing {}", artifacts.display()))?;
    }
    Ok(alone)
}
