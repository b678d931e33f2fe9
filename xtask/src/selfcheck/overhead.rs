//! Overhead: what a warm call as wasm-phases times it costs beyond the engine's own typed call in a bare
//! loop. Both are measured in the same worker, alternately, on a call that does nothing.

use super::outcome::{CheckOutcome, CheckStatus};
use super::setup::Setup;
use anyhow::{Context, Result, bail};
use bench::plan::{Case, EngineSpec};
use bench::process::{Client, WorkerError, artifact};
use bench::stats;
use protocol::{ErrorKind, Pass};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The sample that does nothing.
const SAMPLE: &str = "nop";
/// What the difference may be, in nanoseconds a call…
const ALLOWED_NS: f64 = 2.0;
/// …or as a share of the bare call.
const ALLOWED_SHARE: f64 = 0.05;
/// Processes of each engine. An interpreter's calls take one of two times, a fifth apart, in some of its
/// processes, in one loop or in the other: with five processes such a one decided.
const PROCESSES: usize = 21;
/// Pairs of batches in each process.
const PAIRS: usize = 60;
/// The length of a batch, in nanoseconds: far above the clock's resolution, far below the time in
/// which the machine's speed changes.
const BATCH_NS: u64 = 200_000;
/// The longest wait for a reply.
const LIMIT: Duration = Duration::from_secs(60);

/// What one engine's calls cost, in nanoseconds: medians over processes of each one's median, and of each
/// one's difference.
#[derive(Clone, Debug, Serialize)]
struct Overhead {
    engine: String,
    bare_ns: f64,
    warm_ns: f64,
    difference_ns: f64,
    /// Medians of each process: bare and warm.
    processes: Vec<(f64, f64)>,
}

impl Overhead {
    /// Of what each process read, bare and warm.
    fn of(engine: &str, processes: Vec<(f64, f64)>) -> Overhead {
        let median = |of: fn(&(f64, f64)) -> f64| {
            stats::median(&mut processes.iter().map(of).collect::<Vec<_>>()).unwrap_or(f64::NAN)
        };
        let (bare_ns, warm_ns) = (median(|one| one.0), median(|one| one.1));
        let difference_ns = median(|one| one.1 - one.0);
        Overhead { engine: engine.to_owned(), bare_ns, warm_ns, difference_ns, processes }
    }

    fn is_small(&self) -> bool {
        let difference_ns = self.difference_ns.abs();
        difference_ns <= ALLOWED_NS || difference_ns <= ALLOWED_SHARE * self.bare_ns
    }
}

/// Runs the check.
///
/// # Errors
/// When a worker fails, or artifacts cannot be written.
pub fn run(setup: &mut Setup<'_>) -> Result<CheckOutcome> {
    let Some(case) = setup.case(SAMPLE) else {
        return Ok(CheckOutcome::skipped(format!("the catalogue has no sample {SAMPLE}")));
    };
    let artifacts = setup.artifacts();
    std::fs::create_dir_all(&artifacts).with_context(|| format!("creating {}", artifacts.display()))?;
    let mut rng = ChaCha8Rng::seed_from_u64(setup.next_seed());
    let (mut overheads, mut without) = (Vec::new(), Vec::new());
    for engine in setup.engines.iter().chain(&setup.native) {
        if setup.is_interrupted() {
            bail!("interrupted");
        }
        match of_engine(engine, &case, &artifacts, &mut rng) {
            Ok(overhead) => overheads.push(overhead),
            Err(WorkerError::Failed(failure)) if failure.error.kind == ErrorKind::Unsupported => {
                without.push(format!("{} is left out: {}", engine.name, failure.error));
            }
            Err(error) => bail!("{}: {error}", engine.name),
        }
    }
    std::fs::remove_dir_all(&artifacts).with_context(|| format!("removing {}", artifacts.display()))?;
    Ok(judge(&overheads, without))
}

fn of_engine(
    engine: &EngineSpec,
    case: &Case,
    artifacts: &Path,
    rng: &mut ChaCha8Rng,
) -> Result<Overhead, WorkerError> {
    let held = held_artifact(engine, case, artifacts)?;
    let mut processes = Vec::new();
    for _ in 0..PROCESSES {
        let mut client = Client::start(engine, case, LIMIT)?;
        client.open(case, engine)?;
        client.hold(held.as_deref())?;
        processes.push(of_process(&mut client, rng)?);
    }
    Ok(Overhead::of(&engine.name, processes))
}

