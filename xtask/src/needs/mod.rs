//! What an engine's build needs besides Rust, named in its `engine.toml`: found on the system,
//! or fetched into the cache folder, or reported missing with the command that would help.

use crate::paths::Paths;
use anyhow::Result;
use std::ffi::OsString;
use std::path::PathBuf;

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

/// Looks for `need`, and fetches it where that is allowed and possible.
///
/// # Errors
/// When the cache folder cannot be used; a need that cannot be met is not an error.
pub fn resolve(need: &str, paths: &Paths, fetch: Fetch) -> Result<Result<Provided, Missing>> {
    let _ = (need, paths, fetch);
    Ok(Err(Missing { reason: format!("nothing is known of the need `{need}`"), command: String::new() }))
}
