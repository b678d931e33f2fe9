//! Wheels from PyPI, through pip.

use super::{check, only_file, run};
use crate::host::hash;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;
use std::process::Command;

/// A wheel.
pub struct Wheel<'a> {
    /// The package's name.
    pub package: &'a str,
    /// Its exact version, or with `*` at its end the beginning of one, of which pip takes the newest.
    pub version: &'a str,
    /// The wheel's file name, where it is given.
    pub file: Option<&'a str>,
    /// The file's SHA-256; without one, pip compares it with the index's.
    pub sha256: Option<&'a str>,
}

/// Checks that there is a Python with pip.
///
/// # Errors
/// When there is none.
pub fn require() -> Result<()> {
    super::require("PyPI", &["python3"])?;
    run(pip().arg("--version")).map(|_| ()).context("there is no pip, so nothing can be fetched from PyPI")
}

fn pip() -> Command {
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "--disable-pip-version-check", "--quiet", "--no-input"]);
    pip
}

/// Downloads `wheel` and unpacks it into the folder `into`; `scratch` is an empty folder for the
/// download. pip unpacks it, since programs in a wheel are marked as programs in a way of its own. Gives the
/// SHA-256 of the file that arrived.
///
/// # Errors
/// When pip cannot get it, or what arrived has another checksum.
pub fn unpack(wheel: &Wheel<'_>, scratch: &Path, into: &Path) -> Result<String> {
    let Wheel { package, version, file, sha256 } = wheel;
    let requirements = scratch.join("requirements.txt");
    let download = scratch.join("download");
    fs::create_dir_all(&download)?;
    let hash = sha256.map(|sha256| format!(" --hash=sha256:{sha256}")).unwrap_or_default();
    fs::write(&requirements, format!("{package}=={version}{hash}\n"))?;
    run(pip()
        .args(["download", "--no-deps", "--only-binary", ":all:"])
        .args(sha256.map(|_| "--require-hashes"))
        .arg("--dest")
        .arg(&download)
        .arg("--requirement")
        .arg(&requirements))?;
    let arrived = only_file(&download)?;
    let named = file.is_none_or(|file| arrived.ends_with(file));
    ensure!(named, "pip chose {} for this machine", arrived.file_name().unwrap_or_default().display());
    let found = hash::sha256_of_file(&arrived)?;
    check(&arrived, sha256.unwrap_or(&found))?;
    run(pip()
        .args(["install", "--no-index", "--no-deps", "--no-compile", "--no-user", "--target"])
        .arg(into)
        .arg(&arrived))?;
    Ok(found)
}
