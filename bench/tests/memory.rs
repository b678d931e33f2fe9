//! Peaks of memory on a synthetic engine whose needs are given: a phase shows what it had resident, no
//! other phase does, and what goes wrong in one cell touches no other.

#![allow(clippy::unwrap_used, reason = "in a test an unexpected error is a failure")]

mod synthetic;

use bench::plan::{Case, Effort, EngineSpec, Plan};
use bench::probe::memory::{self, MEMORY_FILE, Peak};
use bench::record::{self, FAILURES_FILE, Failure, FailureKind, Recorder};
use protocol::{Pass, Phase};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use synthetic::{case, engine};

const BLOCK: u64 = 64 << 20;
/// Room for what the worker itself needs, and for the system's counting by the page.
const SLACK: u64 = 16 << 20;

fn read(folder: &Path, engines: Vec<EngineSpec>, cases: Vec<Case>) -> (Vec<Peak>, Vec<Failure>) {
    let effort = Effort { limit: Duration::from_secs(5), memory_of_every_pass: true, ..Effort::quick() };
    let plan = Plan {
        engines,
        cases,
        effort,
        seed: 7,
        artifacts: folder.join("artifacts"),
        kernel: Some(synthetic::KERNEL.into()),
    };
    let mut recorder = Recorder::create(folder).unwrap();
    memory::read(&plan, folder, &mut recorder, &AtomicBool::new(false), |_| {}).unwrap();
    let left = std::fs::read_dir(&plan.artifacts).unwrap().count();
    assert_eq!(left, 0, "artifacts are removed when they are no longer needed");
    let peaks = record::read_all(&folder.join(MEMORY_FILE)).unwrap();
    (peaks, record::read_all(&folder.join(FAILURES_FILE)).unwrap())
}

/// The peaks above what was idle.
fn above_idle(peaks: &[Peak], pass: Pass, phase: Phase) -> u64 {
    let found = peaks.iter().find(|peak| (peak.pass, peak.phase) == (pass, Some(phase))).unwrap();
    assert_eq!(found.since_reset, Some(true), "peaks cannot be reset here");
    found.peak_bytes.unwrap().saturating_sub(found.idle_bytes.unwrap())
}

#[test]
fn a_phase_shows_what_it_had_resident_and_no_other_phase_does() {
    let folder = tempfile::tempdir().unwrap();
    let compiles = case(folder.path(), "compiles", r#"{"compile_bytes":67108864,"result":5}"#, 5);
    let (peaks, missing) = read(folder.path(), vec![engine("a")], vec![compiles]);
    assert!(missing.is_empty());
    for pass in [Pass::Jit, Pass::Aot] {
        let compile = above_idle(&peaks, pass, Phase::AbCompile);
        assert!(compile.abs_diff(BLOCK) < SLACK, "{pass}: {compile} bytes");
    }
    let others = [
        (Pass::Jit, Phase::Engine),
        (Pass::Jit, Phase::CInstantiateFirst),
        (Pass::Jit, Phase::DCallFirst),
        (Pass::Aot, Phase::BSave),
        (Pass::Run, Phase::CLoad),
        (Pass::Run, Phase::CInstantiateFirst),
        (Pass::Run, Phase::DCallFirst),
        (Pass::WarmInstantiate, Phase::CInstantiateWarm),
        (Pass::WarmCall, Phase::DCallWarm),
    ];
    for (pass, phase) in others {
        let bytes = above_idle(&peaks, pass, phase);
        assert!(bytes < SLACK, "{pass} {phase}: {bytes} bytes");
    }
}

#[test]
fn a_call_from_an_artifact_shows_what_the_call_had_resident() {
    let folder = tempfile::tempdir().unwrap();
    let calls = case(folder.path(), "calls", r#"{"call_bytes":67108864,"result":5}"#, 5);
    let (peaks, _) = read(folder.path(), vec![engine("a")], vec![calls]);
    for (pass, phase) in
        [(Pass::Jit, Phase::DCallFirst), (Pass::Run, Phase::DCallFirst), (Pass::WarmCall, Phase::DCallWarm)]
    {
        assert!(above_idle(&peaks, pass, phase).abs_diff(BLOCK) < SLACK, "{pass} {phase}");
    }
    assert!(above_idle(&peaks, Pass::Run, Phase::CLoad) < SLACK);
    let from_artifact = |pass: Pass| peaks.iter().find(|peak| peak.pass == pass).unwrap().from_artifact;
    assert!(from_artifact(Pass::Run) && from_artifact(Pass::WarmCall));
    assert!(!from_artifact(Pass::Jit) && !from_artifact(Pass::Aot));
}

#[test]
fn an_engine_that_dies_loses_its_own_cell_and_what_cannot_be_has_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let cases = vec![
        case(folder.path(), "crash", r#"{"fault":"crash"}"#, 0),
        case(folder.path(), "reject", r#"{"fault":"reject"}"#, 0),
        case(folder.path(), "fine", r#"{"result":5}"#, 5),
    ];
    let control = engine("a").control();
    let (peaks, missing) = read(folder.path(), vec![engine("a"), control], cases);
    let with_peaks: BTreeSet<&str> =
        peaks.iter().filter(|peak| peak.peak_bytes.is_some()).map(|peak| peak.sample.as_str()).collect();
    assert_eq!(with_peaks, BTreeSet::from(["fine"]));
    assert!(peaks.iter().all(|peak| peak.engine == "a"), "a control is the same program");

    let [crash] = missing.as_slice() else { panic!("one cell failed: {missing:?}") };
    assert_eq!((crash.sample.as_str(), crash.pass, crash.kind), ("crash", Pass::Jit, FailureKind::Failed));
    assert!(crash.reason.contains("synthetic crash"), "{}", crash.reason);
    let reason = |sample: &str, pass| {
        let of_pass = |peak: &&Peak| (peak.sample.as_str(), peak.pass) == (sample, pass);
        peaks.iter().find(of_pass).unwrap().reason.clone().unwrap()
    };
    assert_eq!(reason("fine", Pass::Parse), "a synthetic engine parses nothing");
    assert_eq!(reason("reject", Pass::Run), "this engine does not take such modules");
}
