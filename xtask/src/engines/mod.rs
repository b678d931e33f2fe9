//! The engine families: what the folders of `bench/engines` say of themselves, and the state of
//! each configuration. No family is known by name here: adding one is adding a folder.

pub mod build;
pub mod needs;
pub mod patched;

use crate::host::paths::Paths;
use anyhow::{Context, Result};
use bench::plan::{EngineSpec, Input};
use bench::roster;
use bench::worker::Worker;
use needs::{Fetch, Missing, Provided};
use patched::Patched;
use protocol::Hello;
use protocol::message::{Reply, Request};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// An engine folder: what must be known before its worker is built.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// The folder's name.
    #[serde(skip)]
    pub name: String,
    /// The folder.
    #[serde(skip)]
    pub folder: PathBuf,
    /// Where people read about the runtime.
    pub homepage: String,
    /// Its configurations, in the order in which tables show them.
    #[serde(rename = "configuration")]
    pub configurations: Vec<Configuration>,
    /// Registry crates that it needs changed.
    #[serde(default)]
    pub patched: Vec<Patched>,
}

/// One way to run a runtime.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// Its name, such as `wasmer-llvm`.
    pub name: String,
    /// The licence of what is measured.
    pub licence: String,
    /// What its build needs besides Rust.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Cargo features of the worker.
    #[serde(default)]
    pub features: Vec<String>,
    /// What the worker opens.
    #[serde(default)]
    pub input: InputName,
}

/// [`Input`] as `engine.toml` writes it.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InputName {
    /// The wasm file.
    #[default]
    Wasm,
    /// The native library for the oldest CPU.
    NativeBaseline,
    /// The native library for this machine's CPU.
    NativeHost,
}

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

/// Whether workers that are missing are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    /// Build them, and fetch what that needs.
    Yes,
    /// Only look.
    No,
}

/// Reads every family's `engine.toml`, native code first, then by name.
///
/// # Errors
/// When a folder's file cannot be read; the message names it.
pub fn read(paths: &Paths) -> Result<Vec<Family>> {
    let engines = paths.engines();
    let mut families = Vec::new();
    for entry in std::fs::read_dir(&engines).with_context(|| format!("reading {}", engines.display()))? {
        let folder = entry?.path();
        let file = folder.join("engine.toml");
        if !file.is_file() {
            continue;
        }
        let text = std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        let mut family: Family =
            toml::from_str(&text).with_context(|| format!("understanding {}", file.display()))?;
        family.name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        family.folder = folder;
        families.push(family);
    }
    let runs_wasm = |family: &Family| {
        family.configurations.iter().all(|configuration| matches!(configuration.input, InputName::Wasm))
    };
    families.sort_by_key(|family| (runs_wasm(family), family.name.clone()));
    Ok(families)
}

/// The names of every configuration, in catalogue order.
pub fn names(families: &[Family]) -> Vec<&str> {
    families.iter().flat_map(|family| &family.configurations).map(|one| one.name.as_str()).collect()
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
    let file = paths.generated.join(roster::FILE);
    let ready: Vec<EngineSpec> = engines.iter().filter_map(Engine::ready).cloned().collect();
    roster::write(&file, &ready).with_context(|| format!("writing {}", file.display()))?;
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

/// What goes into a family's build besides its folder.
pub struct Recipe {
    features: Vec<String>,
    provided: Vec<Provided>,
    /// Configurations whose needs are missing.
    missing: Vec<(String, Missing)>,
}

impl Recipe {
    /// All configurations of a family share one worker program, so the features of every one that
    /// can be had go into it, whether it is chosen or not: another choice is then no other build.
    fn of(family: &Family, paths: &Paths, fetch: Fetch) -> Result<Recipe> {
        let mut recipe = Recipe { features: Vec::new(), provided: Vec::new(), missing: Vec::new() };
        for configuration in &family.configurations {
            match meet(&configuration.needs, paths, fetch)? {
                Ok(met) => {
                    recipe.features.extend(configuration.features.iter().cloned());
                    recipe.provided.extend(met);
                }
                Err(lack) => recipe.missing.push((configuration.name.clone(), lack)),
            }
        }
        recipe.features.sort_unstable();
        recipe.features.dedup();
        Ok(recipe)
    }
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
    let mut clippy = build::cargo(family, "clippy", &recipe, paths)?;
    clippy.args(["--release", "--all-targets", "--", "-D", "warnings"]);
    let mut commands = vec![clippy];
    if build::files(family)?.iter().any(|file| has_tests(file)) {
        let mut test = build::cargo(family, "test", &recipe, paths)?;
        test.arg("--release");
        commands.push(test);
    }
    Ok(Some(commands))
}

fn has_tests(file: &Path) -> bool {
    std::fs::read_to_string(file).is_ok_and(|text| text.contains("#[test]"))
}

fn meet(needs: &[String], paths: &Paths, fetch: Fetch) -> Result<Result<Vec<Provided>, Missing>> {
    let mut provided = Vec::new();
    for need in needs {
        match needs::resolve(need, paths, fetch)? {
            Ok(met) => provided.push(met),
            Err(lack) => return Ok(Err(lack)),
        }
    }
    Ok(Ok(provided))
}

/// Asks a worker what it is.
fn greet(configuration: &Configuration, worker: &Path) -> State {
    match hello(&configuration.name, worker) {
        Ok(hello) => State::Ready(Box::new(EngineSpec {
            name: configuration.name.clone(),
            configuration: configuration.name.clone(),
            worker: worker.to_owned(),
            input: match configuration.input {
                InputName::Wasm => Input::Wasm,
                InputName::NativeBaseline => Input::NativeBaseline,
                InputName::NativeHost => Input::NativeHost,
            },
            hello,
            planted: false,
        })),
        Err(error) => State::Unavailable(Missing {
            reason: format!("its worker does not answer: {error:#}"),
            command: format!(
                "{} {}  # then type {{\"request\":\"hello\"}}",
                worker.display(),
                configuration.name
            ),
        }),
    }
}

fn hello(configuration: &str, worker: &Path) -> Result<Hello> {
    let mut worker = Worker::start(worker, configuration, Duration::from_secs(60))?;
    let mut hello = None;
    worker.ask(&Request::Hello, |reply| {
        if let Reply::Hello(said) = reply {
            hello = Some(said);
        }
    })?;
    hello.context("it said no hello")
}
