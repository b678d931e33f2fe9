//! Wheels from PyPI, through pip.

use super::{check, only_file, run};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;
use std::process::Command;

/// A wheel.
pub struct Wheel<'a> {
    /// The package's name.
    pub package: &'a str,
    /// Its exact version.
    pub version: &'a str,
    /// The wheel's file name, where it is given.
    pub file: Option<&'a str>,
    /// The file's SHA-256.
    pub sha256: &'a str,
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
/// download. pip unpacks it, since programs in a wheel are marked as programs in a way of its own.
///
/// # Errors
/// When pip cannot get it, or what arrived has another checksum.
pub fn unpack(wheel: &Wheel<'_>, scratch: &Path, into: &Path) -> Result<()> {
    let Wheel { package, version, file, sha256 } = wheel;
    let requirements = scratch.join("requirements.txt");
    let download = scratch.join("download");
    fs::create_dir_all(&download)?;
    fs::write(&requirements, format!("{package}=={version} --hash=sha256:{sha256}\n"))?;
    run(pip()
        .args(["download", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--dest"])
        .arg(&download)
        .arg("--requirement")
        .arg(&requirements))?;
    let arrived = only_file(&download)?;
    let named = file.is_none_or(|file| arrived.ends_with(file));
    ensure!(named, "pip chose {} for this machine", arrived.file_name().unwrap_or_default().display());
    check(&arrived, sha256)?;
    run(pip()
        .args(["install", "--no-index", "--no-deps", "--no-compile", "--no-user", "--target"])
        .arg(into)
        .arg(&arrived))?;
    Ok(())
}
