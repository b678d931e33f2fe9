//! Instructions of a synthetic engine whose work is given: the same figure for the same work, more for
//! more, and a reason where nothing can be counted.

#![allow(clippy::unwrap_used, reason = "in a test an unexpected error is a failure")]

mod synthetic;

use bench::plan::{Case, Effort, Plan};
use bench::probe::callgrind;
use bench::probe::counters::{self, COUNTERS_FILE, Count};
use bench::record::{self, CounterSource};
use protocol::{Pass, Phase};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use synthetic::{case, engine};

fn read(source: CounterSource, folder: &Path, cases: Vec<Case>) -> Vec<Count> {
    let effort = Effort { limit: Duration::from_secs(10), ..Effort::quick() };
    let plan = Plan {
        engines: vec![engine("a")],
        cases,
        effort,
        seed: 7,
        artifacts: folder.join("artifacts"),
        kernel: Some(synthetic::KERNEL.into()),
    };
    counters::read(source, &plan, folder, &AtomicBool::new(false), |_| {}).unwrap();
    record::read_all(&folder.join(COUNTERS_FILE)).unwrap()
}

fn instructions(counts: &[Count], sample: &str, pass: Pass, phase: Phase) -> u64 {
    let here =
        |count: &&Count| (count.sample.as_str(), count.pass, count.phase) == (sample, pass, Some(phase));
    counts.iter().find(here).unwrap().instructions.unwrap()
}

#[test]
fn callgrind_counts_the_same_work_alike_and_more_work_as_more() {
    if let Err(error) = callgrind::version() {
        eprintln!("left out: there is no valgrind here ({error}); on Debian: apt-get install valgrind");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let some = r#"{"call_additions":100000,"result":5}"#;
    let more = r#"{"call_additions":200000,"result":5}"#;
    let programs = [("some", some), ("same", some), ("more", more)];
    let cases = programs.map(|(name, program)| case(folder.path(), name, program, 5)).to_vec();
    let counts = read(CounterSource::Callgrind, folder.path(), cases);
    let phases = [
        (Pass::Jit, Phase::AbCompile),
        (Pass::Jit, Phase::CInstantiateFirst),
        (Pass::Jit, Phase::DCallFirst),
        (Pass::Aot, Phase::BSave),
        (Pass::Run, Phase::CLoad),
        (Pass::Run, Phase::DCallFirst),
        (Pass::WarmInstantiate, Phase::CInstantiateWarm),
        (Pass::WarmCall, Phase::DCallWarm),
    ];
    for (pass, phase) in phases {
        let of = |sample| instructions(&counts, sample, pass, phase);
        // An address more or less may make a copy take another way.
        assert!(of("some").abs_diff(of("same")) <= 50 + of("some") / 1_000, "{pass} {phase}: {counts:?}");
        if [Phase::DCallFirst, Phase::DCallWarm].contains(&phase) {
            let twice = of("more") as f64 / of("some") as f64;
            assert!((1.9..2.1).contains(&twice), "{pass} {phase}: twice the work counts {twice} times");
        } else {
            assert!(of("some") < 100_000, "{pass} {phase} does what the call should do");
        }
    }
}

#[test]
fn a_pass_that_dies_under_callgrind_has_a_reason_and_the_others_have_figures() {
    if callgrind::version().is_err() {
        eprintln!("left out: there is no valgrind here; on Debian: apt-get install valgrind");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let crash = case(folder.path(), "crash", r#"{"fault":"crash"}"#, 0);
    let counts = read(CounterSource::Callgrind, folder.path(), vec![crash]);
    let of_jit = counts.iter().find(|count| count.pass == Pass::Jit).unwrap();
    assert!(of_jit.reason.as_ref().unwrap().contains("synthetic crash"), "{of_jit:?}");
    assert!(instructions(&counts, "crash", Pass::Aot, Phase::AbCompile) > 0);
}

#[test]
fn the_systems_counters_count_or_the_reason_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let one = case(folder.path(), "one", r#"{"call_additions":100000,"result":5}"#, 5);
    let counts = read(CounterSource::Perf, folder.path(), vec![one]);
    let call = counts
        .iter()
        .find(|count| count.pass == Pass::WarmCall && count.phase != Some(Phase::CInstantiateWarm));
    match call.unwrap() {
        Count { instructions: Some(instructions), processes, cycles, .. } => {
            assert!(*instructions > 100_000 && *processes == 5 && cycles.is_some(), "{call:?}");
        }
        Count { reason, .. } => assert!(reason.as_ref().unwrap().contains("hardware counters"), "{call:?}"),
    }
}
