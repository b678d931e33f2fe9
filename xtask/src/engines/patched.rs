//! Registry crates that an engine needs changed. cargo fetches each and checks it; a copy in the
//! cache folder is patched, and cargo is told to build that instead. None of their code is in
//! the repository, and no path is in the engine's lock file.

use crate::host::cache::{Cache, Holds};
use crate::host::cargo;
use crate::host::hash::hexadecimal;
use crate::host::paths::Paths;
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A `[[patched]]` table of an `engine.toml`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patched {
    /// The crate's name in the registry.
    #[serde(rename = "crate")]
    pub name: String,
    /// Its exact version.
    pub version: String,
    /// The SHA-256 of its archive, in hexadecimal, as the registry's index has it.
    pub sha256: String,
    /// The patch, relative to the engine's folder; its paths begin with `a/` and `b/`.
    pub patch: PathBuf,
    /// The folder inside the crate that the patch's paths start from; the crate's own without one.
    #[serde(default)]
    pub directory: PathBuf,
    /// The variable in which the worker's own build gets the patched folder; without one, cargo
    /// builds the patched crate in place of the registry's.
    pub env: Option<String>,
}

/// Room that one patched crate takes.
const NEEDED_BYTES: u64 = 50_000_000;

/// The crates of `patched` with their patches applied: each crate's name and its folder in the
/// cache folder. What is there already is taken as it is, without a look at the registry.
///
/// # Errors
/// When a crate cannot be fetched, has another checksum, or does not fit its patch.
pub fn prepare(paths: &Paths, engine_dir: &Path, patched: &[Patched]) -> Result<Vec<(String, PathBuf)>> {
    let cache = Cache::open(paths);
    patched.iter().map(|one| Ok((one.name.clone(), one.source(&cache, engine_dir)?))).collect()
}

/// The arguments that make cargo build `sources`, as [`prepare`] gives them, in place of the
/// registry's crates of the same names and versions.
pub fn cargo_args(sources: &[(String, PathBuf)]) -> Vec<String> {
    let mut args = Vec::new();
    for (number, (name, path)) in sources.iter().enumerate() {
        // The key is any name of our own, so that two versions of one crate can stand side by side.
        let key = format!("patch.crates-io.{name}-{number}");
        let quoted = |text: &str| toml::Value::from(text).to_string();
        args.extend(["--config".to_owned(), format!("{key}.package={}", quoted(name))]);
        args.extend(["--config".to_owned(), format!("{key}.path={}", quoted(&path.to_string_lossy()))]);
    }
    args
}

impl Patched {
    fn source(&self, cache: &Cache, engine_dir: &Path) -> Result<PathBuf> {
        let patch_file = std::path::absolute(engine_dir.join(&self.patch))?;
        let patch = fs::read(&patch_file).with_context(|| format!("reading {}", patch_file.display()))?;
        let mut key = Sha256::new();
        key.update(self.sha256.as_bytes());
        key.update(&patch);
        let key = hexadecimal(&key.finalize()[..8]);
        let entry = cache.entry(&self.entry_name(&key), NEEDED_BYTES, |folder| {
            let fetched = self.fetch(&folder.join("fetch"))?;
            let source = folder.join("source");
            copy_folder(&fetched, &source)?;
            fs::remove_dir_all(folder.join("fetch"))?;
            apply(&patch_file, &source.join(&self.directory))?;
            Ok(Holds::from([(self.name.clone(), format!("{} {}", self.version, self.sha256))]))
        })?;
        Ok(entry.path.join("source"))
    }

    fn entry_name(&self, key: &str) -> String {
        format!("patched/{}-{}-{key}", self.name, self.version)
    }

    /// The folder into which cargo has unpacked the crate, after it compared the archive with the
    /// registry's checksum and this compared that with the engine's.
    fn fetch(&self, scratch: &Path) -> Result<PathBuf> {
        let manifest = scratch.join("Cargo.toml");
        fs::create_dir_all(scratch.join("src"))?;
        fs::write(scratch.join("src/lib.rs"), "")?;
        fs::write(&manifest, self.manifest())?;
        let output = cargo::inherited()
            .args(["metadata", "--format-version", "1", "--manifest-path"])
            .arg(&manifest)
            .output()
            .context("starting cargo")?;
        let doing = || format!("fetching {} {} from the registry", self.name, self.version);
        succeeded(&output).with_context(doing)?;
        self.check(&fs::read_to_string(scratch.join("Cargo.lock"))?).with_context(doing)?;
        let metadata: Metadata = serde_json::from_slice(&output.stdout).with_context(doing)?;
        let found = metadata
            .packages
            .into_iter()
            .find(|one| (&one.name, &one.version) == (&self.name, &self.version));
        let manifest =
            found.with_context(|| format!("cargo does not say where {} is", self.name))?.manifest_path;
        Ok(manifest.parent().context("a manifest stands in a folder")?.to_owned())
    }

