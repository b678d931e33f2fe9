//! Packages from npm, through `npm pack`, which runs none of their scripts.

use super::{check, only_file, run};
use anyhow::{Result, ensure};
use std::fs;
use std::path::Path;
use std::process::Command;

/// A package.
pub struct NpmPackage<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its exact version.
    pub version: &'a str,
    /// The archive's file name, where it is given.
    pub file: Option<&'a str>,
    /// The archive's SHA-256.
    pub sha256: &'a str,
}

/// Checks that npm is there, and what unpacks its archives.
///
/// # Errors
/// When one is not.
pub fn require() -> Result<()> {
    super::require("npm", &["npm", "tar"])
}

/// Downloads `package` and unpacks it into the folder `into`; `scratch` is an empty folder for the
/// download.
///
/// # Errors
/// When npm cannot get it, or what arrived has another checksum.
pub fn unpack(package: &NpmPackage<'_>, scratch: &Path, into: &Path) -> Result<()> {
    let NpmPackage { name, version, file, sha256 } = package;
    let download = scratch.join("download");
    fs::create_dir_all(&download)?;
    run(Command::new("npm")
        .args(["pack", "--silent", "--ignore-scripts", "--pack-destination"])
        .arg(&download)
        .arg(format!("{name}@{version}"))
        .current_dir(scratch))?;
    let arrived = only_file(&download)?;
    let named = file.is_none_or(|file| arrived.ends_with(file));
    ensure!(named, "npm sent {}", arrived.file_name().unwrap_or_default().display());
    check(&arrived, sha256)?;
    let tar = ["-x", "-z", "--no-same-owner", "--strip-components=1", "-C"];
    run(Command::new("tar").args(tar).arg(into).arg("-f").arg(&arrived))?;
    Ok(())
}
