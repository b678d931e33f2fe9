//! What goes into a worker besides its folder: cargo features, and what its needs provide.

use super::needs::{self, Fetch, Lack, Provided};
use super::runtime::Runtime;
use crate::host::paths::Paths;
use anyhow::Result;

/// What goes into a worker besides the folder of its runtime.
pub struct Recipe {
    /// Cargo features of the worker.
    pub features: Vec<String>,
    /// What its needs provide.
    pub provided: Vec<Provided>,
    /// Configurations whose needs are not met.
    pub lacking: Vec<(String, Lack)>,
}

impl Recipe {
    /// All configurations of a runtime share one worker program, so the features of every one that
    /// can be had go into it, whether it is chosen or not: another choice is then no other build.
    ///
    /// # Errors
    /// When the cache folder cannot be used.
    pub fn of(runtime: &Runtime, paths: &Paths, fetch: Fetch) -> Result<Recipe> {
        let mut recipe = Recipe { features: Vec::new(), provided: Vec::new(), lacking: Vec::new() };
        for configuration in &runtime.configurations {
            match meet(runtime, &configuration.needs, paths, fetch)? {
                Ok(met) => {
                    recipe.features.extend(configuration.features.iter().cloned());
                    for provided in met {
                        if !recipe.provided.contains(&provided) {
                            recipe.provided.push(provided);
                        }
                    }
                }
                Err(lack) => recipe.lacking.push((configuration.name.clone(), lack)),
            }
        }
        recipe.features.sort_unstable();
        recipe.features.dedup();
        Ok(recipe)
    }

    /// What everything provided is, for keys.
    pub fn identity(&self) -> String {
        self.provided.iter().map(|provided| provided.identity.as_str()).collect()
    }
}

fn meet(
    runtime: &Runtime,
    names: &[String],
    paths: &Paths,
    fetch: Fetch,
) -> Result<Result<Vec<Provided>, Lack>> {
    let mut provided = Vec::new();
    for need in runtime.needs.iter().filter(|need| names.contains(&need.name)) {
        match needs::resolve(need, &runtime.folder, paths, fetch)? {
            Ok(met) => provided.push(met),
            Err(lack) => return Ok(Err(lack)),
        }
    }
    Ok(Ok(provided))
}
