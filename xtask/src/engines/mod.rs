//! The engines: what the catalogue says of each, what its build needs, and whether it can be measured here.

mod build;
mod build_cost;
mod catalogue;
mod needs;
mod patched;
mod recipe;

use crate::host::paths::Paths;
use anyhow::{Context, Result};
use bench::plan::{EngineSpec, Input, WorkerCommand, workers_file};
use bench::process::Client;
pub use build::Build;
pub use build_cost::BuildCost;
pub use catalogue::{Configuration, Family, InputName, names, read};
use needs::{Fetch, Missing};
use recipe::Recipe;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A configuration and its state.
#[derive(Clone, Debug)]
pub struct Engine {
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
    /// It cannot be had here, and what would help.
    Unavailable(Missing),
}

impl Engine {
    /// The engine as the instrument knows it, where it can be measured.
    pub fn ready(&self) -> Option<&EngineSpec> {
        match &self.state {
            State::Ready(spec) => Some(spec),
            State::NotBuilt | State::Unavailable(_) => None,
        }
    }
}

/// The state of the configurations called `wanted`; with [`Build::Yes`] their workers are built.
///
/// # Errors
/// When the cache folder cannot be used. What cannot be had is no error but a state.
pub fn prepare(families: &[Family], wanted: &[&str], paths: &Paths, build: Build) -> Result<Vec<Engine>> {
    let mut engines = Vec::new();
    for family in families {
        let chosen = |one: &&Configuration| wanted.contains(&one.name.as_str());
        let chosen: Vec<&Configuration> = family.configurations.iter().filter(chosen).collect();
        if !chosen.is_empty() {
            engines.extend(prepare_family(family, &chosen, paths, build)?);
        }
    }
    Ok(engines)
}

/// Lists the workers of the engines that are ready, for the conformance suite and `cargo bench`,
/// and gives the list's file.
///
/// # Errors
/// When the file cannot be written.
pub fn list(engines: &[Engine], paths: &Paths) -> Result<PathBuf> {
    let file = paths.generated.join(workers_file::FILE);
    let ready: Vec<EngineSpec> = engines.iter().filter_map(Engine::ready).cloned().collect();
    workers_file::write(&file, &ready).with_context(|| format!("writing {}", file.display()))?;
    Ok(file)
}

fn prepare_family(
    family: &Family,
    chosen: &[&Configuration],
    paths: &Paths,
    build: Build,
) -> Result<Vec<Engine>> {
    let fetch = if build == Build::Yes { Fetch::Yes } else { Fetch::No };
    let recipe = Recipe::of(family, paths, fetch)?;
    let possible = recipe.missing.len() < family.configurations.len();
    let worker = if possible { build::worker(family, &recipe, paths, build)? } else { Ok(None) };
    let state = |configuration: &Configuration| -> State {
        if let Some((_, lack)) = recipe.missing.iter().find(|(name, _)| *name == configuration.name) {
            return State::Unavailable(lack.clone());
        }
        match &worker {
            Ok(Some(worker)) => greet(configuration, worker),
            Ok(None) => State::NotBuilt,
            Err(lack) => State::Unavailable(lack.clone()),
        }
    };
    let engine = |configuration: &&Configuration| Engine {
        homepage: family.homepage.clone(),
        configuration: (*configuration).clone(),
        state: state(configuration),
    };
    Ok(chosen.iter().map(engine).collect())
}

/// The commands that lint and test a family's worker by the workspace's rules; `None` where what
/// it needs is not here. A family without tests of its own has the conformance suite alone, and
/// no second build of its runtime.
///
/// # Errors
/// When the cache folder cannot be used or a crate cannot be fetched.
pub fn checks(family: &Family, paths: &Paths) -> Result<Option<Vec<Command>>> {
    let recipe = Recipe::of(family, paths, Fetch::Yes)?;
    if recipe.missing.len() == family.configurations.len() {
        return Ok(None);
    }
    let mut clippy = build::command(family, "clippy", &recipe, paths)?;
    clippy.args(["--release", "--all-targets", "--", "-D", "warnings"]);
    let mut commands = vec![clippy];
    if build::files(family)?.iter().any(|file| has_tests(file)) {
        let mut test = build::command(family, "test", &recipe, paths)?;
        test.arg("--release");
        commands.push(test);
    }
    Ok(Some(commands))
}

fn has_tests(file: &Path) -> bool {
    std::fs::read_to_string(file).is_ok_and(|text| text.contains("#[test]"))
}

/// The longest wait for a worker's description.
const HELLO_LIMIT: Duration = Duration::from_secs(60);

/// Asks a worker what it is.
fn greet(configuration: &Configuration, worker: &Path) -> State {
    let worker = WorkerCommand::of(worker);
    match Client::describe(&worker, &configuration.name, HELLO_LIMIT) {
        Ok(hello) => State::Ready(Box::new(EngineSpec {
            name: configuration.name.clone(),
            configuration: configuration.name.clone(),
            worker,
            baseline: false,
            usual_control: false,
            input: match configuration.input {
                InputName::Wasm => Input::Wasm,
                InputName::NativeBaseline => Input::NativeBaseline,
                InputName::NativeHost => Input::NativeHost,
            },
            hello,
            entry: bench::plan::EngineEntry::Subject,
        })),
        Err(error) => State::Unavailable(Missing {
            reason: format!("its worker does not answer: {error:#}"),
            command: format!("{worker} {}  # then type {{\"request\":\"hello\"}}", configuration.name),
        }),
    }
}
