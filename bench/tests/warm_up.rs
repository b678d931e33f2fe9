//! Warm-up series of a synthetic engine whose tiers are given: what is found, and that rounds begin after it.

#![allow(clippy::unwrap_used, reason = "in a test an unexpected error is a failure")]

mod synthetic;

use bench::analysis::Summary;
use bench::analysis::warm_up::{WarmUp, WarmUpState, warm_ups};
use bench::plan::{Case, Effort, EngineSpec, Plan};
use bench::probe::{empty_call, warm_up};
use bench::record::{
    self, CellId, EMPTY_CALLS_FILE, EmptyCallReading, Recorder, WARM_UP_FILE, WarmUpReading,
};
use bench::schedule;
use protocol::{Pass, Phase};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use synthetic::{case, engine};

fn plan(folder: &Path, engines: Vec<EngineSpec>, cases: Vec<Case>) -> Plan {
    let effort = Effort {
        limit: Duration::from_secs(5),
        passes: vec![Pass::Jit, Pass::WarmCall],
        warm_up_processes: 1,
        ..Effort::quick()
    };
    let artifacts = folder.join("artifacts");
    Plan { engines, cases, effort, seed: 7, artifacts, kernel: Some(synthetic::KERNEL.into()) }
}

fn series(folder: &Path, plan: &Plan) -> BTreeMap<CellId, WarmUp> {
    warm_up::read(plan, folder, &AtomicBool::new(false), |_| {}).unwrap();
    let readings: Vec<WarmUpReading> = record::read_all(&folder.join(WARM_UP_FILE)).unwrap();
    warm_ups(&readings)
}

fn tiered(name: &str) -> EngineSpec {
    EngineSpec { tiers: true, ..engine(name) }
}

#[test]
fn a_later_tier_is_found_and_rounds_begin_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let program = r#"{"call_us":200,"slow_calls":60,"result":5}"#;
    let plan = plan(folder.path(), vec![tiered("a")], vec![case(folder.path(), "s", program, 5)]);
    let found = series(folder.path(), &plan);
    let cell = CellId::of(&plan.engines[0], &plan.cases[0]);
    let WarmUpState::Steady { from_call, call_ns, .. } = found[&cell].state else { panic!("{found:?}") };
    assert!((59..=72).contains(&from_call), "{found:?}");
    assert!(call_ns < 1_000_000.0 && found[&cell].first_ns.unwrap() > 1_500_000.0, "{found:?}");
    let mut recorder = Recorder::create(folder.path()).unwrap();
    let interrupted = AtomicBool::new(false);
    let mut surveyed = schedule::survey(&plan, &mut recorder, &interrupted, |_| {}).unwrap();
    surveyed.warm_up(|cell| found[cell].calls_before);
    surveyed.rounds(|_| {}).unwrap();
    let readings = record::read_used(folder.path()).unwrap();
    let summary = Summary::of(&readings);
    let warm = summary.cell(&cell).unwrap().wall(Pass::WarmCall, Phase::DCallWarm).unwrap();
    let high = warm.estimate().unwrap().high;
    assert!(high < 1_000_000.0, "a warm reading holds calls of the first tier: {high} ns");
}

#[test]
fn calls_that_change_for_ever_are_cyclic_and_engines_without_tiers_have_no_series() {
    let folder = tempfile::tempdir().unwrap();
    let program = r#"{"call_us":1000,"cycle_calls":80,"result":5}"#;
    let cases = vec![case(folder.path(), "s", program, 5)];
    let plan = plan(folder.path(), vec![tiered("a"), engine("b")], cases);
    assert!(warm_up::is_any_wanted(&plan));
    let found = series(folder.path(), &plan);
    assert_eq!(found.len(), 1, "{found:?}");
    let state = found.values().next().unwrap().state;
    assert!(!state.is_steady(), "{found:?}");
    let every = Effort { warm_up_of_every_engine: true, ..plan.effort.clone() };
    assert_eq!(series(folder.path(), &Plan { effort: every, ..plan }).len(), 2);
}

#[test]
fn a_series_that_fails_ends_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let crashes = case(folder.path(), "crashes", r#"{"fault":"crash"}"#, 5);
    let good = case(folder.path(), "good", r#"{"call_us":300,"result":5}"#, 5);
    let plan = plan(folder.path(), vec![tiered("a")], vec![crashes, good]);
    let found = series(folder.path(), &plan);
    let samples: Vec<&str> = found.keys().map(|cell| cell.sample.as_str()).collect();
    assert_eq!(samples, ["good"]);
}

#[test]
fn an_engine_that_fails_at_the_empty_call_has_no_line_and_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let module = folder.path().join("m.wasm");
    std::fs::write(
        &module,
        wat::parse_str("(module (func (export \"run\") (param i32 f64) (result i64) unreachable))").unwrap(),
    )
    .unwrap();
    let entry = protocol::Entry::Export { name: "run".to_owned(), args: Vec::new() };
    let case = Case::own("m", &module, entry);
    let plan = plan(folder.path(), vec![engine("a")], vec![case]);
    // The synthetic engine takes no wasm, and so has no line.
    empty_call::read(&plan, folder.path(), &AtomicBool::new(false), |_| {}).unwrap();
    let readings: Vec<EmptyCallReading> = record::read_all(&folder.path().join(EMPTY_CALLS_FILE)).unwrap();
    assert_eq!(readings, []);
    assert_eq!(std::fs::read_dir(&plan.artifacts).unwrap().count(), 0);
}
