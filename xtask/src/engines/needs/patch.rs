//! Crates that an engine needs changed: a copy of the registry's source in the cache folder is patched,
//! and cargo is told to build that instead. None of their code is in the repository, and no path is in
//! the engine's lock file.

use super::need::{Patch, RegistryArchive};
use crate::host::cache::Holds;
use crate::host::files;
use crate::host::hash::hexadecimal;
use crate::host::registry::crates::Crate;
use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the source in an entry of the cache folder.
pub const SOURCE: &str = "source";

/// The entry of `source` in the cache folder; it depends on the checksum and on the patch, which is in
/// the engine's folder `engine`.
///
/// # Errors
/// When the patch cannot be read.
pub fn entry_name(source: &RegistryArchive, patch: Option<&Patch>, engine: &Path) -> Result<String> {
    let mut key = Sha256::new();
    key.update(source.sha256.as_deref().unwrap_or_default());
    if let Some(patch) = patch {
        let file = engine.join(&patch.file);
        key.update(fs::read(&file).with_context(|| format!("reading {}", file.display()))?);
    }
    let key = hexadecimal(&key.finalize()[..8]);
    Ok(format!("patched/{}-{}-{key}", source.package, source.version))
}

/// Fetches `source` into `folder` and patches it.
///
/// # Errors
/// When it cannot be fetched, has another checksum, or does not fit its patch.
pub fn fill(source: &RegistryArchive, patch: Option<&Patch>, engine: &Path, folder: &Path) -> Result<Holds> {
    let RegistryArchive { package: name, version, sha256, .. } = source;
    let sha256 = sha256.as_deref().context("a crate needs its checksum")?;
    let scratch = folder.join("fetch");
    let fetched = Crate { name, version, sha256 }.fetch(&scratch)?;
    let copy = folder.join(SOURCE);
    files::copy(&fetched, &copy)?;
    fs::remove_dir_all(&scratch)?;
    if let Some(patch) = patch {
        apply(&std::path::absolute(engine.join(&patch.file))?, &copy.join(&patch.directory))?;
    }
    Ok(Holds::from([(name.clone(), format!("{version} {sha256}"))]))
}

/// The arguments that make cargo build `sources`, names and folders, in place of the registry's
/// crates of the same names and versions.
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
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("{}: {}", doing(), said.trim());
    }
    ensure!(!said.contains("Skipped patch"), "git skipped a part of {}: {}", patch.display(), said.trim());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

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