    fn manifest(&self) -> String {
        let (name, version) = (&self.name, &self.version);
        format!(
            "[package]\nname = \"fetch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n\
             [dependencies]\n{name} = \"={version}\"\n"
        )
    }

    /// Compares the checksum in `lock` with the one that the engine names.
    fn check(&self, lock: &str) -> Result<()> {
        let lock: Lock = toml::from_str(lock).context("understanding cargo's lock file")?;
        let found =
            lock.packages.into_iter().find(|one| (&one.name, &one.version) == (&self.name, &self.version));
        let checksum =
            found.and_then(|one| one.checksum).context("cargo's lock file has no checksum of it")?;
        ensure!(
            checksum == self.sha256,
            "its SHA-256 is {checksum} and should be {}; the registry serves something else than it did",
            self.sha256
        );
        Ok(())
    }
}

/// What is read of `cargo metadata`.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    manifest_path: PathBuf,
}

/// What is read of a lock file.
#[derive(Deserialize)]
struct Lock {
    #[serde(rename = "package")]
    packages: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

fn succeeded(output: &Output) -> Result<()> {
    if output.status.success() {
        return Ok(());
    }
    bail!("{}", String::from_utf8_lossy(&output.stderr).trim())
}

/// Applies `patch` in `folder`. git does it, since it takes hunks without context.
fn apply(patch: &Path, folder: &Path) -> Result<()> {
    let output = Command::new("git")
        .args(["apply", "--unidiff-zero", "--verbose"])
        .arg(patch)
        .current_dir(folder)
        // Inside a checkout git would take the paths as relative to that, and skip them.
        .env("GIT_CEILING_DIRECTORIES", folder.parent().unwrap_or(folder))
        .env("LC_ALL", "C")
        .env_remove("GIT_DIR")
        .output()
        .context("starting git, which applies patches; install git")?;
    let doing = || format!("applying {} in {}", patch.display(), folder.display());
    succeeded(&output).with_context(doing)?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(!said.contains("Skipped patch"), "git skipped a part of {}: {}", patch.display(), said.trim());
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("creating {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("reading {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target).with_context(|| format!("copying to {}", target.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(sha256: &str) -> Patched {
        let (name, version) = ("raw-cpuid".to_owned(), "6.1.0".to_owned());
        Patched {
            name,
            version,
            sha256: sha256.to_owned(),
            patch: "fix.patch".into(),
            directory: PathBuf::new(),
            env: None,
        }
    }

    const LOCK: &str = "version = 4\n[[package]]\nname = \"fetch\"\nversion = \"0.0.0\"\n\
                        [[package]]\nname = \"raw-cpuid\"\nversion = \"6.1.0\"\nchecksum = \"abc\"\n";

    #[test]
    fn another_checksum_than_the_named_one_is_turned_down() {
        one("abc").check(LOCK).unwrap();
        let error = one("abd").check(LOCK).unwrap_err().to_string();
        assert!(error.contains("its SHA-256 is abc and should be abd"), "{error}");
    }

    #[test]
    fn two_versions_of_one_crate_get_keys_of_their_own() {
        let sources = [("a".to_owned(), "/one".into()), ("a".to_owned(), "/t\"wo".into())];
        let args = cargo_args(&sources);
        assert_eq!(args.iter().filter(|arg| *arg == "--config").count(), 4);
        assert_eq!(args[1], "patch.crates-io.a-0.package=\"a\"");
        assert_eq!(args[3], "patch.crates-io.a-0.path=\"/one\"");
        assert_eq!(args[5], "patch.crates-io.a-1.package=\"a\"");
        let parsed: toml::Table = args[7].parse().unwrap();
        assert_eq!(parsed["patch"]["crates-io"]["a-1"]["path"].as_str(), Some("/t\"wo"));
    }

    #[test]
    fn a_patch_without_context_is_applied_inside_a_checkout_too() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("below/source");
        fs::create_dir_all(source.join("src")).unwrap();
        fs::write(source.join("src/lib.rs"), "one\ntwo\n").unwrap();
        assert!(Command::new("git").args(["init", "-q"]).arg(folder.path()).status().unwrap().success());
        let patch = folder.path().join("fix.patch");
        fs::write(&patch, "--- a/src/lib.rs\n+++ b/src/lib.rs\n@@ -2 +2 @@\n-two\n+2\n").unwrap();
        apply(&patch, &source).unwrap();
        assert_eq!(fs::read_to_string(source.join("src/lib.rs")).unwrap(), "one\n2\n");
        let error = format!("{:#}", apply(&patch, &source).unwrap_err());
        assert!(error.contains("fix.patch") && error.contains("does not apply"), "{error}");
    }
}
