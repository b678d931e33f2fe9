//! The folders of a run: one for its results, and one for the artifacts that it makes meanwhile.

use super::describe::now_utc;
use crate::host::paths::Paths;
use anyhow::{Context, Result, bail};
use bench::record::READINGS_FILE;
use bench::record::RUN_FILE;
use std::path::{Path, PathBuf};

/// A folder of the run's own, named by `prefix` and the time.
///
/// # Errors
/// When it cannot be made.
pub fn new_run_folder(paths: &Paths, prefix: &str) -> Result<PathBuf> {
    // Colons are awkward in file names.
    let now = format!("{prefix}{}", now_utc().replace(':', "-"));
    std::fs::create_dir_all(paths.results())
        .with_context(|| format!("creating {}", paths.results().display()))?;
    for attempt in 1.. {
        let name = if attempt == 1 { now.clone() } else { format!("{now}-{attempt}") };
        let folder = paths.results().join(name);
        match std::fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(|| format!("creating {}", folder.display())),
        }
    }
    bail!("no free name in {}", paths.results().display())
}

/// The folder `chosen` of the user's, made where it is not there.
///
/// # Errors
/// When it cannot be made.
pub fn chosen_folder(chosen: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(chosen).with_context(|| format!("creating {}", chosen.display()))?;
    std::path::absolute(chosen).with_context(|| format!("finding {}", chosen.display()))
}

/// Whether `folder` holds a run, finished or not.
pub fn holds_a_run(folder: &Path) -> bool {
    [RUN_FILE, READINGS_FILE].iter().any(|file| folder.join(file).exists())
}

/// Where runs keep artifacts while they are needed, each in a folder of its own.
pub fn artifacts_of_every_run(paths: &Paths) -> PathBuf {
    paths.generated.join("artifacts")
}

/// Where this process keeps artifacts while they are needed.
pub fn artifacts(paths: &Paths) -> PathBuf {
    artifacts_of_every_run(paths).join(std::process::id().to_string())
}
