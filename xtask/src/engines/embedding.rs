//! What a runtime costs whoever embeds it.

use super::runtime::{Configuration, Runtime};
use super::state::PreparedEngine;
use bench::probe::idle;
use bench::record::EmbeddingFacts;
use cargo_lock::Lockfile;
use std::time::Duration;

/// The longest wait for a worker's description.
const LIMIT: Duration = Duration::from_secs(60);

/// What is known without starting a worker.
pub fn known(runtime: &Runtime, configuration: &Configuration) -> EmbeddingFacts {
    let upkeep = &runtime.upkeep;
    let is_built = runtime.is_built_by_cargo();
    let lock = || Lockfile::load(runtime.folder.join("Cargo.lock")).ok();
    // The worker itself is one of them.
    let locked_crates = lock().filter(|_| is_built).map(|lock| lock.packages.len().saturating_sub(1));
    let this_release = !configuration.is_other_release;
    EmbeddingFacts {
        locked_crates,
        build_cpu_s: is_built.then_some(runtime.build_cost.cpu_seconds),
        released: upkeep.released.clone().filter(|_| this_release),
        maintained: upkeep.maintained.filter(|_| this_release),
        api: upkeep.api.clone(),
        built_by: upkeep.built_by.clone().filter(|_| configuration.library.is_none()),
        ..EmbeddingFacts::default()
    }
}

/// All of it: a worker is started, and looked at once it has described its engine.
pub fn facts(engine: &PreparedEngine) -> EmbeddingFacts {
    let idle = engine.ready().and_then(|spec| idle::idle(spec, LIMIT).ok());
    EmbeddingFacts {
        program_bytes: idle.as_ref().map(|idle| idle.program_bytes),
        idle_bytes: idle.map(|idle| idle.resident_bytes),
        ..engine.embedding.clone()
    }
}
