//! `cargo bench`: Criterion over the same workers, the microscope for one cell and the
//! cross-check of this crate. Ids are `sample/engine/benchmark`, such as
//! `fibonacci/wasmer-singlepass/ab-compile`, so that `cargo bench -- fibonacci/wasmer` chooses.
//!
//! Samples are measured stripped and at their small size. Criterion gets the time that
//! the worker took by its own clock, so the pipe costs nothing.

mod benchmark;
mod inputs;
mod rotation;

use anyhow::Result;
use bench::plan::{Case, EngineSpec};
use bench::process::WorkerError;
use bench::record::FailureKind;
use benchmark::{BENCHMARKS, Benchmark};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode};
use inputs::Inputs;
use protocol::Pass;
use rotation::Rotation;
use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(failed) => {
            eprintln!("{failed} benchmarks failed; each is named above with its reason");
            ExitCode::from(3)
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs what the command line chooses, and gives the number of benchmarks that failed.
fn run() -> Result<usize> {
    let inputs = Inputs::find()?;
    let artifacts = inputs.artifacts()?;
    let defaults = Criterion::default().warm_up_time(Duration::from_millis(300)).nresamples(10_000);
    let mut criterion = defaults.configure_from_args();
    inputs.engines.iter().for_each(say_what_is_impossible);
    let mut failed = 0;
    for case in &inputs.cases {
        for engine in &inputs.engines {
            failed += bench_cell(&mut criterion, engine, case, artifacts.path());
        }
    }
    criterion.final_summary();
    Ok(failed)
}

/// Names the benchmarks that `engine` has not, with the reason.
fn say_what_is_impossible(engine: &EngineSpec) {
    let mut lacks: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for benchmark in &BENCHMARKS {
        if let Err(reason) = benchmark.pass(engine) {
            lacks.entry(reason).or_default().push(benchmark.id);
        }
    }
    for (reason, ids) in lacks {
        eprintln!("{} has no {}: {reason}", engine.name, ids.join(", "));
    }
}

/// Runs the benchmarks of `engine` on `case`, and gives the number of those that failed.
fn bench_cell(criterion: &mut Criterion, engine: &EngineSpec, case: &Case, artifacts: &Path) -> usize {
    let mut group = criterion.benchmark_group(format!("{}/{}", case.sample, engine.name));
    // Every sample as long as the others: each comes from one process, and all should weigh alike.
    group.sampling_mode(SamplingMode::Flat);
    let mut failed = 0;
    for benchmark in &BENCHMARKS {
        let Ok(pass) = benchmark.pass(engine) else { continue };
        set_effort(&mut group, pass);
        let start = || Rotation::start(benchmark, engine, case, artifacts);
        if let Err(error) = bench_phase(&mut group, benchmark, start) {
            eprintln!("{}/{}/{} has no time: {error}", case.sample, engine.name, benchmark.id);
            failed += usize::from(!is_unsupported(&error, case));
        }
    }
    group.finish();
    failed
}

/// Few samples where each compiles: Criterion takes no fewer than ten. Many short ones elsewhere,
/// since a median over samples of about two milliseconds is not moved by those in which the
/// system took the processor away.
fn set_effort(group: &mut BenchmarkGroup<'_, WallTime>, pass: Pass) {
    let (samples, milliseconds) = if Pass::COMPILING.contains(&pass) { (10, 1_000) } else { (300, 500) };
    // Settings of a group override the command line, so only those that it does not have are set.
    let is_asked_for = |option: &str| std::env::args().any(|argument| argument.starts_with(option));
    if !is_asked_for("--sample-size") {
        group.sample_size(samples);
    }
    if !is_asked_for("--measurement-time") {
        group.measurement_time(Duration::from_millis(milliseconds));
    }
}

/// Criterion cannot give a benchmark up: what fails leaves it by unwinding, which keeps the
/// benchmark's report from being written.
fn bench_phase(
    group: &mut BenchmarkGroup<'_, WallTime>,
    benchmark: &Benchmark,
    start: impl Fn() -> Result<Rotation, WorkerError>,
) -> Result<(), WorkerError> {
    // Criterion calls the closure only for what its filter lets through: nothing starts before.
    let mut rotation = None;
    let run = AssertUnwindSafe(|| {
        group.bench_function(benchmark.id, |bencher| {
            let rotation = rotation.get_or_insert_with(|| start().unwrap_or_else(give_up));
            bencher.iter_custom(|iterations| rotation.take(iterations).unwrap_or_else(give_up));
        });
    });
    match catch_unwind(run).map_err(Box::<dyn Any + Send>::downcast::<WorkerError>) {
        Ok(()) => Ok(()),
        Err(Ok(error)) => Err(*error),
        Err(Err(panic)) => resume_unwind(panic),
    }
}

/// Unwinds without a panic's message: the error is reported where it is caught.
fn give_up<T>(error: WorkerError) -> T {
    resume_unwind(Box::new(error))
}

/// Whether the engine does not take the module, which is no fault.
fn is_unsupported(error: &WorkerError, case: &Case) -> bool {
    match error {
        WorkerError::Failed(failure) => {
            FailureKind::of(failure.error.kind, failure.phase, || case.is_mvp()) == FailureKind::Unsupported
        }
        _ => false,
    }
}
