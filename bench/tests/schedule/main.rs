//! A whole run on a synthetic engine whose costs and faults are given: the records must show just
//! these, and a failure in one cell must not affect another.

#![allow(clippy::unwrap_used, reason = "in a test an unexpected error is a failure")]

mod compilations;
mod failures;
#[path = "../synthetic/mod.rs"]
mod synthetic;

use bench::analysis::Summary;
use bench::machine::CALIBRATION;
use bench::plan::{Case, Effort, EngineSpec, Input, Plan, WorkerCommand};
use bench::process::{ProcessUse, WorkerError, WorkerPool, WorkerProcess};
use bench::record::RunOutcome;
use bench::record::{self, ArtifactSize, CellId, EngineEntry, Failure, FailureKind, Reading, Recorder};
use bench::schedule;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;
use protocol::message::Request;
use protocol::{ErrorKind, Pass, Phase};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use synthetic::{case, engine};

struct Done {
    outcome: RunOutcome,
    readings: Vec<Reading>,
    failures: Vec<Failure>,
    sizes: Vec<ArtifactSize>,
}

fn effort() -> Effort {
    Effort {
        rounds: 3,
        precision: None,
        time_budget: None,
        share: Duration::from_millis(2),
        reading: Duration::from_micros(200),
        limit: Duration::from_secs(2),
        repeat_disturbed: false,
        ..Effort::full()
    }
}

fn measure(folder: &Path, engines: Vec<EngineSpec>, cases: Vec<Case>, interrupted: bool) -> Done {
    measure_with(effort(), folder, engines, cases, interrupted)
}

fn measure_with(
    effort: Effort,
    folder: &Path,
    engines: Vec<EngineSpec>,
    cases: Vec<Case>,
    interrupted: bool,
) -> Done {
    let plan = Plan {
        engines,
        cases,
        effort,
        seed: 7,
        artifacts: folder.join("artifacts"),
        kernel: Some(synthetic::KERNEL.into()),
    };
    let mut recorder = Recorder::create(folder).unwrap();
    let outcome = schedule::run(&plan, &mut recorder, &AtomicBool::new(interrupted), |_| {}).unwrap();
    assert!(!plan.artifacts.exists(), "artifacts are removed when they are no longer needed");
    Done {
        outcome,
        readings: record::read_all::<Reading>(&folder.join(record::READINGS_FILE))
            .unwrap()
            .into_iter()
            .filter(|reading| reading.engine != CALIBRATION)
            .collect(),
        failures: record::read_all(&folder.join(record::FAILURES_FILE)).unwrap(),
        sizes: record::read_all(&folder.join(record::SIZES_FILE)).unwrap(),
    }
}

