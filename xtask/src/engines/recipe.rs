//! What goes into the build of a worker besides its folder: cargo features, and what its needs
//! provide.

use super::catalogue::Family;
use super::needs::{self, Fetch, Missing, Provided};
use crate::host::paths::Paths;
use anyhow::Result;

/// What goes into a family's build besides its folder.
pub struct Recipe {
    /// Cargo features of the worker.
    pub features: Vec<String>,
    /// What its needs provide.
    pub provided: Vec<Provided>,
    /// Configurations whose needs are missing.
    pub missing: Vec<(String, Missing)>,
}

impl Recipe {
    /// All configurations of a family share one worker program, so the features of every one that
    /// can be had go into it, whether it is chosen or not: another choice is then no other build.
    ///
    /// # Errors
    /// When the cache folder cannot be used.
    pub fn of(family: &Family, paths: &Paths, fetch: Fetch) -> Result<Recipe> {
        let mut recipe = Recipe { features: Vec::new(), provided: Vec::new(), missing: Vec::new() };
        for configuration in &family.configurations {
            match meet(&configuration.needs, paths, fetch)? {
                Ok(met) => {
                    recipe.features.extend(configuration.features.iter().cloned());
                    recipe.provided.extend(met);
                }
                Err(lack) => recipe.missing.push((configuration.name.clone(), lack)),
            }
        }
        recipe.features.sort_unstable();
        recipe.features.dedup();
        Ok(recipe)
    }
}

fn meet(needs: &[String], paths: &Paths, fetch: Fetch) -> Result<Result<Vec<Provided>, Missing>> {
    let mut provided = Vec::new();
    for need in needs {
        match needs::resolve(need, paths, fetch)? {
            Ok(met) => provided.push(met),
            Err(lack) => return Ok(Err(lack)),
        }
    }
    Ok(Ok(provided))
}
