//! What building a runtime's worker would take, found without building or fetching anything.

use super::build::{self, Build};
use super::catalogue::Family;
use super::needs::{self, Fetch};
use super::recipe::Recipe;
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
    /// The needs that are not met yet, with the disk space that each takes where that is known.
    pub needs: BTreeMap<String, Option<u64>>,
}

impl BuildCost {
    /// What building the worker of `family` would take; `None` where it is built.
    ///
    /// # Errors
    /// When the folder or the cache folder cannot be read.
    pub fn of(family: &Family, paths: &Paths) -> Result<Option<BuildCost>> {
        let recipe = Recipe::of(family, paths, Fetch::No)?;
        let mut unmet = BTreeMap::new();
        for need in family.configurations.iter().flat_map(|one| &one.needs) {
            if needs::resolve(need, paths, Fetch::No)?.is_err() {
                unmet.insert(need.clone(), needs::peak_bytes(need));
            }
        }
        // What is fetched becomes part of the worker, so the one without it does not count.
        if unmet.is_empty() && build::worker(family, &recipe, paths, Build::No)?.is_ok_and(|it| it.is_some())
        {
            return Ok(None);
        }
        let crates = cargo::locked_crates(&family.folder);
        Ok(Some(BuildCost {
            runtime: family.name.clone(),
            crates: crates.len(),
            crates_to_download: cargo::not_downloaded(&crates),
            needs: unmet,
        }))
    }
}
