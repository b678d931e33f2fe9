//! Builds a family's worker: release, locked, in a target folder of its own, and keeps the
//! finished program in the cache folder under a key of everything that went into it, so that an
//! unchanged engine is never built twice and a changed one never mistaken for the old.

use super::catalogue::Family;
use super::needs::{Missing, Provided};
use super::patched;
use super::recipe::Recipe;
use crate::host::cache::{Cache, Holds};
use crate::host::cargo;
use crate::host::paths::Paths;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

/// Room that building a family may take at its peak.
const NEEDED_BYTES: u64 = 200_000_000;

/// Whether workers that are missing are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    /// Build them, and fetch what that needs.
    Yes,
    /// Only look.
    No,
}

/// The family's worker program, built now where it is missing and that is asked for;
/// `Ok(None)` where it is missing and is not.
///
/// # Errors
/// The outer error: the cache folder cannot be used. The inner one: the build failed.
pub fn worker(
    family: &Family,
    recipe: &Recipe,
    paths: &Paths,
    build: Build,
) -> Result<Result<Option<PathBuf>, Missing>> {
    let cache = Cache::open(paths);
    let key = key(family, recipe, paths)?;
    let name = format!("workers/{}-{key}", family.name);
    if let Some(entry) = cache.find(&name) {
        return Ok(Ok(Some(entry.path.join("worker"))));
    }
    if build == Build::No {
        return Ok(Ok(None));
    }
    let mut failed = None;
    let entry = cache.entry(&name, NEEDED_BYTES, |folder| {
        let built = compile(family, recipe, paths).inspect_err(|error| {
            failed = Some(Missing {
                reason: format!("its build failed: {error:#}"),
                command: format!("less {}", log_file(family, paths).display()),
            });
        })?;
        std::fs::copy(&built, folder.join("worker"))
            .with_context(|| format!("copying {}", built.display()))?;
        Ok(Holds::from([(family.name.clone(), key.clone())]))
    });
    match (entry, failed) {
        (Ok(entry), _) => Ok(Ok(Some(entry.path.join("worker")))),
        (Err(_), Some(missing)) => Ok(Err(missing)),
        (Err(error), None) => Err(error),
    }
}

/// Everything that goes into a worker: its folder, the protocol, features, needs, the compiler.
fn key(family: &Family, recipe: &Recipe, paths: &Paths) -> Result<String> {
    let mut files = files(family)?;
    for shared in ["bench/protocol", "bench/worker"] {
        cargo::source_files(&paths.root.join(shared), &mut files)?;
    }
    let identities = recipe.provided.iter().map(|provided| provided.identity.as_str());
    cargo::program_key(
        &files,
        &format!("{}{}", recipe.features.join(","), identities.collect::<String>()),
        paths,
    )
}

/// The files of the family's folder, sorted, without build output.
///
/// # Errors
/// When the folder cannot be read.
pub fn files(family: &Family) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    cargo::source_files(&family.folder, &mut files)?;
    Ok(files)
}

/// The cargo command that every task uses on a family's folder: `build`, `clippy`, `test`.
///
/// # Errors
/// When a crate that the family needs changed cannot be fetched or patched.
pub fn command(family: &Family, task: &str, recipe: &Recipe, paths: &Paths) -> Result<Command> {
    let mut cargo = cargo::clean();
    cargo.arg(task).arg("--locked").current_dir(&family.folder);
    cargo.env("CARGO_TARGET_DIR", paths.root.join("target/engines").join(&family.name));
    if !recipe.features.is_empty() {
        cargo.arg("--features").arg(recipe.features.join(","));
    }
    cargo.envs(variables(&recipe.provided));
    cargo.env("PATH", path_with(&recipe.provided));
    let sources = patched::prepare(paths, &family.folder, &family.patched)?;
    let mut in_place = Vec::new();
    for (patched, source) in family.patched.iter().zip(sources) {
        match &patched.env {
            Some(variable) => {
                cargo.env(variable, source.1);
            }
            None => in_place.push(source),
        }
    }
    cargo.args(patched::cargo_args(&in_place));
    Ok(cargo)
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

fn log_file(family: &Family, paths: &Paths) -> PathBuf {
    paths.generated.join("logs").join(format!("{}.log", family.name))
}

/// Builds the worker and gives the program's path.
fn compile(family: &Family, recipe: &Recipe, paths: &Paths) -> Result<PathBuf> {
    let cargo = command(family, "build", recipe, paths)?;
    let what = format!("the worker of {}", family.name);
    cargo::run(cargo, &what, &family.folder, &log_file(family, paths))?;
    Ok(paths.root.join("target/engines").join(&family.name).join("release/worker"))
}
