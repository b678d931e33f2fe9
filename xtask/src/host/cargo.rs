//! How the pipeline runs cargo: which program, without which variables of the caller, with a log and
//! progress; and the key of what cargo builds.

use super::hash::hexadecimal;
use super::paths::Paths;
use super::progress;
use crate::{detail, note};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Variables of the caller that would change what is compiled, or where it goes.
const UNWANTED: [&str; 6] = [
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_TARGET_DIR",
    "CARGO_BUILD_TARGET_DIR",
];
/// Wrappers around the compiler; empty means none, whatever the user's configuration says.
const WRAPPERS: [&str; 2] = ["RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"];

/// The cargo that started this program, else the one on PATH.
pub fn program() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// cargo with the environment of the caller.
pub fn inherited() -> Command {
    Command::new(program())
}

/// cargo without the settings that would change what it builds: flags and wrappers of the user, and
/// what the cargo around this program left in the environment.
pub fn clean() -> Command {
    let mut cargo = inherited();
    for name in UNWANTED {
        cargo.env_remove(name);
    }
    cargo.envs(WRAPPERS.map(|name| (name, "")));
    cargo
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
    Ok(hexadecimal(&hash.finalize()[..8]))
}

fn rustc_version(paths: &Paths) -> Result<Vec<u8>> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(&rustc).arg("-vV").current_dir(&paths.root).output();
    Ok(output.with_context(|| format!("running {} -vV", rustc.display()))?.stdout)
}

/// The files below `folder`, sorted, without build output.
///
/// # Errors
/// When a folder cannot be read.
pub fn source_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "target") {
                source_files(&path, files)?;
            }
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// Runs `cargo`, which builds `what` in release from the package in `folder`, showing the crates
/// as they go by.
///
/// # Errors
/// When it fails, with its first error and the log's place.
pub fn run(mut cargo: Command, what: &str, folder: &Path, log_path: &Path) -> Result<()> {
    std::fs::create_dir_all(log_path.parent().unwrap_or(log_path))?;
    let mut log = File::create(log_path).with_context(|| format!("creating {}", log_path.display()))?;
    let bar = progress::bar(locked_crates(folder).len() as u64, format!("building {what}"));
    note!("building {what} (once; about {} crates)", bar.length().unwrap_or(0));
    cargo.arg("--release");
    detail!("running {cargo:?}");
    let mut child = cargo
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("starting cargo")?;
    let mut errors = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        for line in BufReader::new(stderr).lines() {
            let line = line?;
            detail!("{line}");
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

/// A crate that a lock file names.
#[derive(Clone, Debug, Deserialize)]
pub struct LockedCrate {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it comes from; a folder of the checkout has none.
    #[serde(default)]
    pub source: Option<String>,
}

/// The crates in the lock file of the package in `folder`; none where it cannot be read.
pub fn locked_crates(folder: &Path) -> Vec<LockedCrate> {
    #[derive(Deserialize)]
    struct Lock {
        package: Vec<LockedCrate>,
    }
    let lock = std::fs::read_to_string(folder.join("Cargo.lock")).unwrap_or_default();
    toml::from_str(&lock).map(|lock: Lock| lock.package).unwrap_or_default()
}

/// How many of `crates` cargo has not downloaded yet.
pub fn not_downloaded(crates: &[LockedCrate]) -> usize {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo"))).unwrap_or_default();
    let registries = std::fs::read_dir(home.join("registry/cache")).into_iter().flatten().flatten();
    let registries: Vec<PathBuf> = registries.map(|entry| entry.path()).collect();
    let is_here = |one: &LockedCrate| {
        let file = format!("{}-{}.crate", one.name, one.version);
        registries.iter().any(|registry| registry.join(&file).is_file())
    };
    crates.iter().filter(|one| one.source.is_some() && !is_here(one)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_wrappers_of_the_caller_do_not_reach_a_clean_cargo() {
        let cargo = clean();
        let set: Vec<_> = cargo.get_envs().collect();
        assert!(set.contains(&("RUSTFLAGS".as_ref(), None)), "{set:?}");
        assert!(set.contains(&("RUSTC_WRAPPER".as_ref(), Some("".as_ref()))), "{set:?}");
    }
}
