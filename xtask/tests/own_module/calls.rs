//! Exports that are called and measured.

use crate::place::{ENGINES, MODULE, Place, left_out, says};
use bench::record::Reading;
use predicates::prelude::*;

#[test]
fn an_export_is_measured_against_the_result_that_the_engines_agree_on() {
    if left_out() {
        return;
    }
    let place = Place::new();
    let file = place.wasm("own.wasm", MODULE);
    place
        .bench(&file, &["--quick", "--no-memory", "--engines", ENGINES, "--invoke", "add", "-2", "44"])
        .assert()
        .success()
        .stdout(says("own: add(-2, 44) → 42: all 2 engines agree"))
        .stdout(predicate::str::contains("lowest in 3 rounds, not tested: "))
        .stdout(predicate::str::contains("failed").not());
    assert_eq!(place.column("summary.csv", "engine").len(), 3);
    assert!(place.column("summary.csv", "phase").contains("d-call-warm"));
    let run = place.described();
    let module = &run.modules[0];
    assert_eq!((module.sample.as_str(), module.path.as_deref()), ("own", Some(file.as_path())));
    assert_eq!((module.sha256.len(), module.bytes), (64, std::fs::metadata(&file).unwrap().len()));
    assert!(run.notes.iter().any(|note| note.contains("add(-2, 44)")));
    // What was measured is the run's own copy.
    assert_eq!(std::fs::read(place.run().join("modules/own.wasm")).unwrap(), std::fs::read(&file).unwrap());
}

#[test]
fn a_function_that_changes_what_its_next_call_does_has_a_fresh_instance_for_each() {
    if left_out() {
        return;
    }
    let place = Place::new();
    let file = place.wasm("own.wasm", MODULE);
    place
        .measured(&file, &["--invoke", "count"])
        .success()
        .stdout(says("count() → 1: all 2 engines agree"))
        .stdout(says("each warm call has a fresh instance"));
}

#[test]
fn native_engines_are_skipped_in_a_line_when_they_were_not_named() {
    if left_out() {
        return;
    }
    let place = Place::new();
    let file = place.wasm("own.wasm", MODULE);
    place
        .bench(&file, &["--quick", "--no-memory", "--engines", "wasmtime-winch,rust-*", "--invoke", "count"])
        .assert()
        .success()
        .stdout(says("skipped (--tables notes says why): rust-native, rust-native-host"))
        .stdout(says("the result of wasmtime-winch alone"));
}

#[test]
fn the_stretch_that_a_module_marks_is_its_call() {
    if left_out() {
        return;
    }
    let place = Place::new();
    // A long way round and a short stretch: d is far less than the call.
    let text = r#"(module (import "bench" "start" (func $start)) (import "bench" "end" (func $end))
        (func (export "run") (local $left i32)
            (local.set $left (i32.const 20000000))
            (loop $again
                (local.set $left (i32.sub (local.get $left) (i32.const 1)))
                (br_if $again (local.get $left)))
            (call $start) (call $end)))"#;
    place
        .measured(&place.wasm("marked.wasm", text), &["--invoke", "run"])
        .success()
        .stdout(says("d is the time between its bench.start and bench.end"));
    let mut reader = csv::Reader::from_path(place.run().join("samples.csv")).unwrap();
    let readings: Vec<Reading> = reader.deserialize().map(Result::unwrap).collect();
    let least = |phase: protocol::Phase| {
        let of_phase = |one: &&Reading| one.phase == phase && one.engine == "wasmtime-winch";
        readings.iter().filter(of_phase).map(|one| one.wall_ns / one.calls).min().unwrap()
    };
    assert!(least(protocol::Phase::DCallWarm) * 100 < least(protocol::Phase::AotExecute));
}

#[test]
fn several_modules_make_a_comparison() {
    if left_out() {
        return;
    }
    let place = Place::new();
    let old = place.wasm("old/app.wasm", MODULE);
    let new = place.wasm("new/app.wasm", MODULE);
    place
        .measured(&old, &["--wasm", new.to_str().unwrap(), "--tables", "modules", "--invoke", "half", "-inf"])
        .success()
        .stdout(says("new-app, × old-app: a+b compile"))
        .stdout(predicate::str::contains("Modules: time and bytes of each, × old-app"))
        .stdout(says("new-app: half(-inf) → -inf: all 2 engines agree"));
    assert_eq!(place.column("module_comparisons.csv", "verdict"), ["too few rounds".to_owned()].into());
    assert_eq!(place.column("module_comparisons.csv", "module"), ["new-app".to_owned()].into());
}
