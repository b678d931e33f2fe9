//! What goes into a worker besides its folder: cargo features, and what its needs provide.

use super::needs::{self, Fetch, Lack, Provided};
use super::runtime::{Configuration, Runtime};
use crate::host::paths::Paths;
use anyhow::Result;
use std::path::PathBuf;

/// What goes into a worker besides the folder of its runtime.
#[derive(Clone, Debug, Default)]
pub struct Recipe {
    /// Cargo features of the worker.
    pub features: Vec<String>,
    /// What its needs provide.
    pub provided: Vec<Provided>,
    /// The shared libraries that the worker is told, by configuration. They are no part of the worker.
    pub libraries: Vec<(String, PathBuf)>,
    /// Configurations whose needs are not met.
    pub lacking: Vec<(String, Lack)>,
}

impl Recipe {
    /// The `configurations` of a runtime share one worker program, so the features of every one that
    /// can be had go into it.
    ///
    /// # Errors
    /// When the cache folder cannot be used.
    pub fn of(
        runtime: &Runtime,
        configurations: &[&Configuration],
        paths: &Paths,
        fetch: Fetch,
    ) -> Result<Recipe> {
        let mut recipe = Recipe::default();
        for configuration in configurations {
            match meet(runtime, &configuration.needs, paths, fetch)? {
                Ok(met) => {
                    recipe.features.extend(configuration.features.iter().cloned());
                    let named = configuration.library.iter().cloned();
                    let fetched = met.iter().filter_map(|provided| provided.library.clone());
                    let libraries = named.chain(fetched).map(|library| (configuration.name.clone(), library));
                    recipe.libraries.extend(libraries);
                    for provided in met.into_iter().filter(|provided| provided.library.is_none()) {
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

    /// The same for the worker that takes modules with WASI; `None` where one takes every module.
    pub fn with_wasi(&self, runtime: &Runtime) -> Option<Recipe> {
        if runtime.wasi_features.is_empty() {
            return None;
        }
        let mut recipe = self.clone();
        recipe.features.extend(runtime.wasi_features.iter().cloned());
        recipe.features.sort_unstable();
        Some(recipe)
    }

    /// The kind of worker that it is for: of the runtime alone, or the one for modules with WASI where
    /// there are two.
    pub fn kind(&self, runtime: &Runtime) -> String {
        self.kind_of(&runtime.file_name(), runtime)
    }

    /// The same without the label of the runtime's build: a worker of the same files and needs is the same.
    pub fn plain_kind(&self, runtime: &Runtime) -> String {
        self.kind_of(runtime.plain_name(), runtime)
    }

    fn kind_of(&self, name: &str, runtime: &Runtime) -> String {
        let own = &runtime.wasi_features;
        let with_wasi = !own.is_empty() && own.iter().all(|feature| self.features.contains(feature));
        format!("{name}{}", if with_wasi { "-wasi" } else { "" })
    }

    /// Whether there is nothing that a worker could be built for.
    pub fn is_impossible(&self, configurations: &[&Configuration]) -> bool {
        self.lacking.len() == configurations.len()
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
