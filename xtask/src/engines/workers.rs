//! The workers of one runtime: which there are to be, which there are, and what each engine's state is then.

use super::build::{self, Build};
use super::embedding;
use super::greeting;
use super::needs::{self, Fetch, Lack, Unavailable};
use super::recipe::Recipe;
use super::runtime::{Configuration, Runtime};
use super::state::{PreparedEngine, State};
use super::wanted::{Wanted, WasiUse, chosen};
use crate::host::paths::Paths;
use anyhow::Result;
use bench::plan::WorkerCommand;
use std::path::PathBuf;

/// The state of those engines of `runtime` that are wanted.
///
/// # Errors
/// When the cache folder cannot be used.
pub fn prepare(runtime: &Runtime, wanted: Wanted<'_>, paths: &Paths) -> Result<Vec<PreparedEngine>> {
    let configurations = chosen(runtime, wanted);
    let workers = Workers::of(runtime, &configurations, wanted, paths)?;
    let engine = |configuration: &&Configuration| {
        Ok(PreparedEngine {
            homepage: runtime.homepage.clone(),
            configuration: (*configuration).clone(),
            embedding: embedding::known(runtime, configuration),
            state: workers.state(runtime, configuration, paths)?,
        })
    };
    configurations.iter().map(engine).collect()
}

/// A worker: `Ok(None)` where it is missing and was not to be built.
type Found = Result<Option<WorkerCommand>, Unavailable>;

/// The workers of a runtime.
struct Workers {
    lacking: Vec<(String, Lack)>,
    libraries: Vec<(String, PathBuf)>,
    worker: Found,
    /// The worker for modules with WASI, where that is another one.
    wasi: Option<WorkerCommand>,
}

impl Workers {
    fn of(
        runtime: &Runtime,
        configurations: &[&Configuration],
        wanted: Wanted<'_>,
        paths: &Paths,
    ) -> Result<Workers> {
        let recipe = recipe(runtime, configurations, wanted, paths)?;
        let (lacking, libraries) = (recipe.lacking.clone(), recipe.libraries.clone());
        let mut workers = Workers { lacking, libraries, worker: Ok(None), wasi: None };
        if recipe.is_impossible(configurations) {
            return Ok(workers);
        }
        match recipe.with_wasi(runtime) {
            Some(with_wasi) if wanted.wasi == WasiUse::Everywhere => {
                workers.worker = build::worker(runtime, &with_wasi, paths, wanted.build)?;
            }
            Some(with_wasi) => {
                workers.worker = build::worker(runtime, &recipe, paths, wanted.build)?;
                let build = if wanted.wasi == WasiUse::Somewhere { wanted.build } else { Build::No };
                // Where it cannot be built, the other one says that it has no WASI.
                workers.wasi = build::worker(runtime, &with_wasi, paths, build)?.ok().flatten();
            }
            None => workers.worker = build::worker(runtime, &recipe, paths, wanted.build)?,
        }
        Ok(workers)
    }

    fn state(&self, runtime: &Runtime, configuration: &Configuration, paths: &Paths) -> Result<State> {
        match self.lacking.iter().find(|(name, _)| *name == configuration.name) {
            Some((_, Lack::NotFetched)) => return not_fetched(runtime, configuration, paths),
            Some((_, Lack::Unavailable(unavailable))) => return Ok(State::Unavailable(unavailable.clone())),
            None => {}
        }
        Ok(match &self.worker {
            Ok(Some(worker)) => {
                let worker = self.told(runtime, configuration, worker);
                match greeting::greet(runtime, configuration, &worker, self.wasi.as_ref()) {
                    Ok(spec) => State::Ready(Box::new(spec)),
                    Err(unavailable) => State::Unavailable(unavailable),
                }
            }
            Ok(None) => State::NotBuilt,
            Err(unavailable) => State::Unavailable(unavailable.clone()),
        })
    }
}

impl Workers {
    /// `worker` as it is started for `configuration`: it is told its library, where that has one.
    fn told(
        &self,
        runtime: &Runtime,
        configuration: &Configuration,
        worker: &WorkerCommand,
    ) -> WorkerCommand {
        let mut worker = worker.clone();
        let library = self.libraries.iter().find(|(name, _)| *name == configuration.name);
        if let (Some(variable), Some((_, library))) = (&runtime.library_variable, library) {
            worker.named_files.insert(variable.clone(), library.clone());
        }
        worker
    }
}

/// The state of a configuration that something must be fetched for, which was not allowed now.
fn not_fetched(runtime: &Runtime, configuration: &Configuration, paths: &Paths) -> Result<State> {
    let needs = runtime.needs.iter().filter(|need| configuration.needs.contains(&need.name));
    Ok(match needs::to_download(needs, &runtime.folder, paths)? {
        Ok(download_bytes) => State::NotFetched { download_bytes },
        Err(unavailable) => State::Unavailable(unavailable),
    })
}

/// What goes into the worker of the `configurations`: those of the worker of all configurations where
/// that is built already, so that another choice is no other build.
///
/// # Errors
/// When the cache folder cannot be used.
pub fn recipe(
    runtime: &Runtime,
    configurations: &[&Configuration],
    wanted: Wanted<'_>,
    paths: &Paths,
) -> Result<Recipe> {
    let every: Vec<&Configuration> = runtime.configurations.iter().collect();
    let whole = Recipe::of(runtime, &every, paths, Fetch::No)?;
    let lacks = |one: &&Configuration| whole.lacking.iter().any(|(name, _)| *name == one.name);
    if !configurations.iter().any(lacks) {
        let main = if wanted.wasi == WasiUse::Everywhere { whole.with_wasi(runtime) } else { None };
        let main = main.as_ref().unwrap_or(&whole);
        if build::worker(runtime, main, paths, Build::No)?.is_ok_and(|worker| worker.is_some()) {
            return Ok(whole);
        }
    }
    let fetch = if wanted.build.builds() { Fetch::Yes } else { Fetch::No };
    Recipe::of(runtime, configurations, paths, fetch)
}
