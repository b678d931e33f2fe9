//! What an engine's build needs besides Rust, named in its `engine.toml`: found on the system,
//! or fetched into the cache folder, or reported missing with the command that would help.
//! Another need is another row of [`NEEDS`].

mod llvm;
mod need;
mod tools;

use crate::host::cache::Cache;
use crate::host::paths::Paths;
use anyhow::Result;
use need::Need;
pub use need::{Fetch, Missing, Provided};

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

/// The disk space that fetching `need` takes at its peak, where that is known.
pub fn peak_bytes(need: &str) -> Option<u64> {
    known(need).ok().map(|need| need.peak_bytes)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_need_is_missing_and_the_known_ones_are_listed() {
        let missing = known("llvm-3").map(|need| need.name).unwrap_err();
        assert!(missing.reason.contains("`llvm-3`; known are llvm-22, llvm-14, cmake, ninja"), "{missing:?}");
    }
}
