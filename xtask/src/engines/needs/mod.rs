//! What an engine's build needs besides Rust, named in its `engine.toml`: found on the system,
//! or fetched into the cache folder, or reported missing with the command that would help.
//! Another need is another row of [`NEEDS`].

mod llvm;
mod tools;

use crate::host::apt::{self, Packages};
use crate::host::cache::{Cache, Entry};
use crate::host::paths::Paths;
use anyhow::Result;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A need that is met.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Provided {
    /// Environment variables for the engine's build.
    pub env: Vec<(String, OsString)>,
    /// Folders to put in front of PATH for the engine's build.
    pub path: Vec<PathBuf>,
    /// What was found, with its version; part of the key of finished workers.
    pub identity: String,
}

/// A need that is not met.
#[derive(Clone, Debug, PartialEq)]
pub struct Missing {
    /// What is missing and what was tried.
    pub reason: String,
    /// The command that would enable it.
    pub command: String,
}

/// Whether a need that the system does not meet may be fetched now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetch {
    /// Download it into the cache folder.
    Yes,
    /// Only look.
    No,
}

/// How one need is met.
struct Need {
    /// Its name in `engine.toml`, and its entry's in the cache folder.
    name: &'static str,
    /// Looks for it on the system.
    system: fn() -> Option<Provided>,
    /// The packages that hold it.
    packages: Packages,
    /// What fetching it takes at its peak.
    peak_bytes: u64,
    /// Makes the unpacked packages usable from where they are, and smaller.
    finish: fn(&Path) -> Result<()>,
    /// How the entry is used.
    provide: fn(&Entry) -> Provided,
    /// What a person would type to get it onto the system.
    command: &'static str,
}

const NEEDS: [&Need; 4] = [&llvm::LLVM_22, &llvm::LLVM_14, &tools::CMAKE, &tools::NINJA];

/// Looks for `need`, and fetches it where that is allowed and possible.
///
/// # Errors
/// When the cache folder cannot be made; a need that cannot be met is not an error.
pub fn resolve(need: &str, paths: &Paths, fetch: Fetch) -> Result<Result<Provided, Missing>> {
    let cache = Cache::open(paths);
    if fetch == Fetch::Yes {
        cache.require(need, 0)?;
    }
    Ok(known(need).and_then(|need| need.resolve(&cache, fetch)))
}

fn known(name: &str) -> Result<&'static Need, Missing> {
    let reason = || {
        let known = NEEDS.map(|need| need.name).join(", ");
        Missing {
            reason: format!("nothing is known of the need `{name}`; known are {known}"),
            command: String::new(),
        }
    };
    NEEDS.into_iter().find(|need| need.name == name).ok_or_else(reason)
}

impl Need {
    fn resolve(&self, cache: &Cache, fetch: Fetch) -> Result<Provided, Missing> {
        if !private_only()
            && let Some(provided) = (self.system)()
        {
            return Ok(provided);
        }
        if let Some(entry) = cache.find(self.name) {
            return Ok((self.provide)(&entry));
        }
        if fetch == Fetch::No {
            return Err(self.missing("it is neither on the system nor in the cache folder yet"));
        }
        let made = cache.entry(self.name, self.peak_bytes, |folder| {
            let holds = apt::unpack(cache, &self.packages, folder)?;
            (self.finish)(folder)?;
            Ok(holds)
        });
        made.map(|entry| (self.provide)(&entry)).map_err(|error| self.missing(&format!("{error:#}")))
    }

    fn missing(&self, reason: &str) -> Missing {
        let reason = format!("{} is missing: {reason}", self.name);
        Missing { reason, command: self.command.into() }
    }
}

/// Whether `WASM_PHASES_PRIVATE` asks to use nothing of the system that could be fetched
/// instead: LLVM, cmake, ninja, and rustup's wasm targets. It is there for testing that way.
pub fn private_only() -> bool {
    std::env::var_os("WASM_PHASES_PRIVATE").is_some_and(|value| !value.is_empty() && value != "0")
}

/// The program `name` on PATH.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// Writes the shell script `path`, executable.
fn write_script(path: &Path, lines: &[&str]) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, format!("#!/bin/sh\n{}\n", lines.join("\n")))?;
    Ok(std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEED: Need = Need {
        name: "letters",
        system: || None,
        packages: Packages { with_dependencies: &[], alone: &[], leave_out: &[] },
        peak_bytes: u64::MAX,
        finish: |_| Ok(()),
        provide: |entry| Provided { identity: entry.identity(), ..Provided::default() },
        command: "apt install letters",
    };

    #[test]
    fn an_unknown_need_is_missing_and_the_known_ones_are_listed() {
        let missing = known("llvm-3").map(|need| need.name).unwrap_err();
        assert!(missing.reason.contains("`llvm-3`; known are llvm-22, llvm-14, cmake, ninja"), "{missing:?}");
    }

    #[test]
    fn only_looking_makes_nothing_and_names_the_command() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(&folder.path().join("none"));
        let missing = NEED.resolve(&cache, Fetch::No).unwrap_err();
        assert_eq!(missing.command, "apt install letters");
        assert!(!folder.path().join("none").exists());
    }

    #[test]
    fn a_fetch_that_fails_is_a_missing_need_with_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        let missing = NEED.resolve(&Cache::at(folder.path()), Fetch::Yes).unwrap_err();
        assert!(
            missing.reason.starts_with("letters is missing: there is no room for letters"),
            "{missing:?}"
        );
    }

    #[test]
    fn what_is_in_the_cache_folder_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path());
        cache.entry("letters", 0, |_| Ok([("a".to_owned(), "1".to_owned())].into())).unwrap();
        assert_eq!(NEED.resolve(&cache, Fetch::No).unwrap().identity, "a 1");
    }

    #[test]
    fn only_an_executable_file_is_a_program() {
        let folder = tempfile::tempdir().unwrap();
        let (plain, script) = (folder.path().join("plain"), folder.path().join("script"));
        std::fs::write(&plain, "").unwrap();
        write_script(&script, &["exit 3"]).unwrap();
        assert!(!is_program(&plain) && is_program(&script) && !is_program(folder.path()));
        assert_eq!(std::process::Command::new(script).status().unwrap().code(), Some(3));
    }
}