#[test]
fn every_phase_of_every_cell_is_read_in_every_round_from_fresh_processes() {
    let folder = tempfile::tempdir().unwrap();
    let cases = vec![
        case(folder.path(), "one", r#"{"compile_us":300,"call_us":20,"result":5}"#, 5),
        case(folder.path(), "two", r#"{"compile_us":100,"call_us":50,"result":6}"#, 6),
    ];
    let done = measure(folder.path(), vec![engine("a"), engine("b")], cases, false);
    assert_eq!((done.outcome.rounds, done.outcome.measured_cells, done.outcome.failed_cells), (3, 4, 0));
    assert_eq!(done.sizes.len(), 4);
    let phases = [
        (Pass::Jit, Phase::Jit),
        (Pass::Jit, Phase::AbCompile),
        (Pass::Aot, Phase::AotCompile),
        (Pass::Aot, Phase::BSave),
        (Pass::Run, Phase::AotExecute),
        (Pass::Run, Phase::CLoad),
        (Pass::WarmInstantiate, Phase::CInstantiateWarm),
        (Pass::WarmCall, Phase::DCallWarm),
    ];
    for (pass, phase) in phases {
        for (engine, sample) in [("a", "one"), ("a", "two"), ("b", "one"), ("b", "two")] {
            let of_cell = |reading: &&Reading| {
                (reading.engine.as_str(), reading.sample.as_str(), reading.pass, reading.phase)
                    == (engine, sample, pass, phase)
            };
            let of_cell: Vec<&Reading> = done.readings.iter().filter(of_cell).collect();
            for round in 1..=3 {
                let warm = of_cell.iter().any(|reading| reading.round == round && !reading.cold);
                assert!(warm, "{engine} {sample} {pass} {phase} has no reading in round {round}");
            }
            let mut processes: Vec<(u32, u32)> =
                of_cell.iter().map(|reading| (reading.round, reading.process)).collect();
            processes.dedup();
            let mut numbers: Vec<u32> = processes.iter().map(|one| one.1).collect();
            numbers.sort_unstable();
            numbers.dedup();
            assert_eq!(numbers.len(), 3, "{engine} {sample} {phase}: a process serves one round only");
        }
    }
    let run_processes = done.readings.iter().filter(|one| one.pass == Pass::Run).map(|one| one.process);
    let compiled =
        |process| done.readings.iter().any(|one| one.process == process && one.phase == Phase::AbCompile);
    assert!(run_processes.into_iter().all(|process| !compiled(process)), "run passes compile nothing");
}

#[test]
fn the_first_pass_of_each_batch_does_not_count_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let cases = vec![
        case(folder.path(), "one", r#"{"compile_us":300,"call_us":20,"result":5}"#, 5),
        case(folder.path(), "two", r#"{"compile_us":100,"call_us":50,"result":6}"#, 6),
    ];
    let done = measure(folder.path(), vec![engine("a")], cases, false);
    let mut seen = BTreeSet::new();
    let totals = [Phase::Jit, Phase::AotCompile, Phase::AotExecute];
    for reading in done.readings.iter().filter(|reading| totals.contains(&reading.phase)) {
        seen.insert((reading.process, reading.pass));
        assert_eq!(reading.cold, reading.iteration == 0, "{reading:?}");
    }
    let warm = done.readings.iter().filter(|one| one.pass.is_warm() && one.phase != Phase::Drop);
    let (cold, counted): (Vec<_>, Vec<_>) = warm.partition(|one| one.cold);
    assert!(cold.iter().all(|one| one.iteration == 0) && counted.iter().all(|one| one.iteration > 0));
    assert!(!cold.is_empty() && !counted.is_empty());
    let meant_to_be_cold = seen.iter().filter(|(_, pass)| pass.is_cold()).count();
    assert_eq!(seen.len() - meant_to_be_cold, 9, "three kinds of pass in each of three rounds");
    assert_eq!(meant_to_be_cold, 12, "two kinds, each case in a process of its own, in each of three rounds");
}

/// The ratio of the calls of an engine that is 50% slower, and the other's JIT total in nanoseconds, as they are read.
fn read_ratio_and_total() -> (f64, f64) {
    let folder = tempfile::tempdir().unwrap();
    let cases = vec![case(folder.path(), "one", r#"{"compile_us":2000,"call_us":100,"result":5}"#, 5)];
    let done = measure(folder.path(), vec![engine("a"), engine("slower-50")], cases, false);
    let summary = Summary::of(&done.readings);
    let cell = |engine: &str| CellId {
        engine: engine.to_owned(),
        entry: EngineEntry::Subject,
        sample: "one".to_owned(),
        variant: "stripped".to_owned(),
        size: "small".to_owned(),
    };
    let series = |engine: &str, pass, phase| summary.cell(&cell(engine)).unwrap().wall(pass, phase).unwrap();
    let call = |engine| series(engine, Pass::WarmCall, Phase::DCallWarm);
    let ratio = call("slower-50").ratio_to(call("a")).estimate().unwrap();
    (ratio.value, series("a", Pass::Jit, Phase::Jit).estimate().unwrap().value)
}

#[test]
fn a_given_ratio_between_two_engines_is_what_is_read() {
    // The middle one of three: other work can disturb one of them, and cannot set one right.
    let mut read: Vec<_> = (0..3).map(|_| read_ratio_and_total()).collect();
    read.sort_by(|one, other| one.0.total_cmp(&other.0));
    assert!((read[1].0 - 1.5).abs() < 0.1, "calls that are 50% slower read as {read:?}");
    let is_whole = |(_, total): &(f64, f64)| *total >= 2_100_000.0;
    assert!(read.iter().all(is_whole), "compilation and call take 2.1 ms at least, and read as {read:?}");
}

#[test]
fn the_synthetic_engine_rejects_a_module_when_it_compiles_it() {
    let folder = tempfile::tempdir().unwrap();
    let odd = case(folder.path(), "odd", r#"{"fault":"reject"}"#, 0);
    let mut worker =
        WorkerProcess::start(&WorkerCommand::of(synthetic::WORKER), "a", Duration::from_secs(10)).unwrap();
    worker.ask(&odd.open(Input::Wasm).unwrap(), |_| {}).unwrap();
    let error = worker.ask(&Request::Jit { passes: 1 }, |_| {}).unwrap_err();
    let WorkerError::Failed(failure) = error else { panic!("the worker did not answer: {error}") };
    assert_eq!((failure.error.kind, failure.phase), (ErrorKind::Rejected, Some(Phase::AbCompile)));
}

#[test]
fn stopped_workers_use_no_processor_time() {
    let folder = tempfile::tempdir().unwrap();
    let cases = vec![case(folder.path(), "one", r#"{"compile_us":300,"call_us":20,"result":5}"#, 5)];
    let done = measure(folder.path(), vec![engine("a"), engine("b"), engine("restless")], cases, false);
    assert_eq!((done.outcome.stolen_cpu_ns, done.outcome.failed_cells), (0, 0));
}

#[test]
fn what_a_worker_uses_while_it_should_stand_still_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let one = case(folder.path(), "one", r#"{"result":5}"#, 5);
    let mut worker =
        WorkerProcess::start(&WorkerCommand::of(synthetic::WORKER), "restless", Duration::from_secs(10))
            .unwrap();
    worker.ask(&one.open(Input::Wasm).unwrap(), |_| {}).unwrap();
    worker.ask(&Request::Jit { passes: 1 }, |_| {}).unwrap();
    for continued in [false, true] {
        worker.stop().unwrap();
        if continued {
            kill(Pid::from_raw(worker.id().try_into().unwrap()), Signal::SIGCONT).unwrap();
        }
        std::thread::sleep(Duration::from_millis(50));
        worker.end_stop();
        assert_eq!(worker.stolen_cpu_ns > 0, continued);
    }
}

#[test]
fn an_interrupted_run_ends_early_with_its_files_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let cases = vec![case(folder.path(), "one", r#"{"call_us":20,"result":5}"#, 5)];
    let done = measure(folder.path(), vec![engine("a")], cases, true);
    assert!(done.outcome.interrupted);
    assert_eq!(done.outcome.rounds, 0);
    assert!(done.readings.is_empty());
}

#[test]
fn an_engine_that_cannot_call_a_module_compiles_saves_and_loads_it_beside_one_that_can() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = case(folder.path(), "one", r#"{"compile_us":100,"call_us":20,"result":5}"#, 5);
    one.uncallable.insert("b".to_owned(), "no WASI".to_owned());
    let done =
        measure(folder.path(), vec![engine("a"), engine("b"), engine("b").control()], vec![one], false);
    let passes = |engine: &str, entry| -> BTreeSet<Pass> {
        let of_entry = |reading: &&Reading| reading.engine == engine && reading.entry == entry;
        done.readings.iter().filter(of_entry).map(|reading| reading.pass).collect()
    };
    let of_a = passes("a", EngineEntry::Subject);
    assert!(of_a.contains(&Pass::WarmCall) && !of_a.contains(&Pass::Load));
    assert_eq!(passes("b", EngineEntry::Subject), BTreeSet::from([Pass::Aot, Pass::Load]));
    assert_eq!(passes("b", EngineEntry::Subject), passes("b", EngineEntry::Control));
    let reasons = |kind| done.failures.iter().filter(move |one| one.kind == kind);
    assert!(reasons(FailureKind::Unsupported).any(|one| one.engine == "b" && one.reason == "no WASI"));
    assert_eq!(reasons(FailureKind::Failed).count(), 0);
}

#[test]
fn the_blocks_of_a_sample_alternate_cycle_by_cycle() {
    let folder = tempfile::tempdir().unwrap();
    let one = case(folder.path(), "one", r#"{"compile_us":100,"call_us":20,"result":5}"#, 5);
    let done = measure(folder.path(), vec![engine("a"), engine("b")], vec![one], false);
    for round in 1..=done.outcome.rounds {
        let passes: Vec<Pass> =
            done.readings.iter().filter(|one| one.round == round).map(|one| one.pass).collect();
        for pass in [Pass::Jit, Pass::Run, Pass::WarmCall] {
            let first = passes.iter().position(|one| *one == pass).unwrap();
            let last = passes.iter().rposition(|one| *one == pass).unwrap();
            assert!(passes[first..last].iter().any(|one| *one != pass), "round {round}: {pass:?} in a row");
        }
    }
}

#[test]
fn rounds_are_made_of_the_passes_that_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let one = case(folder.path(), "one", r#"{"compile_us":100,"call_us":20,"result":5}"#, 5);
    let effort = Effort { passes: vec![Pass::WarmCall], ..effort() };
    let done = measure_with(effort, folder.path(), vec![engine("a"), engine("b")], vec![one], false);
    let phases: BTreeSet<Phase> = done.readings.iter().map(|reading| reading.phase).collect();
    assert_eq!(phases, BTreeSet::from([Phase::DCallWarm]));
    assert_eq!(done.outcome.rounds, 3);
}

/// What gives way for a budget, and the rounds that were made of a module that takes 8 ms to compile.
fn within(time_budget: Duration) -> (schedule::Fitted, u32) {
    within_after(Duration::ZERO, time_budget)
}

/// The same where something else takes this long between the survey and the rounds.
fn within_after(aside: Duration, time_budget: Duration) -> (schedule::Fitted, u32) {
    let folder = tempfile::tempdir().unwrap();
    let slow = r#"{"compile_us":8000,"call_us":20,"result":5}"#;
    let effort = Effort { rounds: 10, time_budget: Some(time_budget), ..effort() };
    let plan = Plan {
        engines: vec![engine("a"), engine("b"), engine("a").control()],
        cases: vec![case(folder.path(), "slow", slow, 5)],
        effort: Effort { precision: Some(0.02), max_rounds: 10, ..effort },
        seed: 7,
        artifacts: folder.path().join("artifacts"),
        kernel: Some(synthetic::KERNEL.into()),
    };
    let mut recorder = Recorder::create(folder.path()).unwrap();
    let interrupted = AtomicBool::new(false);
    let mut surveyed = schedule::survey(&plan, &mut recorder, &interrupted, |_| {}).unwrap();
    let wait = |_: &mut Recorder| {
        std::thread::sleep(aside);
        std::io::Result::Ok(())
    };
    surveyed.aside(wait).unwrap();
    let fitted = surveyed.fit(true);
    (fitted, surveyed.rounds(|_| {}).unwrap().rounds)
}

#[test]
fn an_ample_budget_brings_ten_rounds_and_nothing_gives_way() {
    let (fitted, rounds) = within(Duration::from_secs(15));
    assert!(fitted.gave_way.is_empty() && rounds >= 10, "{fitted}: {rounds}");
}

#[test]
fn a_tight_budget_brings_ten_rounds_or_says_before_that_it_does_not() {
    let (fitted, rounds) = within(Duration::from_millis(2_500));
    assert!(!fitted.gave_way.is_empty(), "{fitted}");
    assert!(rounds >= 10 || (fitted.lacking.is_some() && rounds <= 5), "{fitted}: {rounds}");
    let (fitted, rounds) = within(Duration::from_millis(200));
    assert!(fitted.lacking.is_some() && (1..=5).contains(&rounds), "{fitted}: {rounds}");
    assert!(fitted.to_string().contains("--time-budget"), "{fitted}");
}

#[test]
fn what_comes_before_the_rounds_is_a_part_of_the_budget() {
    let (fitted, rounds) = within_after(Duration::from_millis(3_800), Duration::from_secs(4));
    assert!(fitted.lacking.is_some() && (1..=5).contains(&rounds), "{fitted}: {rounds}");
}

#[test]
fn the_modules_of_a_comparison_are_neighbours_in_time_in_processes_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let own = |name: &str| {
        let mut case = case(folder.path(), name, r#"{"compile_us":300,"call_us":20,"result":5}"#, 5);
        case.comparison = "two builds".to_owned();
        case
    };
    let other = case(folder.path(), "other", r#"{"call_us":20,"result":5}"#, 5);
    let cases = vec![own("old"), other, own("new")];
    let done = measure(folder.path(), vec![engine("a"), engine("b")], cases, false);
    for (pass, phase) in [(Pass::Jit, Phase::Jit), (Pass::WarmCall, Phase::DCallWarm)] {
        let of = |engine: &str, round: u32, cycle: u32| -> Vec<(&str, u32)> {
            let read = done.readings.iter().filter(|one| (one.pass, one.phase) == (pass, phase));
            let here = read.filter(|one| (one.round, one.cycle) == (round, cycle) && one.engine == engine);
            let mut found: Vec<(&str, u32)> =
                here.map(|one| (one.sample.as_str(), one.process)).filter(|one| one.0 != "other").collect();
            found.sort_unstable();
            found.dedup();
            found
        };
        for (engine, round) in [("a", 1), ("b", 1), ("a", 3), ("b", 3)] {
            let found = of(engine, round, 0);
            assert_eq!(found.iter().map(|one| one.0).collect::<Vec<_>>(), ["new", "old"], "{pass} {engine}");
            assert!(found[0].1 != found[1].1, "{pass}: each module has a process of its own");
        }
    }
}
