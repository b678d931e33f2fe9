//! Whatever goes wrong loses its own cell, with the reason, and nothing else.

use super::*;

#[test]
fn a_crash_a_trap_and_a_hang_lose_their_own_cell_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let cases = vec![
        case(folder.path(), "crash", r#"{"fault":"crash"}"#, 0),
        case(folder.path(), "trap", r#"{"fault":"trap"}"#, 0),
        case(folder.path(), "hang", r#"{"fault":"hang"}"#, 0),
        case(folder.path(), "fine", r#"{"call_us":20,"result":5}"#, 5),
    ];
    let done = measure(folder.path(), vec![engine("a")], cases, false);
    assert_eq!((done.outcome.measured_cells, done.outcome.failed_cells), (1, 3));
    let reason = |sample: &str| {
        let missing =
            done.failures.iter().find(|one| one.sample == sample && one.kind == FailureKind::Failed);
        missing.unwrap().reason.clone()
    };
    assert!(reason("crash").contains("synthetic crash"), "{}", reason("crash"));
    assert!(reason("crash").contains("SIGABRT"), "{}", reason("crash"));
    assert_eq!(reason("trap"), "synthetic trap");
    assert_eq!(reason("hang"), "no answer within 2 s; the worker was killed");
}

#[test]
fn a_failure_in_a_later_round_ends_the_cell_and_keeps_the_rounds_before() {
    let folder = tempfile::tempdir().unwrap();
    let crash = folder.path().join("crash");
    let program = format!(r#"{{"call_us":20,"result":5,"crash_after":{crash:?}}}"#);
    let cases = vec![
        case(folder.path(), "late", &program, 5),
        case(folder.path(), "fine", r#"{"call_us":20,"result":5}"#, 5),
    ];
    let plan = Plan {
        engines: vec![engine("a")],
        cases,
        effort: effort(),
        seed: 7,
        artifacts: folder.path().join("artifacts"),
        kernel: None,
    };
    let mut recorder = Recorder::create(folder.path()).unwrap();
    let in_the_last = |progress: schedule::RunProgress<'_>| {
        if progress.round == 3 {
            std::fs::write(&crash, "").unwrap();
        }
    };
    let outcome = schedule::run(&plan, &mut recorder, &AtomicBool::new(false), in_the_last).unwrap();
    assert_eq!((outcome.rounds, outcome.failed_cells), (3, 1));
    let failures: Vec<Failure> = record::read_all(&folder.path().join(record::FAILURES_FILE)).unwrap();
    let late = failures.iter().find(|one| one.kind != FailureKind::Unsupported).unwrap();
    assert_eq!((late.sample.as_str(), late.kind, late.round), ("late", FailureKind::FailedLate, 3));
    assert!(late.reason.starts_with("failed in round 3 of 3: the worker died"), "{}", late.reason);
    let mut readings = record::read_used(folder.path()).unwrap();
    Summary::before_failures(&mut readings, &[(late.cell(), late.round)].into());
    let summary = Summary::of(&readings);
    let rounds = |sample: &str| {
        let cell = CellId { sample: sample.into(), ..late.cell() };
        summary.cell(&cell).unwrap().wall(Pass::WarmCall, Phase::DCallWarm).unwrap().by_round().len()
    };
    assert_eq!((rounds("late"), rounds("fine")), (2, 3));
}

#[test]
fn a_full_disk_is_the_fault_of_the_machine() {
    let folder = tempfile::tempdir().unwrap();
    let cases = vec![case(folder.path(), "full", r#"{"fault":"full-disk","result":5}"#, 5)];
    let done = measure(folder.path(), vec![engine("a")], cases, false);
    let full = done.failures.iter().find(|one| one.kind != FailureKind::Unsupported).unwrap();
    assert_eq!((full.kind, full.pass), (FailureKind::Machine, Pass::Aot));
    assert!(full.reason.starts_with("the machine ran out of disk space: "), "{}", full.reason);
}

#[test]
fn a_wrong_result_is_a_failure_and_no_time_appears() {
    let folder = tempfile::tempdir().unwrap();
    let cases = vec![
        case(folder.path(), "wrong", r#"{"call_us":20,"result":5}"#, 4),
        case(folder.path(), "right", r#"{"call_us":20,"result":5}"#, 5),
    ];
    let done = measure(folder.path(), vec![engine("a")], cases, false);
    assert_eq!((done.outcome.measured_cells, done.outcome.failed_cells), (1, 1));
    assert!(done.readings.iter().all(|reading| reading.sample == "right"));
    let failed = |failure: &&Failure| failure.sample == "wrong" && failure.kind == FailureKind::Failed;
    let wrong = done.failures.iter().find(failed).unwrap();
    assert_eq!(wrong.reason, "wrong result: expected 4, got 5");
}

#[test]
fn a_worker_that_ends_between_batches_is_started_again_and_the_next_cell_is_not_blamed() {
    let folder = tempfile::tempdir().unwrap();
    let one = case(folder.path(), "one", r#"{"result":5}"#, 5);
    let engine = engine("a");
    let mut pool = WorkerPool::new(Duration::from_secs(10), None);
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let used = pool.with_worker((0, &engine), &one, ProcessUse::Compile, |worker| {
            numbers.push(worker.number);
            worker.client.open(&one, &engine)?;
            worker.client.jit(1, &mut Vec::new())?;
            Ok(worker.client.process.id())
        });
        let process = Pid::from_raw(used.unwrap().try_into().unwrap());
        kill(process, Signal::SIGKILL).unwrap();
        // Gone, though nobody has waited for it.
        waitid(Id::Pid(process), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT).unwrap();
    }
    assert_eq!(numbers, [1, 2]);
}

#[test]
fn a_module_that_an_engine_does_not_take_is_unsupported_in_its_own_words() {
    let folder = tempfile::tempdir().unwrap();
    let cases = vec![case(folder.path(), "odd", r#"{"fault":"reject"}"#, 0)];
    let done = measure(folder.path(), vec![engine("a")], cases, false);
    assert_eq!((done.outcome.measured_cells, done.outcome.failed_cells), (0, 0));
    let refusal = done.failures.iter().find(|failure| failure.pass == Pass::Jit).unwrap();
    assert_eq!(refusal.kind, FailureKind::Unsupported);
    assert_eq!(refusal.reason, "this engine does not take such modules");
}
