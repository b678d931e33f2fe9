//! What an `engine.toml` says of shared libraries: of which runtime any version can be had, and what is known of one
//! that a person names.

use super::needs::Need;
use serde::Deserialize;

/// A runtime of which any version can be had, as an `engine.toml` says it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Versions {
    /// What stands before the `@` of its engines.
    pub name: String,
    /// The configuration that they are but for the version. The first of its needs is the library.
    #[serde(rename = "as")]
    pub like: String,
    /// The versions whose checksums are known, the oldest first; another one's is taken from the registry's index.
    #[serde(default)]
    pub pinned: Vec<PinnedVersion>,
}

/// A version and its checksum.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedVersion {
    /// The whole version.
    pub version: String,
    /// The SHA-256 of its archive, in hexadecimal.
    pub sha256: String,
}

/// What is known of any library that a worker can be told, as an `engine.toml` says it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnyLibrary {
    /// The name by which the worker knows it.
    pub worker: String,
    /// The licence of what is measured.
    pub licence: String,
    /// Whether it may compile or translate a function when it is called first.
    #[serde(default)]
    pub lazy: bool,
}

/// The numbers of a version's whole form.
const NUMBERS: usize = 3;

impl Versions {
    /// The newest pinned version that begins as `wanted`.
    fn pinned_as(&self, wanted: &str) -> Option<&PinnedVersion> {
        let begins = |one: &&PinnedVersion| {
            one.version.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.pinned.iter().rfind(begins)
    }

    /// The library of the version `wanted`, which is otherwise as `like`.
    pub fn need(&self, wanted: &str, like: &Need) -> Need {
        let (version, sha256) = match self.pinned_as(wanted) {
            Some(pinned) => (pinned.version.clone(), Some(pinned.sha256.clone())),
            None if wanted.split('.').count() < NUMBERS => (format!("{wanted}.*"), None),
            None => (wanted.to_owned(), None),
        };
        like.of_version(&format!("{}-{}", self.name, version.trim_end_matches(".*")), version, sha256)
    }
}

/// Whether `text` is a version or the beginning of one: numbers with points between them.
pub fn is_version(text: &str) -> bool {
    text.split('.').all(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}
