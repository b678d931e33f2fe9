//! Builds a family's worker: release, locked, in a target folder of its own, and keeps the
//! finished program in the cache folder under a key of everything that went into it, so that an
//! unchanged engine is never built twice and a changed one never mistaken for the old.

use super::needs::{Missing, Provided};
use super::{Build, Family, Recipe, patched};
use crate::host::cache::{Cache, Holds};
use crate::host::paths::Paths;
use crate::host::progress;
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Room that building a family may take at its peak.
const NEEDED_BYTES: u64 = 200_000_000;

/// Variables of the caller that would change what is compiled.
pub const UNWANTED: [&str; 5] =
    ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS", "CARGO_BUILD_TARGET", "RUSTC_WRAPPER"];

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
    list(&paths.root.join("bench/protocol"), &mut files)?;
    let identities = recipe.provided.iter().map(|provided| provided.identity.as_str());
    program_key(&files, &format!("{}{}", recipe.features.join(","), identities.collect::<String>()), paths)
}

/// The key of a program that is built from `files`, by the checkout's compiler and with `choices`.
///
/// # Errors
/// When a file cannot be read or there is no compiler.
pub fn program_key(files: &[PathBuf], choices: &str, paths: &Paths) -> Result<String> {
    let mut hash = Sha256::new();
    for file in files.iter().chain([&paths.root.join("rust-toolchain.toml")]) {
        let name = file.strip_prefix(&paths.root).unwrap_or(file);
        let content = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
        hash.update(name.as_os_str().as_encoded_bytes());
        hash.update((content.len() as u64).to_le_bytes());
        hash.update(&content);
    }
    hash.update(choices);
    hash.update(rustc_version(paths)?);
    let digest = hash.finalize();
    Ok(digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}

fn rustc_version(paths: &Paths) -> Result<Vec<u8>> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(&rustc).arg("-vV").current_dir(&paths.root).output();
    Ok(output.with_context(|| format!("running {} -vV", rustc.display()))?.stdout)
}

/// The files of the family's folder, sorted, without build output.
///
/// # Errors
/// When the folder cannot be read.
pub fn files(family: &Family) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    list(&family.folder, &mut files)?;
    Ok(files)
}

/// The files below `folder`, sorted, without build output.
///
/// # Errors
/// When a folder cannot be read.
pub fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "target") {
                list(&path, files)?;
            }
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// The cargo command that every task uses on a family's folder: `build`, `clippy`, `test`.
///
/// # Errors
/// When a crate that the family needs changed cannot be fetched or patched.
pub fn cargo(family: &Family, task: &str, recipe: &Recipe, paths: &Paths) -> Result<Command> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.arg(task).arg("--locked").current_dir(&family.folder);
    cargo.env("CARGO_TARGET_DIR", paths.root.join("target/engines").join(&family.name));
    if !recipe.features.is_empty() {
        cargo.arg("--features").arg(recipe.features.join(","));
    }
    for name in UNWANTED {
        cargo.env_remove(name);
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
    let cargo = cargo(family, "build", recipe, paths)?;
    let what = format!("the worker of {}", family.name);
    run(cargo, &what, &family.folder, &log_file(family, paths))?;
    Ok(paths.root.join("target/engines").join(&family.name).join("release/worker"))
}

/// Runs `cargo`, which builds `what` in release from the package in `folder`, showing the crates
/// as they go by.
///
/// # Errors
/// When it fails, with its first error and the log's place.
pub fn run(mut cargo: Command, what: &str, folder: &Path, log_path: &Path) -> Result<()> {
    std::fs::create_dir_all(log_path.parent().unwrap_or(log_path))?;
    let mut log = File::create(log_path).with_context(|| format!("creating {}", log_path.display()))?;
    let bar = progress::bar(crates_in_lock(folder), format!("building {what}"));
    eprintln!("building {what} (once; about {} crates)", bar.length().unwrap_or(0));
    let mut child = cargo
        .arg("--release")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("starting cargo")?;
    let mut errors = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        for line in BufReader::new(stderr).lines() {
            let line = line?;
            writeln!(log, "{line}").with_context(|| format!("writing {}", log_path.display()))?;
            if let Some(name) = line.trim_start().strip_prefix("Compiling ") {
                bar.inc(1);
                bar.set_message(format!("building {what}: {name}"));
            } else if line.starts_with("error") {
                errors.push(line);
            }
        }
    }
    let status = child.wait()?;
    bar.finish_and_clear();
    if !status.success() {
        let first = errors.first().cloned().unwrap_or_else(|| status.to_string());
        bail!("{first} (the whole log is in {})", log_path.display());
    }
    Ok(())
}

fn crates_in_lock(folder: &Path) -> u64 {
    let lock = std::fs::read_to_string(folder.join("Cargo.lock")).unwrap_or_default();
    lock.matches("[[package]]").count() as u64
}
