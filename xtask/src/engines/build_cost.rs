//! What building a runtime's worker would take, found without building or fetching anything.

use super::build::{self, Build};
use super::needs::{self, Fetch, Need};
use super::runtime::Runtime;
use super::wanted::{Wanted, WasiUse, chosen};
use super::workers;
use crate::host::cargo;
use crate::host::paths::Paths;
use anyhow::Result;
use std::collections::BTreeMap;
use std::time::Duration;

/// Processor time that a crate takes on average, where an engine folder gives no cost.
const PER_CRATE: Duration = Duration::from_millis(1500);

/// What a crate comes to on average that cargo downloads, where an engine folder gives no cost.
const BYTES_PER_CRATE: u64 = 120_000;

/// What a registry gives in a second, about.
const BYTES_PER_SECOND: u64 = 5_000_000;

/// What building a runtime's worker would take.
#[derive(Clone, Debug)]
pub struct BuildCost {
    /// The runtime.
    pub runtime: String,
    /// Processor time on the machine that the costs were measured on; zero where nothing is compiled.
    pub cpu: Duration,
    /// What would be downloaded, in bytes.
    pub download_bytes: u64,
    /// What the build leaves on disk, in bytes.
    pub disk_bytes: u64,
    /// The needs that are not met yet, with the disk space that each takes.
    pub needs: BTreeMap<String, u64>,
}

impl BuildCost {
    /// What building the workers of `runtime` that are wanted would take; `None` where they are built.
    ///
    /// # Errors
    /// When the folder or the cache folder cannot be read.
    pub fn of(runtime: &Runtime, wanted: Wanted<'_>, paths: &Paths) -> Result<Option<BuildCost>> {
        let looking = Wanted { build: Build::No, ..wanted };
        let configurations = chosen(runtime, wanted);
        let recipe = workers::recipe(runtime, &configurations, looking, paths)?;
        let mut cost = BuildCost {
            runtime: runtime.name.clone(),
            cpu: Duration::ZERO,
            download_bytes: 0,
            disk_bytes: 0,
            needs: BTreeMap::new(),
        };
        let used = |need: &&Need| configurations.iter().any(|one| one.needs.contains(&need.name));
        for need in runtime.needs.iter().filter(used) {
            if needs::resolve(need, &runtime.folder, paths, Fetch::No)?.is_err() {
                cost.needs.insert(need.name.clone(), need.peak_bytes);
                cost.download_bytes += need.download_bytes;
                cost.disk_bytes += need.peak_bytes;
            }
        }
        // What is fetched becomes part of the worker, so the one without it does not count.
        let is_built = |recipe| -> Result<bool> {
            let found = build::worker(runtime, recipe, paths, Build::No)?;
            Ok(cost.needs.is_empty() && found.is_ok_and(|worker| worker.is_some()))
        };
        let with_wasi = recipe.with_wasi(runtime);
        let plain = (wanted.wasi != WasiUse::Everywhere || with_wasi.is_none()) && !is_built(&recipe)?;
        let wasi = match &with_wasi {
            Some(recipe) => wanted.wasi != WasiUse::Nowhere && !is_built(recipe)?,
            None => false,
        };
        cost.add(runtime, plain, wasi);
        Ok((plain || wasi).then_some(cost))
    }

    /// How long it takes until an engine is ready, about, for the order of building: what is downloaded
    /// counts, too.
    pub fn waiting(&self) -> Duration {
        self.cpu + Duration::from_secs(self.download_bytes / BYTES_PER_SECOND)
    }

    /// Adds what compiling takes: the worker without WASI where it is `plain`, and the one with it.
    fn add(&mut self, runtime: &Runtime, plain: bool, wasi: bool) {
        if !runtime.is_built_by_cargo() {
            return;
        }
        let crates = cargo::locked_crates(&runtime.folder);
        let missing = cargo::not_downloaded(&crates);
        let of_crates = |count: usize| PER_CRATE * u32::try_from(count).unwrap_or(u32::MAX);
        let known = runtime.build_cost;
        if known.cpu_seconds > 0.0 {
            let seconds = if plain || wasi { known.cpu_seconds } else { 0.0 };
            let more = if wasi { known.wasi_cpu_seconds } else { 0.0 };
            self.cpu += Duration::from_secs_f64(seconds + more);
        } else {
            self.cpu += of_crates(crates.len());
        }
        self.download_bytes += match known.download_megabytes {
            0 => BYTES_PER_CRATE * missing as u64,
            megabytes => megabytes * 1_000_000 * missing as u64 / crates.len().max(1) as u64,
        };
        self.disk_bytes += known.disk_megabytes * 1_000_000;
    }
}
