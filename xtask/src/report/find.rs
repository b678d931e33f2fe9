//! Which run is meant: a folder, a folder's name among the results, or the newest.

use anyhow::{Result, bail};
use bench::record::{RUN_FILE, Run};
use std::path::{Path, PathBuf};

/// How many of the newest runs a message names.
const NAMED: usize = 3;

/// The folder of the run that `wanted` names: a path, or a name in `results`. Without one the newest in
/// `results`, where `counts` tells by the name which folders are looked at.
///
/// # Errors
/// When there is no such run; the message names the newest that there are.
pub fn run(wanted: Option<&Path>, results: &Path, counts: impl Fn(&str) -> bool) -> Result<PathBuf> {
    let Some(wanted) = wanted else {
        let newest = newest(results, counts).into_iter().next();
        let Some((_, newest)) = newest else {
            bail!("there is no run in {}; `cargo xtask bench` makes one", results.display());
        };
        return Ok(results.join(newest));
    };
    let named = results.join(wanted);
    let places = [wanted, &named];
    let is_run = |folder: &&&Path| folder.join(RUN_FILE).exists();
    let found = places.iter().find(is_run).or_else(|| places.iter().find(|place| place.exists()));
    let Some(folder) = found else {
        let names: Vec<String> = newest(results, counts).into_iter().take(NAMED).map(|run| run.1).collect();
        let there = match names.as_slice() {
            [] => format!("there is none in {}", results.display()),
            names => format!("the newest in {} are {}", results.display(), names.join(", ")),
        };
        bail!("there is no run {}: no such folder here, and {there}", wanted.display());
    };
    if !folder.is_dir() {
        bail!("{} is a file; name the folder of a run", folder.display());
    }
    if !folder.join(RUN_FILE).exists() {
        bail!("{} is no run: it has no {RUN_FILE}", folder.display());
    }
    Ok(folder.to_path_buf())
}

/// The folders of all runs in `results`.
pub fn every(results: &Path, counts: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    newest(results, counts).into_iter().map(|(_, name)| results.join(name)).collect()
}

/// The runs in `results`, the newest first: when each began, and the name of its folder. A folder whose
/// `run.json` cannot be read counts as the oldest.
fn newest(results: &Path, counts: impl Fn(&str) -> bool) -> Vec<(Option<String>, String)> {
    let entries = std::fs::read_dir(results).into_iter().flatten().flatten();
    let mut runs: Vec<(Option<String>, String)> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let file = entry.path().join(RUN_FILE);
            (file.exists() && counts(&name)).then(|| (started(&file), name))
        })
        .collect();
    runs.sort_by(|a, b| b.cmp(a));
    runs
}

fn started(file: &Path) -> Option<String> {
    let run: Run = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
    Some(run.started_utc)
}
