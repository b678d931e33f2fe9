//! Archives from package registries, each through the registry's ordinary client, so that the user's
//! settings (mirrors, proxies) count. What arrives is compared with a checksum before it is used.

pub mod crates;
pub mod npm;
pub mod pypi;

use super::hash;
use super::programs;
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Checks that every one of `programs` is there, for fetching from `registry`.
///
/// # Errors
/// When one is not; the message names it.
pub fn require(registry: &str, programs: &[&str]) -> Result<()> {
    for program in programs {
        ensure!(
            programs::on_path(program).is_some(),
            "there is no {program}, so nothing can be fetched from {registry}"
        );
    }
    Ok(())
}

/// Compares the SHA-256 of `file` with the one that it should have.
fn check(file: &Path, sha256: &str) -> Result<()> {
    let found = hash::sha256_of_file(file).with_context(|| format!("reading {}", file.display()))?;
    let name = file.file_name().unwrap_or_default().display();
    ensure!(found == sha256, "the SHA-256 of {name} is {found} and should be {sha256}");
    Ok(())
}

/// The one file in `folder`, into which a client has downloaded.
fn only_file(folder: &Path) -> Result<PathBuf> {
    let mut files = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    match (files.pop(), files.is_empty()) {
        (Some(file), true) => Ok(file),
        _ => bail!("the download left {} files where one was expected", files.len()),
    }
}

/// Runs `client` to its end.
fn run(client: &mut Command) -> Result<Output> {
    let name = client.get_program().to_owned();
    let output =
        client.env("LC_ALL", "C").output().with_context(|| format!("starting {}", name.display()))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        bail!("{} failed ({}): {}", name.display(), output.status, words.trim());
    }
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_checksum_than_the_named_one_is_turned_down() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("package.tgz"), "abc").unwrap();
        let file = only_file(folder.path()).unwrap();
        check(&file, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad").unwrap();
        let error = check(&file, "00").unwrap_err().to_string();
        assert!(error.starts_with("the SHA-256 of package.tgz is ba78"), "{error}");
        assert!(error.ends_with("and should be 00"), "{error}");
    }

    #[test]
    fn a_client_that_is_not_there_is_named() {
        let error = require("a registry", &["no-such-client"]).unwrap_err().to_string();
        assert_eq!(error, "there is no no-such-client, so nothing can be fetched from a registry");
    }
}
