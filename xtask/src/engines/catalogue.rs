//! What engine folders say of themselves: those of `bench/engines`, and those that the user names. No
//! engine is known by name here: adding one is adding a folder.

use super::check;
use super::runtime::Runtime;
use crate::host::paths::Paths;
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The file that makes a folder an engine folder.
pub const FILE: &str = "engine.toml";

/// Reads the `engine.toml` in `folder`.
///
/// # Errors
/// When it cannot be read or says something that cannot be; the message names it.
pub fn read_folder(folder: &Path) -> Result<Runtime> {
    let file = folder.join(FILE);
    let text = std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    let understanding = || format!("understanding {}", file.display());
    let mut runtime: Runtime = toml::from_str(&text).with_context(understanding)?;
    runtime.name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    runtime.folder = folder.to_owned();
    check::runtime(&runtime).with_context(understanding)?;
    Ok(runtime)
}

/// Reads every engine folder: those of the checkout and those that `paths` names.
///
/// # Errors
/// When a folder's file cannot be read, or two folders use the same name; the message names them.
pub fn read(paths: &Paths) -> Result<Vec<Runtime>> {
    let engines = paths.engines();
    let mut folders = BTreeSet::new();
    for entry in std::fs::read_dir(&engines).with_context(|| format!("reading {}", engines.display()))? {
        let folder = entry?.path();
        if folder.join(FILE).is_file() {
            folders.insert(canonical(&folder)?);
        }
    }
    for folder in &paths.engine_dirs {
        folders.insert(canonical(folder)?);
    }
    let runtimes = folders.iter().map(|folder| read_folder(folder)).collect::<Result<Vec<_>>>()?;
    sorted(runtimes)
}

/// Reads only the engine folders that `paths` names.
///
/// # Errors
/// As [`read`].
pub fn read_named(paths: &Paths) -> Result<Vec<Runtime>> {
    let folders: BTreeSet<PathBuf> =
        paths.engine_dirs.iter().map(|folder| canonical(folder)).collect::<Result<_>>()?;
    sorted(folders.iter().map(|folder| read_folder(folder)).collect::<Result<_>>()?)
}

fn canonical(folder: &Path) -> Result<PathBuf> {
    folder.canonicalize().with_context(|| format!("there is no engine folder {}", folder.display()))
}

fn sorted(mut runtimes: Vec<Runtime>) -> Result<Vec<Runtime>> {
    check::names(&runtimes)?;
    runtimes.sort_by_key(|runtime| (runtime.order, runtime.name.clone()));
    Ok(runtimes)
}

/// The names of every configuration, in catalogue order.
pub fn names(runtimes: &[Runtime]) -> Vec<&str> {
    runtimes.iter().flat_map(|runtime| &runtime.configurations).map(|one| one.name.as_str()).collect()
}
