//! What building a runtime's worker would take, found without building or fetching anything.

use super::build::{self, Build};
use super::needs::{self, Fetch, Need};
use super::recipe::Recipe;
use super::runtime::Runtime;
use crate::host::cargo;
use crate::host::paths::Paths;
use anyhow::Result;
use std::collections::BTreeMap;

/// What building a runtime's worker would take.
#[derive(Clone, Debug)]
pub struct BuildCost {
    /// The runtime.
    pub runtime: String,
    /// The crates in its lock file.
    pub crates: usize,
    /// Those that cargo has not downloaded yet.
    pub crates_to_download: usize,
    /// The needs that are not met yet, with the disk space that each takes.
    pub needs: BTreeMap<String, u64>,
}

impl BuildCost {
    /// What building the worker of `runtime` would take; `None` where it is built.
    ///
    /// # Errors
    /// When the folder or the cache folder cannot be read.
    pub fn of(runtime: &Runtime, paths: &Paths) -> Result<Option<BuildCost>> {
        let recipe = Recipe::of(runtime, paths, Fetch::No)?;
        let mut unmet = BTreeMap::new();
        let used = |need: &&Need| runtime.configurations.iter().any(|one| one.needs.contains(&need.name));
        for need in runtime.needs.iter().filter(used) {
            if needs::resolve(need, &runtime.folder, paths, Fetch::No)?.is_err() {
                unmet.insert(need.name.clone(), need.peak_bytes);
            }
        }
        // What is fetched becomes part of the worker, so the one without it does not count.
        if unmet.is_empty() && build::worker(runtime, &recipe, paths, Build::No)?.is_ok_and(|it| it.is_some())
        {
            return Ok(None);
        }
        let crates = cargo::locked_crates(&runtime.folder);
        Ok(Some(BuildCost {
            runtime: runtime.name.clone(),
            crates: crates.len(),
            crates_to_download: cargo::not_downloaded(&crates),
            needs: unmet,
        }))
    }
}
