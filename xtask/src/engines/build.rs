//! Builds the worker of a runtime: release, locked, in a target folder of its own, and keeps the
//! finished program in the cache folder under a key of everything that went into it, so that an
//! unchanged engine is never built twice and a changed one never mistaken for the old.

use super::build_folders;
use super::command;
use super::needs::{Provided, Unavailable, patch};
use super::old_workers;
use super::recipe::Recipe;
use super::runtime::Runtime;
use crate::host::cache::{Cache, CacheEntry, Holds};
use crate::host::paths::Paths;
use crate::host::{cargo, exclusion, files};
use anyhow::{Context, Result};
use bench::plan::WorkerCommand;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Room that building a runtime may take at its peak.
const NEEDED_BYTES: u64 = 200_000_000;

/// The name of the program that cargo builds.
const PROGRAM: &str = "worker";

/// What a worker in Rust is built with: the contract and the kit.
const CONTRACT_AND_KIT: [&str; 2] = ["bench/protocol", "bench/worker"];

/// Whether workers that are missing are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    /// Build them, and fetch what that needs.
    Yes,
    /// The same beside another build, which comes first: on the processors that it leaves idle.
    Beside,
    /// Only look.
    No,
}

impl Build {
    /// Whether anything is built.
    pub fn builds(self) -> bool {
        self != Build::No
    }
}

/// How the runtime's worker is started; it is built now where it is missing and that is asked for.
/// `Ok(None)` where it is missing and is not.
///
/// # Errors
/// The outer error: the cache folder cannot be used. The inner one: the build failed.
pub fn worker(
    runtime: &Runtime,
    recipe: &Recipe,
    paths: &Paths,
    build: Build,
) -> Result<Result<Option<WorkerCommand>, Unavailable>> {
    let cache = Cache::open(paths);
    let by_cargo = runtime.is_built_by_cargo();
    let key = if by_cargo { key(runtime, recipe, paths)? } else { command::key(runtime, recipe)? };
    let build_name = old_workers::name(&recipe.kind(runtime), &key);
    let launch = |entry: &CacheEntry, build_name: &str| {
        let worker = match by_cargo {
            true => WorkerCommand::of(entry.path.join(PROGRAM)),
            false => command::launch(runtime, recipe, &entry.path),
        };
        WorkerCommand { build: build_name.to_owned(), ..worker }
    };
    let place = |build_name: &str| format!("{}/{build_name}", old_workers::FOLDER);
    for known in [&build_name, &old_workers::name(&recipe.plain_kind(runtime), &key)] {
        if let Some(entry) = cache.find_to_use(&place(known)) {
            return Ok(Ok(Some(launch(&entry, known))));
        }
    }
    if build == Build::No {
        return Ok(Ok(None));
    }
    let mut failed = None;
    let name = place(&build_name);
    let entry = cache.entry(&name, NEEDED_BYTES, |folder| {
        if !by_cargo {
            return command::fill(runtime, &key, folder);
        }
        let _building = exclusion::building(paths)?;
        let built = compile(runtime, recipe, paths, build).inspect_err(|error| {
            failed = Some(Unavailable {
                reason: format!("its build failed: {error:#}"),
                command: format!("less {}", log_file(runtime, recipe, paths).display()),
            });
        })?;
        std::fs::copy(&built, folder.join(PROGRAM))
            .with_context(|| format!("copying {}", built.display()))?;
        Ok(Holds::from([(runtime.name.clone(), key.clone())]))
    });
    match (entry, failed) {
        (Ok(entry), _) => {
            cache.find_to_use(&name);
            old_workers::collect(&build_name, &paths.cache);
            if by_cargo {
                build_folders::after_use(runtime, paths);
            }
            Ok(Ok(Some(launch(&entry, &build_name))))
        }
        (Err(_), Some(unavailable)) => Ok(Err(unavailable)),
        (Err(error), None) => Err(error),
    }
}

/// Everything that goes into a worker that cargo builds: its folder, the contract and the kit,
/// features, needs, the compiler.
fn key(runtime: &Runtime, recipe: &Recipe, paths: &Paths) -> Result<String> {
    let mut files =
        files::named_sources(&runtime.folder, Path::new("bench/engines").join(runtime.plain_name()))?;
    // What it says about the build is in the features and in the needs.
    files.retain(|file| file.path != runtime.folder.join("engine.toml"));
    for name in CONTRACT_AND_KIT {
        files.extend(files::named_sources(&paths.root.join(name), name)?);
    }
    files.extend(runtime.shared()?);
    cargo::program_key(&files, &format!("{}{}", recipe.features.join(","), recipe.identity()), paths)
}

/// The cargo command that every task uses on a runtime's folder: `build`, `clippy`, `test`.
///
/// # Errors
/// When the worker's manifest cannot be read.
pub fn cargo_command(runtime: &Runtime, task: &str, recipe: &Recipe, paths: &Paths) -> Result<Command> {
    let mut cargo = cargo::release(&runtime.folder)?;
    cargo.arg(task).arg("--locked");
    cargo.env("CARGO_TARGET_DIR", build_folders::of(runtime, paths));
    if !recipe.features.is_empty() {
        cargo.arg("--features").arg(recipe.features.join(","));
    }
    cargo.envs(variables(&recipe.provided));
    cargo.env("PATH", path_with(&recipe.provided));
    let patched: Vec<_> = recipe.provided.iter().filter_map(|provided| provided.patched.clone()).collect();
    cargo.args(patch::cargo_args(&patched));
    Ok(cargo)
}

/// Downloads the crates of the runtime's worker. Best effort: the build says what is missing.
pub fn fetch(runtime: &Runtime) {
    if runtime.is_built_by_cargo() {
        let mut cargo = cargo::clean();
        cargo.args(["fetch", "--locked", "--quiet"]).current_dir(&runtime.folder);
        let _ = cargo.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

/// The variables of all needs; where two set the same one, such as `LIBRARY_PATH`, both count.
fn variables(provided: &[Provided]) -> BTreeMap<String, OsString> {
    let mut variables: BTreeMap<String, OsString> = BTreeMap::new();
    for (name, value) in provided.iter().flat_map(|provided| &provided.env) {
        let joined = variables.entry(name.clone()).or_default();
        if !joined.is_empty() && joined != value {
            joined.push(":");
            joined.push(value);
        } else {
            joined.clone_from(value);
        }
    }
    variables
}

fn path_with(provided: &[Provided]) -> OsString {
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let own = provided.iter().flat_map(|provided| provided.path.clone());
    std::env::join_paths(own.chain(std::env::split_paths(&inherited))).unwrap_or(inherited)
}

fn log_file(runtime: &Runtime, recipe: &Recipe, paths: &Paths) -> PathBuf {
    paths.generated.join("logs").join(format!("{}.log", recipe.kind(runtime)))
}

/// Builds the worker and gives the program's path.
fn compile(runtime: &Runtime, recipe: &Recipe, paths: &Paths, build: Build) -> Result<PathBuf> {
    let cargo = cargo_command(runtime, "build", recipe, paths)?;
    let what = &format!("the worker of {}", runtime.name);
    let (folder, log) = (&runtime.folder, &log_file(runtime, recipe, paths));
    let beside = build == Build::Beside;
    cargo::build(cargo, &cargo::CargoBuild { what, folder, program: PROGRAM, log, beside })
}
