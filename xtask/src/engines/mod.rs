//! The engines: what the catalogue says of each, what its build needs, and whether it can be measured here.

mod build;
mod build_cost;
pub mod build_folders;
mod catalogue;
mod check;
mod command;
mod forecast;
mod greeting;
mod needs;
pub mod old_workers;
mod recipe;
mod runtime;
mod skeleton;

use crate::host::files;
use crate::host::paths::Paths;
use anyhow::{Context, Result};
use bench::plan::{EngineSpec, WorkerCommand, workers_file};
pub use build::Build;
pub use build_cost::BuildCost;
#[cfg(test)]
pub use catalogue::read_folder;
pub use catalogue::{names, read, read_named};
pub use check::ALL;
pub use forecast::Forecast;
use needs::{Fetch, Lack, Unavailable};
use recipe::Recipe;
pub use runtime::{Configuration, InputName, Runtime};
pub use skeleton::write as write_skeleton;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

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
        /// What would be downloaded, about.
        download_bytes: u64,
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

/// Which engines are wanted, and what for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The names of the configurations.
    pub names: &'a [&'a str],
    /// The modules that they will run.
    pub modules: Modules,
    /// Whether workers that are missing are built.
    pub build: Build,
}

/// The modules that workers are for, as far as it decides which workers there are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modules {
    /// None imports WASI.
    WithoutWasi,
    /// All import WASI.
    WithWasi,
    /// Some do.
    Both,
}

impl Modules {
    /// The modules that `uses_wasi` tells of, one item each.
    pub fn of(uses_wasi: impl IntoIterator<Item = bool>) -> Modules {
        let (with, without): (Vec<bool>, Vec<bool>) = uses_wasi.into_iter().partition(|one| *one);
        match (with.is_empty(), without.is_empty()) {
            (true, _) => Modules::WithoutWasi,
            (false, true) => Modules::WithWasi,
            (false, false) => Modules::Both,
        }
    }
}

/// The state of the engines that are wanted, in the order of `runtimes`.
///
/// # Errors
/// When the cache folder cannot be used. What cannot be had is no error but a state.
pub fn prepare(runtimes: &[Runtime], wanted: Wanted<'_>, paths: &Paths) -> Result<Vec<PreparedEngine>> {
    prepare_each(runtimes, wanted, paths, |_| Ok(()))
}

/// As [`prepare`], the cheapest to build first; `ready` gets the engines of each runtime as soon as it is
/// prepared.
///
/// # Errors
/// As [`prepare`], and those of `ready`.
pub fn prepare_each(
    runtimes: &[Runtime],
    wanted: Wanted<'_>,
    paths: &Paths,
    mut ready: impl FnMut(&[PreparedEngine]) -> Result<()>,
) -> Result<Vec<PreparedEngine>> {
    let mut prepared = Vec::new();
    for (place, runtime) in by_cost(runtimes, wanted, paths)? {
        let engines = prepare_runtime(runtime, wanted, paths)?;
        ready(&engines)?;
        prepared.push((place, engines));
    }
    build_folders::say_what_they_take(paths);
    prepared.sort_by_key(|(place, _)| *place);
    Ok(prepared.into_iter().flat_map(|(_, engines)| engines).collect())
}

/// The runtimes of the engines that are wanted, each with its place in `runtimes`: those that are built
/// already, then the others, the cheapest first.
fn by_cost<'a>(
    runtimes: &'a [Runtime],
    wanted: Wanted<'_>,
    paths: &Paths,
) -> Result<Vec<(usize, &'a Runtime)>> {
    let mut costs = Vec::new();
    for (place, runtime) in runtimes.iter().enumerate().filter(|(_, one)| !chosen(one, wanted).is_empty()) {
        let cost = match wanted.build {
            Build::Yes => BuildCost::of(runtime, wanted, paths)?,
            Build::No => None,
        };
        costs.push((cost.map_or(Duration::ZERO, |cost| cost.waiting()), place, runtime));
    }
    costs.sort_by_key(|(cost, place, _)| (*cost, *place));
    Ok(costs.into_iter().map(|(_, place, runtime)| (place, runtime)).collect())
}

/// The configurations of `runtime` that are wanted.
fn chosen<'a>(runtime: &'a Runtime, wanted: Wanted<'_>) -> Vec<&'a Configuration> {
    runtime.configurations.iter().filter(|one| wanted.names.contains(&one.name.as_str())).collect()
}

