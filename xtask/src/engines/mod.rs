//! The engines: what the catalogue says of each, what its build needs, and whether it can be measured here.

mod build;
mod build_cost;
pub mod build_folders;
mod catalogue;
mod check;
mod command;
mod greeting;
mod needs;
pub mod old_workers;
mod recipe;
mod runtime;
mod skeleton;

use crate::host::files;
use crate::host::paths::Paths;
use anyhow::{Context, Result};
use bench::plan::{EngineSpec, workers_file};
pub use build::Build;
pub use build_cost::BuildCost;
#[cfg(test)]
pub use catalogue::read_folder;
pub use catalogue::{names, read, read_named};
pub use check::ALL;
use needs::{Fetch, Lack, Unavailable};
use recipe::Recipe;
pub use runtime::{Configuration, InputName, Runtime};
pub use skeleton::write as write_skeleton;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A configuration and its state.
#[derive(Clone, Debug)]
pub struct PreparedEngine {
    /// Where people read about the runtime.
    pub homepage: String,
    /// What its folder says.
    pub configuration: Configuration,
    /// What was found.
    pub state: State,
}

/// Whether a configuration can be measured.
#[derive(Clone, Debug)]
pub enum State {
    /// Its worker is built and has answered.
    Ready(Box<EngineSpec>),
    /// Its worker is not built yet.
    NotBuilt,
    /// What its worker needs is not fetched yet, so that it is not built either.
    NotFetched {
        /// What would be downloaded; `None` where its folder does not say.
        download_bytes: Option<u64>,
    },
    /// It cannot be had here, and what would help.
    Unavailable(Unavailable),
}

impl PreparedEngine {
    /// The engine as the instrument knows it, where it can be measured.
    pub fn ready(&self) -> Option<&EngineSpec> {
        match &self.state {
            State::Ready(spec) => Some(spec),
            State::NotBuilt | State::NotFetched { .. } | State::Unavailable(_) => None,
        }
    }
}

/// The state of the configurations called `wanted`; with [`Build::Yes`] their workers are built.
///
/// # Errors
/// When the cache folder cannot be used. What cannot be had is no error but a state.
pub fn prepare(
    runtimes: &[Runtime],
    wanted: &[&str],
    paths: &Paths,
    build: Build,
) -> Result<Vec<PreparedEngine>> {
    let mut engines = Vec::new();
    for runtime in runtimes {
        let chosen = |one: &&Configuration| wanted.contains(&one.name.as_str());
        let chosen: Vec<&Configuration> = runtime.configurations.iter().filter(chosen).collect();
        if !chosen.is_empty() {
            engines.extend(prepare_runtime(runtime, &chosen, paths, build)?);
        }
    }
    build_folders::say_what_they_take(paths);
    Ok(engines)
}

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

fn prepare_runtime(
    runtime: &Runtime,
    chosen: &[&Configuration],
    paths: &Paths,
    build: Build,
) -> Result<Vec<PreparedEngine>> {
    let fetch = if build == Build::Yes { Fetch::Yes } else { Fetch::No };
    let recipe = Recipe::of(runtime, paths, fetch)?;
    let possible = recipe.lacking.len() < runtime.configurations.len();
    let worker = if possible { build::worker(runtime, &recipe, paths, build)? } else { Ok(None) };
    let state = |configuration: &Configuration| -> Result<State> {
        match recipe.lacking.iter().find(|(name, _)| *name == configuration.name) {
            Some((_, Lack::NotFetched)) => return not_fetched(runtime, configuration, paths),
            Some((_, Lack::Unavailable(unavailable))) => return Ok(State::Unavailable(unavailable.clone())),
            None => {}
        }
        Ok(match &worker {
            Ok(Some(worker)) => match greeting::greet(runtime, configuration, worker) {
                Ok(spec) => State::Ready(Box::new(spec)),
                Err(unavailable) => State::Unavailable(unavailable),
            },
            Ok(None) => State::NotBuilt,
            Err(unavailable) => State::Unavailable(unavailable.clone()),
        })
    };
    let engine = |configuration: &&Configuration| {
        Ok(PreparedEngine {
            homepage: runtime.homepage.clone(),
            configuration: (*configuration).clone(),
            state: state(configuration)?,
        })
    };
    chosen.iter().map(engine).collect()
}

/// The state of a configuration that something must be fetched for, which was not allowed now.
fn not_fetched(runtime: &Runtime, configuration: &Configuration, paths: &Paths) -> Result<State> {
    let needs = runtime.needs.iter().filter(|need| configuration.needs.contains(&need.name));
    Ok(match needs::to_download(needs, &runtime.folder, paths)? {
        Ok(download_bytes) => State::NotFetched { download_bytes },
        Err(unavailable) => State::Unavailable(unavailable),
    })
}

/// The commands that lint and test a runtime's worker by the workspace's rules, none for one that cargo
/// does not build; `None` where what it needs is not here. A worker without tests of its own has the
/// conformance suite alone, and no second build.
///
/// # Errors
/// When the cache folder cannot be used.
pub fn checks(runtime: &Runtime, paths: &Paths) -> Result<Option<Vec<Command>>> {
    if !runtime.is_built_by_cargo() {
        return Ok(Some(Vec::new()));
    }
    let recipe = Recipe::of(runtime, paths, Fetch::Yes)?;
    if recipe.lacking.len() == runtime.configurations.len() {
        return Ok(None);
    }
    let mut clippy = build::cargo_command(runtime, "clippy", &recipe, paths);
    // The workspace's rules, wherever the folder lies.
    clippy.env("CLIPPY_CONF_DIR", &paths.root);
    clippy.args(["--release", "--all-targets", "--", "-D", "warnings"]);
    let mut commands = vec![clippy];
    if files::sources(&runtime.folder)?.iter().any(|file| has_tests(file)) {
        let mut test = build::cargo_command(runtime, "test", &recipe, paths);
        test.arg("--release");
        commands.push(test);
    }
    Ok(Some(commands))
}

fn has_tests(file: &Path) -> bool {
    std::fs::read_to_string(file).is_ok_and(|text| text.contains("#[test]"))
}

#[cfg(test)]
mod tests;
