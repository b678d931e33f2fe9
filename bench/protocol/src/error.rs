//! The errors that a phase can end with.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An error that a phase ended with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error {
    /// Its kind; decides whether a cell is unsupported or failed.
    pub kind: ErrorKind,
    /// The engine's own words.
    pub message: String,
}

/// The kinds of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// The engine does not offer this, by design.
    Unsupported,
    /// The engine does not take the module or the artifact.
    Rejected,
    /// An import is missing, or the entry is missing or of another type.
    Link,
    /// The guest trapped.
    Trap,
    /// The call returned or printed something other than what was expected.
    WrongResult,
    /// A file could not be read or written, or the guest printed more than
    /// [`OUTPUT_LIMIT_BYTES`](crate::OUTPUT_LIMIT_BYTES).
    Io,
    /// Anything else.
    Internal,
}

/// The result of an engine's phase.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of the given kind with the engine's own words.
    pub fn new(kind: ErrorKind, message: impl fmt::Display) -> Error {
        Error { kind, message: message.to_string() }
    }

    /// The engine does not offer this, by design.
    pub fn unsupported(message: impl fmt::Display) -> Error {
        Error::new(ErrorKind::Unsupported, message)
    }

    /// The engine does not take the module or the artifact.
    pub fn rejected(message: impl fmt::Display) -> Error {
        Error::new(ErrorKind::Rejected, message)
    }

    /// An import or the entry is missing or of another type.
    pub fn link(message: impl fmt::Display) -> Error {
        Error::new(ErrorKind::Link, message)
    }

    /// The guest trapped.
    pub fn trap(message: impl fmt::Display) -> Error {
        Error::new(ErrorKind::Trap, message)
    }

    /// The file `path` could not be read.
    pub fn unreadable(path: &std::path::Path, error: &std::io::Error) -> Error {
        Error::new(ErrorKind::Io, format!("cannot read {}: {error}", path.display()))
    }

    /// A failure of the engine or of the worker itself.
    pub fn internal(message: impl fmt::Display) -> Error {
        Error::new(ErrorKind::Internal, message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Error {
        Error::new(ErrorKind::Io, error)
    }
}
