//! One need and how it is met: found on the system, in the cache folder, or fetched into it.

use crate::host::apt::{self, Packages};
use crate::host::cache::{Cache, Entry};
use crate::host::programs;
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
pub struct Need {
    /// Its name in `engine.toml`, and its entry's in the cache folder.
    pub name: &'static str,
    /// Looks for it on the system.
    pub system: fn() -> Option<Provided>,
    /// The packages that hold it.
    pub packages: Packages,
    /// What fetching it takes at its peak.
    pub peak_bytes: u64,
    /// Makes the unpacked packages usable from where they are, and smaller.
    pub finish: fn(&Path) -> Result<()>,
    /// How the entry is used.
    pub provide: fn(&Entry) -> Provided,
    /// What a person would type to get it onto the system.
    pub command: &'static str,
}

impl Need {
    /// Looks for it, and fetches it where that is allowed and possible.
    ///
    /// # Errors
    /// When it cannot be met; the reason says what was tried.
    pub fn resolve(&self, cache: &Cache, fetch: Fetch) -> Result<Provided, Missing> {
        if !programs::private_only()
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
}
