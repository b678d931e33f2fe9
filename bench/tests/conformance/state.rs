//! What one call, instance or pass leaves behind is never seen by the next.

use crate::session::Case;
use crate::workers::every_wasm_worker;
use protocol::message::Request;
use protocol::{ErrorKind, Outcome, Phase, Value};

/// Counts its own calls, in a global and in memory.
const COUNTER: &str = r#"(module (memory 1) (global $calls (mut i64) (i64.const 0))
    (func (export "run") (param i32) (result i64)
        (global.set $calls (i64.add (global.get $calls) (i64.const 1)))
        (i64.store (local.get 0) (i64.add (i64.load (local.get 0)) (i64.const 100)))
        (i64.add (global.get $calls) (i64.load (local.get 0)))))"#;

fn counter() -> Case {
    Case::export(COUNTER, "run", &[Value::I32(16)])
}

const FIRST: Value = Value::I64(101);

#[test]
fn every_pass_starts_clean() {
    every_wasm_worker(|subject| {
        let mut session = subject.start();
        session.open(&counter().giving(FIRST));
        let passes = session.execute(4).unwrap_or_else(|(failure, _)| panic!("{failure:?}"));
        assert_eq!(passes.len(), 4);
        assert!(passes.iter().all(|pass| pass.outcome == Some(Outcome::One(FIRST))));
    });
}

#[test]
fn with_fresh_instances_every_warm_call_is_a_first_one() {
    every_wasm_worker(|subject| {
        let mut session = subject.start();
        session.open(&counter().giving(FIRST).fresh());
        session.hold().expect("holds");
        let call = Request::Call { readings: 20, calls: None, reading_ns: 1 };
        let readings = session.readings(&call).unwrap_or_else(|(failure, _)| panic!("{failure:?}"));
        assert_eq!(readings.len(), 20);
        assert!(readings.iter().all(|reading| reading.calls == 1));
    });
}

#[test]
fn without_fresh_instances_a_changing_result_is_caught() {
    every_wasm_worker(|subject| {
        for case in [counter().giving(FIRST), counter()] {
            let mut session = subject.start();
            session.open(&case);
            session.hold().expect("the first call is right");
            let call = Request::Call { readings: 1, calls: Some(3), reading_ns: 0 };
            let (failure, readings) = session.readings(&call).expect_err("the counter counts");
            assert_eq!((failure.error.kind, failure.phase), (ErrorKind::WrongResult, Some(Phase::DCallWarm)));
            assert!(readings.is_empty());
        }
    });
}

#[test]
fn warm_instantiations_leave_the_held_instance_alone() {
    every_wasm_worker(|subject| {
        let mut session = subject.start();
        session.open(&counter());
        session.hold().expect("holds");
        let instantiate = Request::Instantiate { readings: 5 };
        session.readings(&instantiate).unwrap_or_else(|(failure, _)| panic!("{failure:?}"));
        let call = Request::Call { readings: 1, calls: Some(1), reading_ns: 0 };
        session.readings(&call).unwrap_or_else(|(failure, _)| panic!("{failure:?}"));
    });
}

#[test]
fn another_module_replaces_the_one_that_was_open() {
    let other = r#"(module (func (export "run") (param i32) (result i64) (i64.const 7)))"#;
    every_wasm_worker(|subject| {
        let mut session = subject.start();
        session.open(&counter().giving(FIRST));
        session.hold().expect("holds");
        session.open(&Case::export(other, "run", &[Value::I32(0)]).giving(Value::I64(7)));
        let call = Request::Call { readings: 1, calls: Some(1), reading_ns: 0 };
        session.readings(&call).expect_err("what was held is gone");
        session.execute(1).unwrap_or_else(|(failure, _)| panic!("{failure:?}"));
        session.ask(&Request::Close).expect("closes");
        session.execute(1).expect_err("nothing is open");
    });
}
