//! Sources of crates, through cargo, which fetches each and compares it with the registry's checksum.

use super::run;
use crate::host::cargo;
use anyhow::{Context, Result, ensure};
use cargo_lock::Lockfile;
use cargo_metadata::MetadataCommand;
use std::fs;
use std::path::{Path, PathBuf};

/// A crate.
pub struct Crate<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its exact version.
    pub version: &'a str,
    /// The SHA-256 of its archive, as the registry's index has it.
    pub sha256: &'a str,
}

impl Crate<'_> {
    /// The folder into which cargo has unpacked the crate, after it compared the archive with the
    /// registry's checksum and this compared that with ours. `scratch` is a folder that may be lost.
    ///
    /// # Errors
    /// When cargo cannot get it, or the registry has another checksum.
    pub fn fetch(&self, scratch: &Path) -> Result<PathBuf> {
        let doing = || format!("fetching {} {} from the registry", self.name, self.version);
        self.fetched(scratch).with_context(doing)
    }

    fn fetched(&self, scratch: &Path) -> Result<PathBuf> {
        let manifest = scratch.join("Cargo.toml");
        fs::create_dir_all(scratch.join("src"))?;
        fs::write(scratch.join("src/lib.rs"), "")?;
        fs::write(&manifest, self.manifest())?;
        let mut metadata = cargo::inherited();
        metadata.args(["metadata", "--format-version", "1", "--manifest-path"]).arg(&manifest);
        let output = run(&mut metadata)?;
        self.check(&Lockfile::load(scratch.join("Cargo.lock"))?)?;
        let metadata = MetadataCommand::parse(String::from_utf8_lossy(&output.stdout))?;
        let mut packages = metadata.packages.into_iter();
        let found = packages
            .find(|one| one.name.as_str() == self.name && one.version.to_string() == self.version)
            .with_context(|| format!("cargo does not say where {} is", self.name))?;
        Ok(found.manifest_path.parent().context("a manifest stands in a folder")?.into())
    }

    fn manifest(&self) -> String {
        let (name, version) = (self.name, self.version);
        format!(
            "[package]\nname = \"fetch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n\
             [dependencies]\n{name} = \"={version}\"\n"
        )
    }

    /// Compares the checksum in `lock` with the one that it should have.
    fn check(&self, lock: &Lockfile) -> Result<()> {
        let is_it = |one: &&cargo_lock::Package| {
            one.name.as_str() == self.name && one.version.to_string() == self.version
        };
        let found = lock.packages.iter().find(is_it);
        let checksum = found.and_then(|one| one.checksum.as_ref());
        let checksum = checksum.context("cargo's lock file has no checksum of it")?.to_string();
        ensure!(
            checksum == self.sha256,
            "its SHA-256 is {checksum} and should be {}; the registry serves something else than it did",
            self.sha256
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_checksum_than_the_named_one_is_turned_down() {
        let named = "ab".repeat(32);
        let lock = format!(
            "version = 4\n[[package]]\nname = \"fetch\"\nversion = \"0.0.0\"\n[[package]]\nname = \"raw-cpuid\"\n\
             version = \"6.1.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n\
             checksum = \"{named}\"\n"
        );
        let lock: Lockfile = lock.parse().unwrap();
        let (name, version) = ("raw-cpuid", "6.1.0");
        Crate { name, version, sha256: &named }.check(&lock).unwrap();
        let other = "ac".repeat(32);
        let error = Crate { name, version, sha256: &other }.check(&lock).unwrap_err().to_string();
        assert!(error.contains(&format!("its SHA-256 is {named} and should be {other}")), "{error}");
    }
}
