//! Which engines take part: the checks are about wasm-phases and the machine, not about the engines, so
//! the cheapest ones are used, whatever their names. Not those with tiers: what changes by itself says nothing about
//! the instrument.

use crate::engines::{InputName, Runtime};
use crate::note;
use anyhow::{Context, Result, bail};
use bench::plan::{Case, EngineSpec};
use bench::process::{Client, WorkerError, artifact};
use std::path::Path;
use std::time::{Duration, Instant};

/// The most engines that take part.
const MOST: usize = 5;
/// The fewest, however much they cost.
const FEWEST: usize = 2;
/// What compiling and running the trial may cost.
const CHEAP: Duration = Duration::from_millis(100);
/// The longest wait for a reply.
const LIMIT: Duration = Duration::from_secs(60);

/// The configurations that run native code.
pub fn natives(runtimes: &[Runtime]) -> Vec<&str> {
    let configurations = runtimes.iter().flat_map(|runtime| &runtime.configurations);
    configurations
        .filter(|configuration| !matches!(configuration.input, InputName::Wasm))
        .map(|configuration| configuration.name.as_str())
        .collect()
}

/// The engines that take part, the cheapest first, by a trial of each on one of `cases`.
///
/// # Errors
/// When none can go through the trial, or artifacts cannot be written.
pub fn cheapest(engines: &[EngineSpec], cases: &[Case], artifacts: &Path) -> Result<Vec<EngineSpec>> {
    // One from the middle of the catalogue: neither trivial nor the largest.
    let case = cases.get(1).context("the catalogue has too few samples")?;
    std::fs::create_dir_all(artifacts).with_context(|| format!("creating {}", artifacts.display()))?;
    let mut tried: Vec<(Duration, EngineSpec)> = Vec::new();
    for engine in engines.iter().filter(|engine| is_steady(engine)) {
        match trial(engine, case, &artifacts.join(&engine.name)) {
            Ok(cost) => tried.push((cost, engine.clone())),
            Err(error) => note!("{} is left out: {error}", engine.name),
        }
    }
    std::fs::remove_dir_all(artifacts).with_context(|| format!("removing {}", artifacts.display()))?;
    if tried.is_empty() {
        bail!("no engine without tiers can run the sample {}", case.sample);
    }
    Ok(choose(tried))
}

fn is_steady(engine: &EngineSpec) -> bool {
    if engine.tiers {
        note!("{} is left out: its calls change while they are made", engine.name);
    }
    !engine.tiers
}

fn choose(mut tried: Vec<(Duration, EngineSpec)>) -> Vec<EngineSpec> {
    tried.sort_by_key(|(cost, _)| *cost);
    let cheap = tried.iter().take_while(|(cost, _)| *cost <= CHEAP).count();
    tried.truncate(cheap.clamp(FEWEST, MOST));
    tried.into_iter().map(|(_, engine)| engine).collect()
}

/// What compiling and running `case` once costs, or saving it for an engine that must.
fn trial(engine: &EngineSpec, case: &Case, stem: &Path) -> Result<Duration, WorkerError> {
    let start = Instant::now();
    if engine.hello.can.jit.reason().is_some() {
        artifact::bytes(engine, case, stem, LIMIT)?;
        return Ok(start.elapsed());
    }
    let mut client = Client::start(engine, case, LIMIT)?;
    client.open(case, engine)?;
    let mut passes = Vec::new();
    client.jit(2, &mut passes)?;
    let costs_ns = passes.iter().filter_map(|pass| pass.wall_ns.last().map(|(_, wall_ns)| *wall_ns));
    let cost_ns = costs_ns.min().unwrap_or(u64::MAX);
    Ok(Duration::from_nanos(cost_ns))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench::plan::{Input, WorkerCommand};
    use protocol::Hello;
    use protocol::message::Capabilities;

    fn engine(name: &str) -> EngineSpec {
        let hello = Hello {
            configuration: name.to_owned(),
            version: String::new(),
            compiler: String::new(),
            flags: String::new(),
            threads: 1,
            can: Capabilities::ALL,
            probes: Vec::new(),
            host_threads: 0,
            differences: Vec::new(),
            notes: Vec::new(),
        };
        EngineSpec {
            name: name.to_owned(),
            configuration: name.to_owned(),
            worker: WorkerCommand::of("worker"),
            wasi_worker: None,
            input: Input::Wasm,
            hello,
            entry: bench::plan::EngineEntry::Subject,
            baseline: false,
            usual_control: false,
            tiers: false,
            own_loop: None,
        }
    }

    fn chosen(costs_ms: &[(u64, &str)]) -> Vec<String> {
        let tried = costs_ms.iter().map(|(ms, name)| (Duration::from_millis(*ms), engine(name)));
        choose(tried.collect()).into_iter().map(|engine| engine.name).collect()
    }

    #[test]
    fn the_cheapest_take_part_and_the_costly_do_not() {
        assert_eq!(chosen(&[(900, "slow"), (5, "b"), (3, "a"), (8, "c")]), ["a", "b", "c"]);
    }

    #[test]
    fn engines_with_tiers_do_not_take_part() {
        assert!(is_steady(&engine("a")) && !is_steady(&EngineSpec { tiers: true, ..engine("b") }));
    }

    #[test]
    fn five_are_enough_and_two_are_had_at_any_cost() {
        let six = [(1, "a"), (2, "b"), (3, "c"), (4, "d"), (5, "e"), (6, "f")];
        assert_eq!(chosen(&six).len(), 5);
        assert_eq!(chosen(&[(900, "slow"), (5, "a")]), ["a", "slow"]);
        assert_eq!(chosen(&[(900, "slow")]), ["slow"]);
    }
}
