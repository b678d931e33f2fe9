//! What a need comes to: what it provides to an engine, or why it is missing.

use std::ffi::OsString;
use std::path::PathBuf;

/// A need that is met.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Provided {
    /// Environment variables for the engine's build.
    pub env: Vec<(String, OsString)>,
    /// Folders to put in front of PATH for the engine's build.
    pub path: Vec<PathBuf>,
    /// A program, and the name under which the engine's worker finds it.
    pub program: Option<(String, PathBuf)>,
    /// A shared library that the worker is told when it starts. It is no part of the worker.
    pub library: Option<PathBuf>,
    /// A crate and its folder, which cargo builds in place of the registry's.
    pub patched: Option<(String, PathBuf)>,
    /// What was found, with its version; part of the key of finished workers.
    pub identity: String,
}

/// A need that is not met.
#[derive(Clone, Debug, PartialEq)]
pub enum Lack {
    /// It can be fetched, and that was not allowed now.
    NotFetched,
    /// It cannot be had.
    Unavailable(Unavailable),
}

/// What is missing, and what would help.
#[derive(Clone, Debug, PartialEq)]
pub struct Unavailable {
    /// What is missing and what was tried.
    pub reason: String,
    /// The command that would enable it, or what a person can do.
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