/// Downloads what building the engines that are wanted takes, in the order in which they are built; for
/// a thread beside the builds. What cannot be had is said by [`prepare`], which asks for it again.
pub fn fetch(runtimes: &[Runtime], wanted: Wanted<'_>, paths: &Paths, stop: &AtomicBool) {
    let Ok(order) = by_cost(runtimes, wanted, paths) else { return };
    for (_, runtime) in order {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let configurations = chosen(runtime, wanted);
        let is_built = BuildCost::of(runtime, wanted, paths).is_ok_and(|cost| cost.is_none());
        if !is_built && Recipe::of(runtime, &configurations, paths, Fetch::Yes).is_ok() {
            build::fetch(runtime);
        }
    }
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

fn prepare_runtime(runtime: &Runtime, wanted: Wanted<'_>, paths: &Paths) -> Result<Vec<PreparedEngine>> {
    let configurations = chosen(runtime, wanted);
    let workers = Workers::of(runtime, &configurations, wanted, paths)?;
    let engine = |configuration: &&Configuration| {
        Ok(PreparedEngine {
            homepage: runtime.homepage.clone(),
            configuration: (*configuration).clone(),
            state: workers.state(runtime, configuration, paths)?,
        })
    };
    configurations.iter().map(engine).collect()
}

/// A worker: `Ok(None)` where it is missing and was not to be built.
type Found = Result<Option<WorkerCommand>, Unavailable>;

/// The workers of a runtime.
struct Workers {
    lacking: Vec<(String, Lack)>,
    worker: Found,
    /// The worker for modules with WASI, where that is another one.
    wasi: Option<WorkerCommand>,
}

impl Workers {
    fn of(
        runtime: &Runtime,
        configurations: &[&Configuration],
        wanted: Wanted<'_>,
        paths: &Paths,
    ) -> Result<Workers> {
        let recipe = recipe(runtime, configurations, wanted, paths)?;
        let mut workers = Workers { lacking: recipe.lacking.clone(), worker: Ok(None), wasi: None };
        if recipe.is_impossible(configurations) {
            return Ok(workers);
        }
        match recipe.with_wasi(runtime) {
            Some(with_wasi) if wanted.modules == Modules::WithWasi => {
                workers.worker = build::worker(runtime, &with_wasi, paths, wanted.build)?;
            }
            Some(with_wasi) => {
                workers.worker = build::worker(runtime, &recipe, paths, wanted.build)?;
                let build = if wanted.modules == Modules::Both { wanted.build } else { Build::No };
                // Where it cannot be built, the other one says that it has no WASI.
                workers.wasi = build::worker(runtime, &with_wasi, paths, build)?.ok().flatten();
            }
            None => workers.worker = build::worker(runtime, &recipe, paths, wanted.build)?,
        }
        Ok(workers)
    }

    fn state(&self, runtime: &Runtime, configuration: &Configuration, paths: &Paths) -> Result<State> {
        match self.lacking.iter().find(|(name, _)| *name == configuration.name) {
            Some((_, Lack::NotFetched)) => return not_fetched(runtime, configuration, paths),
            Some((_, Lack::Unavailable(unavailable))) => return Ok(State::Unavailable(unavailable.clone())),
            None => {}
        }
        Ok(match &self.worker {
            Ok(Some(worker)) => match greeting::greet(runtime, configuration, worker, self.wasi.as_ref()) {
                Ok(spec) => State::Ready(Box::new(spec)),
                Err(unavailable) => State::Unavailable(unavailable),
            },
            Ok(None) => State::NotBuilt,
            Err(unavailable) => State::Unavailable(unavailable.clone()),
        })
    }
}

/// The state of a configuration that something must be fetched for, which was not allowed now.
fn not_fetched(runtime: &Runtime, configuration: &Configuration, paths: &Paths) -> Result<State> {
    let needs = runtime.needs.iter().filter(|need| configuration.needs.contains(&need.name));
    Ok(match needs::to_download(needs, &runtime.folder, paths)? {
        Ok(download_bytes) => State::NotFetched { download_bytes },
        Err(unavailable) => State::Unavailable(unavailable),
    })
}

/// What goes into the worker of the `configurations`: those of the worker of all configurations where
/// that is built already, so that another choice is no other build.
fn recipe(
    runtime: &Runtime,
    configurations: &[&Configuration],
    wanted: Wanted<'_>,
    paths: &Paths,
) -> Result<Recipe> {
    let every: Vec<&Configuration> = runtime.configurations.iter().collect();
    let whole = Recipe::of(runtime, &every, paths, Fetch::No)?;
    let lacks = |one: &&Configuration| whole.lacking.iter().any(|(name, _)| *name == one.name);
    if !configurations.iter().any(lacks) {
        let main = if wanted.modules == Modules::WithWasi { whole.with_wasi(runtime) } else { None };
        let main = main.as_ref().unwrap_or(&whole);
        if build::worker(runtime, main, paths, Build::No)?.is_ok_and(|worker| worker.is_some()) {
            return Ok(whole);
        }
    }
    let fetch = if wanted.build == Build::Yes { Fetch::Yes } else { Fetch::No };
    Recipe::of(runtime, configurations, paths, fetch)
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
    let every: Vec<&Configuration> = runtime.configurations.iter().collect();
    let recipe = Recipe::of(runtime, &every, paths, Fetch::Yes)?;
    if recipe.is_impossible(&every) {
        return Ok(None);
    }
    let recipe = recipe.with_wasi(runtime).unwrap_or(recipe);
    let mut clippy = build::cargo_command(runtime, "clippy", &recipe, paths)?;
    // The workspace's rules, wherever the folder lies.
    clippy.env("CLIPPY_CONF_DIR", &paths.root);
    clippy.args(["--release", "--all-targets", "--", "-D", "warnings"]);
    let mut commands = vec![clippy];
    if files::sources(&runtime.folder)?.iter().any(|file| has_tests(file)) {
        let mut test = build::cargo_command(runtime, "test", &recipe, paths)?;
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
