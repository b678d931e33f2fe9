//! How often a cell compiles: for JIT and AOT, or once for both.

use super::synthetic::{case, engine};
use super::{effort, measure_with};
use bench::plan::Effort;
use bench::record::{Failure, FailureKind};
use protocol::{Pass, Phase};
use std::collections::BTreeSet;
use std::time::Duration;

#[test]
fn one_compilation_serves_jit_and_aot_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let cases = vec![case(folder.path(), "one", r#"{"compile_us":3000,"call_us":20,"result":5}"#, 5)];
    let effort = Effort { one_compilation_from: Duration::ZERO, ..effort() };
    let done = measure_with(effort, folder.path(), vec![engine("a")], cases, false);
    assert_eq!((done.outcome.measured_cells, done.outcome.failed_cells, done.sizes.len()), (1, 0, 1));
    let of = |pass: Pass, phase: Phase| -> Vec<(u32, u32, u64)> {
        let found = done.readings.iter().filter(|one| (one.pass, one.phase) == (pass, phase));
        found.map(|one| (one.round, one.iteration, one.wall_ns)).collect()
    };
    let (compiled, saved) = (of(Pass::Jit, Phase::AbCompile), of(Pass::Aot, Phase::BSave));
    let total = of(Pass::Aot, Phase::AotCompile);
    assert!(compiled.len() >= 3 && of(Pass::Aot, Phase::AbCompile).is_empty());
    for ((compiled, saved), total) in compiled.iter().zip(&saved).zip(&total) {
        assert_eq!((compiled.0, compiled.1, compiled.2 + saved.2), *total);
    }
    assert!(!of(Pass::Run, Phase::AotExecute).is_empty(), "the artifact of a JIT pass is loaded");
}

#[test]
fn a_slow_compiler_compiles_once_and_all_engines_save_next_to_each_other() {
    let folder = tempfile::tempdir().unwrap();
    // JIT passes of 6 and 18 ms.
    let mut one = case(folder.path(), "one", r#"{"compile_us":3000,"call_us":3000,"result":5}"#, 5);
    one.uncallable.insert("without-jit".to_owned(), "no WASI".to_owned());
    let (share, from) = (Duration::from_millis(8), Duration::from_millis(12));
    let effort = Effort { share, one_compilation_from: from, ..effort() };
    let engines = ["fast", "slower-400", "without-jit"].map(engine).to_vec();
    let done = measure_with(effort, folder.path(), engines, vec![one], false);
    let saved: Vec<_> = done.readings.iter().filter(|one| one.phase == Phase::AotCompile).collect();
    let savers: BTreeSet<&str> = saved.iter().map(|reading| reading.engine.as_str()).collect();
    assert_eq!(savers, BTreeSet::from(["fast", "slower-400", "without-jit"]));
    // All of a cycle before the next one.
    let moments: Vec<(u32, u32)> = saved.iter().map(|reading| (reading.round, reading.cycle)).collect();
    assert!(moments.is_sorted() && moments.iter().any(|moment| moment.1 > 0), "{moments:?}");
    let has = |engine: &str, pass: Pass, phase: Phase| {
        done.readings.iter().any(|one| one.engine == engine && one.pass == pass && one.phase == phase)
    };
    assert!(has("fast", Pass::Aot, Phase::AbCompile) && !has("slower-400", Pass::Aot, Phase::AbCompile));
    for (pass, phase) in [(Pass::Run, Phase::AotExecute), (Pass::WarmCall, Phase::DCallWarm)] {
        assert!(has("fast", pass, phase) && has("slower-400", pass, phase), "what was saved runs: {pass:?}");
    }
    assert_eq!(done.outcome.rounds, 3);
}

#[test]
fn what_cannot_be_saved_is_compiled_and_called_by_jit() {
    let folder = tempfile::tempdir().unwrap();
    let program = r#"{"compile_us":3000,"call_us":20,"result":5,"fault":"no-artifact"}"#;
    let cases = vec![case(folder.path(), "one", program, 5)];
    let effort = Effort { one_compilation_from: Duration::from_millis(2), ..effort() };
    let done = measure_with(effort, folder.path(), vec![engine("a"), engine("b")], cases, false);
    let totals = done.readings.iter().filter(|one| one.engine == "a" && one.phase == Phase::Jit);
    let rounds: BTreeSet<u32> = totals.filter(|one| !one.cold).map(|one| one.round).collect();
    assert_eq!(rounds, BTreeSet::from([1, 2, 3]));
    let why: Vec<&Failure> = done.failures.iter().filter(|one| one.pass != Pass::Parse).collect();
    let is_said = |one: &&Failure| one.pass == Pass::Aot && one.kind == FailureKind::Unsupported;
    assert!(why.len() == 2 && why.iter().all(is_said), "{why:?}");
}
