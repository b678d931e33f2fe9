//! What is measured in a run, and with how much effort.

use super::folder::artifacts;
use super::kernel;
use crate::engines::PreparedEngine;
use crate::host::paths::Paths;
use anyhow::{Result, bail};
use bench::plan::{Case, Effort, EngineSpec, Plan};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How much effort is asked for; `None` leaves what is usual.
#[derive(Clone, Copy, Debug, Default)]
pub struct EffortOptions {
    /// Few rounds, without verdicts.
    pub quick: bool,
    /// The half width that ratios should have, as a fraction.
    pub precision: Option<f64>,
    /// How long rounds are added.
    pub time_budget: Option<Duration>,
    /// The longest wait for an answer of a worker.
    pub limit: Option<Duration>,
    /// The processor that the workers are bound to.
    pub pin: Option<usize>,
    /// Whether there is a warm-up series of every engine.
    pub warm_up: bool,
    /// Whether rounds that shared the machine with other work count.
    pub keep_disturbed: bool,
}

/// The effort of a run.
pub fn effort(asked: EffortOptions) -> Effort {
    let effort = if asked.quick { Effort::quick() } else { Effort::full() };
    Effort {
        time_budget: asked.time_budget.or(effort.time_budget),
        limit: asked.limit.unwrap_or(effort.limit),
        pin: asked.pin,
        warm_up_of_every_engine: asked.warm_up,
        repeat_disturbed: effort.repeat_disturbed && !asked.keep_disturbed,
        precision: if asked.quick { effort.precision } else { asked.precision.or(effort.precision) },
        ..effort
    }
}

/// The engines that can be measured.
///
/// # Errors
/// When there is none.
pub fn ready(engines: &[PreparedEngine]) -> Result<Vec<EngineSpec>> {
    let ready: Vec<EngineSpec> = engines.iter().filter_map(PreparedEngine::ready).cloned().collect();
    if ready.is_empty() {
        bail!("none of these engines can be measured here; `cargo xtask engines` says why");
    }
    Ok(ready)
}

/// The plan of a run, with a control where rounds are enough for verdicts.
pub fn plan(
    mut engines: Vec<EngineSpec>,
    cases: Vec<Case>,
    effort: Effort,
    seed: Option<u64>,
    paths: &Paths,
) -> Plan {
    if effort.precision.is_some() {
        engines.extend(control(&engines));
    }
    let seed = seed.unwrap_or_else(seed_of_now);
    Plan { engines, cases, effort, seed, artifacts: artifacts(paths), kernel: kernel::program(paths) }
}

/// The control: a second entry of the first engine whose folder offers it for that, else of the first
/// that runs wasm.
fn control(engines: &[EngineSpec]) -> Option<EngineSpec> {
    let runs_wasm = || engines.iter().filter(|engine| !engine.is_native());
    let usual = runs_wasm().find(|engine| engine.usual_control);
    usual.or_else(|| runs_wasm().next()).map(EngineSpec::control)
}

/// A seed that differs from run to run.
pub fn seed_of_now() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::from(since_epoch.subsec_nanos())
}
