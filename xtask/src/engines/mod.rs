//! The engines: what the catalogue says of each, what its build needs, and whether it can be measured here.

pub mod browser;
mod build;
mod build_cost;
pub mod build_folders;
mod catalogue;
mod check;
mod command;
mod embedding;
mod engine_option;
mod engine_version;
mod greeting;
mod needs;
pub mod old_workers;
mod options;
mod preparing;
mod recipe;
mod runtime;
mod skeleton;
mod state;
mod time_left;
pub mod versions;
mod wanted;
mod workers;

use crate::host::files;
use crate::host::paths::Paths;
use anyhow::{Context, Result};
use bench::plan::{EngineSpec, workers_file};
pub use build::Build;
pub use build_cost::BuildCost;
#[cfg(test)]
pub use catalogue::read_folder;
pub use catalogue::{names, read, read_for, read_named};
pub use check::ALL;
pub use embedding::facts as embedding_facts;
pub use engine_option::{EngineOption, ThreadValues};
use needs::Fetch;
pub use options::{add, normalised, with_threads};
pub use preparing::{fetch, prepare, prepare_each};
use recipe::Recipe;
pub use runtime::{Configuration, InputName, Runtime};
pub use skeleton::write as write_skeleton;
pub use state::{PreparedEngine, State};
use std::path::{Path, PathBuf};
use std::process::Command;
pub use time_left::TimeLeft;
pub use wanted::{Wanted, WasiUse};

/// Lists the workers of the engines that are ready, for `cargo bench`, and gives the list's file.
///
/// # Errors
/// When the file cannot be written.
pub fn list(engines: &[PreparedEngine], paths: &Paths) -> Result<PathBuf> {
    list_in(engines, paths.generated.join(workers_file::FILE))
}

/// As [`list`], in another file, for the conformance suite.
///
/// # Errors
/// When the file cannot be written.
pub fn list_in(engines: &[PreparedEngine], file: PathBuf) -> Result<PathBuf> {
    std::fs::create_dir_all(file.parent().unwrap_or(&file))?;
    let ready: Vec<EngineSpec> = engines.iter().filter_map(PreparedEngine::ready).cloned().collect();
    workers_file::write(&file, &ready).with_context(|| format!("writing {}", file.display()))?;
    Ok(file)
}

/// The commands that lint and test a runtime's workers by the workspace's rules, none for one that cargo
/// does not build; `None` where what it needs is not here. A worker without tests of its own has the
/// conformance suite alone, and no second build.
///
/// # Errors
/// When the cache folder cannot be used.
pub fn checks(runtime: &Runtime, paths: &Paths) -> Result<Option<Vec<Command>>> {
    if !runtime.is_built_by_cargo() {
        return Ok(Some(Vec::new()));
    }
    let every: Vec<&Configuration> = runtime.configurations.iter().collect();
    let recipe = Recipe::of(runtime, &every, paths, Fetch::Yes)?;
    if recipe.is_impossible(&every) {
        return Ok(None);
    }
    let mut commands = Vec::new();
    let has_tests = files::sources(&runtime.folder)?.iter().any(|file| has_tests(file));
    // Each of its workers leaves out what only the other one has.
    for recipe in [Some(&recipe), recipe.with_wasi(runtime).as_ref()].into_iter().flatten() {
        let mut clippy = build::cargo_command(runtime, "clippy", recipe, paths)?;
        // The workspace's rules, wherever the folder lies.
        clippy.env("CLIPPY_CONF_DIR", &paths.root);
        clippy.args(["--release", "--all-targets", "--", "-D", "warnings"]);
        commands.push(clippy);
        if has_tests {
            let mut test = build::cargo_command(runtime, "test", recipe, paths)?;
            test.arg("--release");
            commands.push(test);
        }
    }
    Ok(Some(commands))
}

fn has_tests(file: &Path) -> bool {
    std::fs::read_to_string(file).is_ok_and(|text| text.contains("#[test]"))
}

#[cfg(test)]
mod tests;
