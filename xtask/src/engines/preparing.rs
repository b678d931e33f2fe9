//! Preparing several engines: the cheapest first, two at a time, each given on as soon as it is ready.

use super::build::{self, Build};
use super::build_cost::BuildCost;
use super::build_folders;
use super::needs::Fetch;
use super::recipe::Recipe;
use super::runtime::Runtime;
use super::state::PreparedEngine;
use super::wanted::{Wanted, chosen};
use super::workers;
use crate::host::paths::Paths;
use anyhow::Result;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

/// Builds at a time. The second takes what the first leaves idle, which links or waits for one large crate
/// for a fifth of its time.
const LANES: [Build; 2] = [Build::Yes, Build::Beside];

/// What two builds of compilers have resident at most, in bytes; with less than that there is one at a time.
const MEMORY_OF_TWO_BYTES: u64 = 6_000_000_000;

/// The state of the engines that are wanted, in the order of `runtimes`.
///
/// # Errors
/// When the cache folder cannot be used. What cannot be had is no error but a state.
pub fn prepare(runtimes: &[Runtime], wanted: Wanted<'_>, paths: &Paths) -> Result<Vec<PreparedEngine>> {
    prepare_each(runtimes, wanted, paths, |_| Ok(()))
}

/// As [`prepare`], the cheapest to build first; `ready` gets the engines of each runtime as soon as it is
/// prepared.
///
/// # Errors
/// As [`prepare`], and those of `ready`.
pub fn prepare_each(
    runtimes: &[Runtime],
    wanted: Wanted<'_>,
    paths: &Paths,
    mut ready: impl FnMut(&[PreparedEngine]) -> Result<()>,
) -> Result<Vec<PreparedEngine>> {
    let order = by_cost(runtimes, wanted, paths)?;
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let mut prepared = Vec::new();
    std::thread::scope(|scope| {
        let (sender, finished) = channel();
        for &build in lanes(wanted) {
            let (sender, next, order, stop) = (sender.clone(), &next, &order, &stop);
            scope.spawn(move || {
                while let Some(&(place, runtime)) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let engines = workers::prepare(runtime, Wanted { build, ..wanted }, paths);
                    if stop.load(Ordering::Relaxed) || sender.send((place, engines)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        for (place, engines) in finished {
            let given = engines.and_then(|engines| ready(&engines).map(|()| engines));
            // What the other lane has begun is finished and kept.
            prepared.push((place, given.inspect_err(|_| stop.store(true, Ordering::Relaxed))?));
        }
        anyhow::Ok(())
    })?;
    build_folders::say_what_they_take(paths);
    prepared.sort_by_key(|(place, _)| *place);
    Ok(prepared.into_iter().flat_map(|(_, engines)| engines).collect())
}

/// How the builds of each lane come before each other.
fn lanes(wanted: Wanted<'_>) -> &'static [Build] {
    match wanted.build {
        Build::No => &[Build::No],
        Build::Yes | Build::Beside if available_bytes() < MEMORY_OF_TWO_BYTES => &LANES[..1],
        Build::Yes | Build::Beside => &LANES,
    }
}

/// The memory that programs may take, in bytes (proc(5), `MemAvailable`); 0 where the system does not say.
fn available_bytes() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let kilobytes = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
    kilobytes.map_or(0, |kilobytes| kilobytes * 1024)
}

/// The runtimes of the engines that are wanted, each with its place in `runtimes`: those that are built
/// already, then the others, the cheapest first.
fn by_cost<'a>(
    runtimes: &'a [Runtime],
    wanted: Wanted<'_>,
    paths: &Paths,
) -> Result<Vec<(usize, &'a Runtime)>> {
    let mut costs = Vec::new();
    for (place, runtime) in runtimes.iter().enumerate().filter(|(_, one)| !chosen(one, wanted).is_empty()) {
        let cost = match wanted.build {
            Build::Yes | Build::Beside => BuildCost::of(runtime, wanted, paths)?,
            Build::No => None,
        };
        costs.push((cost.map_or(Duration::ZERO, |cost| cost.waiting()), place, runtime));
    }
    costs.sort_by_key(|(cost, place, _)| (*cost, *place));
    Ok(costs.into_iter().map(|(_, place, runtime)| (place, runtime)).collect())
}

/// Downloads what building the engines that are wanted takes, in the order in which they are built; for
/// a thread beside the builds. What cannot be had is said by [`prepare`], which asks for it again.
pub fn fetch(runtimes: &[Runtime], wanted: Wanted<'_>, paths: &Paths, stop: &AtomicBool) {
    let Ok(order) = by_cost(runtimes, wanted, paths) else { return };
    for (_, runtime) in order {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let configurations = chosen(runtime, wanted);
        let is_built = BuildCost::of(runtime, wanted, paths).is_ok_and(|cost| cost.is_none());
        if !is_built && Recipe::of(runtime, &configurations, paths, Fetch::Yes).is_ok() {
            build::fetch(runtime);
        }
    }
}