/// What the worker holds: as in a run, an artifact where the engine has any.
fn held_artifact(engine: &EngineSpec, case: &Case, artifacts: &Path) -> Result<Option<PathBuf>, WorkerError> {
    if engine.is_native() {
        return Ok(case.file(engine.input).map(Path::to_owned));
    }
    if engine.lacks(Pass::Aot).is_some() {
        return Ok(None);
    }
    artifact::save(engine, case, &artifacts.join(&engine.name), LIMIT).map(|artifact| Some(artifact.path))
}

/// Nanoseconds a call in one process, bare and warm: medians over batches that
/// alternate in random order.
fn of_process(client: &mut Client, rng: &mut ChaCha8Rng) -> Result<(f64, f64), WorkerError> {
    let mut calls = 1;
    while per_call_ns(client, calls, true)? * (calls as f64) < BATCH_NS as f64 {
        calls *= 2;
    }
    per_call_ns(client, calls, false)?;
    let (mut bare_ns, mut warm_ns) = (Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        let bare_first = rng.random_bool(0.5);
        for is_bare in [bare_first, !bare_first] {
            let values = if is_bare { &mut bare_ns } else { &mut warm_ns };
            values.push(per_call_ns(client, calls, is_bare)?);
        }
    }
    let median = |values: &mut Vec<f64>| stats::median(values).unwrap_or(f64::NAN);
    Ok((median(&mut bare_ns), median(&mut warm_ns)))
}

/// Nanoseconds a call of one reading of `calls` calls, by the bare loop or by the warm one.
fn per_call_ns(client: &mut Client, calls: u64, bare: bool) -> Result<f64, WorkerError> {
    let mut readings = Vec::new();
    match bare {
        true => client.call_bare(1, calls, &mut readings)?,
        false => client.call_exactly(1, calls, &mut readings)?,
    }
    let reading = readings.pop();
    reading
        .map(|reading| reading.wall_ns as f64 / reading.calls.max(1) as f64)
        .ok_or_else(|| WorkerError::InvalidReply("calls without a reading".to_owned()))
}

fn judge(overheads: &[Overhead], without: Vec<String>) -> CheckOutcome {
    if overheads.is_empty() {
        return CheckOutcome::skipped(format!(
            "no engine has a typed call of its own ({})",
            without.join("; ")
        ));
    }
    let detail = |one: &Overhead| {
        let Overhead { engine, bare_ns, warm_ns, difference_ns, .. } = one;
        format!("{engine}: bare {bare_ns:.2} ns, warm {warm_ns:.2} ns ({difference_ns:+.2} ns)")
    };
    let widest = overheads.iter().map(|one| one.difference_ns.abs()).fold(0.0, f64::max);
    let small = overheads.iter().filter(|one| one.is_small()).count();
    CheckOutcome {
        status: CheckStatus::of(small == overheads.len()),
        measured: format!(
            "a warm call of {SAMPLE} costs at most {widest:.2} ns more than the engine's own call in a bare loop, on {} engines",
            overheads.len()
        ),
        bar: format!("{ALLOWED_NS} ns or {:.0}% on each", 100.0 * ALLOWED_SHARE),
        details: overheads.iter().map(detail).chain(without).collect(),
        raw: json!({ "engines": overheads }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overhead(bare_ns: f64, warm_ns: f64) -> Overhead {
        Overhead::of("e", vec![(bare_ns, warm_ns); PROCESSES])
    }

    #[test]
    fn two_nanoseconds_or_five_percent_are_small_in_either_direction() {
        assert!(overhead(10.0, 11.9).is_small() && overhead(10.0, 8.1).is_small());
        assert!(overhead(1_000.0, 1_049.0).is_small());
        assert!(!overhead(10.0, 12.1).is_small() && !overhead(1_000.0, 1_051.0).is_small());
    }

    #[test]
    fn a_few_processes_with_another_time_decide_nothing() {
        let mut processes = vec![(56.5, 56.6); PROCESSES];
        for (bare_ns, _) in processes.iter_mut().take(PROCESSES / 3) {
            *bare_ns += 11.0;
        }
        let overhead = Overhead::of("e", processes);
        assert!(overhead.is_small() && overhead.difference_ns.abs() < 0.2, "{overhead:?}");
    }

    #[test]
    fn one_engine_with_a_large_overhead_fails_the_check() {
        let outcome = judge(&[overhead(10.0, 10.0), overhead(10.0, 14.0)], Vec::new());
        assert_eq!(outcome.status, CheckStatus::Failed);
        assert!(outcome.measured.contains("at most 4.00 ns"), "{}", outcome.measured);
        assert_eq!(judge(&[], vec!["e: no".into()]).status, CheckStatus::Skipped);
    }
}
