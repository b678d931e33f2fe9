//! Modules that import `bench.start` and `bench.end` have the stretch between them timed.

use crate::session::Case;
use crate::workers::every_wasm_worker;
use protocol::message::{PassReading, Request};
use protocol::{ErrorKind, Phase, Value};

/// A call that does far more outside its stretch than inside.
const MARKED: &str = r#"(module
    (import "bench" "start" (func $start))
    (import "bench" "end" (func $end))
    ;; What no compiler can shorten: each step needs the one before.
    (global $state (mut i32) (i32.const 1))
    (func $work (param i32) (local $i i32)
        (local.set $i (local.get 0))
        (loop $again
            (global.set $state (i32.rotl (i32.mul (global.get $state) (i32.const 1664525)) (local.get $i)))
            (local.set $i (i32.sub (local.get $i) (i32.const 1)))
            (br_if $again (local.get $i))))
    (func (export "run") (param i32) (result i64)
        (call $work (local.get 0))
        (call $start)
        (call $work (i32.const 10))
        (call $end)
        (call $work (local.get 0))
        (i64.const 5))
    (func (export "without") (param i32) (result i64) (i64.const 5)))"#;

fn time_of(pass: &PassReading, wanted: Phase) -> u64 {
    pass.wall_ns.iter().find(|(phase, _)| *phase == wanted).expect("the phase is read").1
}

fn case(export: &str) -> Case {
    Case::export(MARKED, export, &[Value::I32(3_000_000)]).giving(Value::I64(5))
}

#[test]
fn the_marked_stretch_is_the_call_and_the_total_holds_all_of_it() {
    every_wasm_worker(|subject| {
        let mut session = subject.start();
        session.open(&case("run"));
        let whole = session.execute(2).unwrap_or_else(|(failure, _)| panic!("{failure:?}")).remove(1);
        session.open(&case("run").marked());
        let marked = session.execute(2).unwrap_or_else(|(failure, _)| panic!("{failure:?}")).remove(1);
        let calls = [&whole, &marked].map(|pass| time_of(pass, Phase::DCallFirst));
        assert!(10 * calls[1] < calls[0], "{calls:?} ns");
        let total = marked.wall_ns.last().expect("a pass has a total").1;
        assert!(total > 10 * calls[1], "the total holds the whole call");
    });
}

#[test]
fn warm_calls_are_timed_by_their_marks_too() {
    every_wasm_worker(|subject| {
        let mut session = subject.start();
        let mut warm = [0; 2];
        for (case, warm) in [case("run"), case("run").marked()].iter().zip(&mut warm) {
            session.open(case);
            session.hold().unwrap_or_else(|failure| panic!("{failure:?}"));
            let call = Request::Call { readings: 1, calls: Some(3), reading_ns: 1 };
            let readings = session.readings(&call).unwrap_or_else(|(failure, _)| panic!("{failure:?}"));
            *warm = readings[0].wall_ns;
        }
        assert!(10 * warm[1] < warm[0], "{warm:?} ns");
    });
}

#[test]
fn a_call_that_passes_no_marks_is_no_time() {
    every_wasm_worker(|subject| {
        subject.start().fails(&case("without").marked(), ErrorKind::WrongResult);
    });
}
