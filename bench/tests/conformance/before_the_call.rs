//! What happens on a fresh instance before its entry is called: a reactor is initialised, exports are called
//! to set it up, and nothing is marked.

use crate::session::Case;
use crate::workers::every_wasm_worker;
use protocol::message::Request;
use protocol::{Entry, ErrorKind, Outcome, Phase, Value};

/// A reactor that can be initialised once, an export that needs it, and one that readies what another reads.
const REACTOR: &str = r#"(module (global $ready (mut i32) (i32.const 0)) (global $level (mut i64) (i64.const 0))
    ;; The ABI of reactors asks for it, and some engines look.
    (memory (export "memory") 1)
    (func (export "_initialize") (if (global.get $ready) (then unreachable)) (global.set $ready (i32.const 7)))
    (func (export "run") (param i32) (result i64) (i64.extend_i32_s (global.get $ready)))
    (func (export "raise") (param i32)
        (global.set $level (i64.add (global.get $level) (i64.extend_i32_s (local.get 0)))))
    (func (export "level") (param i32) (result i64) (global.get $level))
    (func (export "refuse") (param i32) unreachable))"#;

fn reactor(export: &str) -> Case {
    Case::export(REACTOR, export, &[Value::I32(0)])
}

/// Asks for passes, and for warm readings of an instance and of another that takes its place.
fn measure(session: &mut crate::session::Session<'_>, case: &Case) {
    session.open(case);
    session.execute(3).unwrap_or_else(|(failure, _)| panic!("{failure:?}"));
    session.hold().unwrap_or_else(|failure| panic!("{failure:?}"));
    for _ in 0..2 {
        let call = Request::Call { readings: 2, calls: Some(3), reading_ns: 0 };
        session.readings(&call).unwrap_or_else(|(failure, _)| panic!("{failure:?}"));
        session.ask(&Request::Renew).unwrap_or_else(|(failure, _)| panic!("{failure:?}"));
    }
}

#[test]
fn a_reactor_is_initialised_once_in_every_instance() {
    every_wasm_worker(|subject| {
        let case = reactor("run").giving(Value::I64(7));
        let mut session = subject.start();
        measure(&mut session, &case);
        measure(&mut session, &case.fresh());
    });
}

#[test]
fn an_initialiser_that_is_the_entry_is_called_by_that_alone() {
    every_wasm_worker(|subject| {
        let case = Case::export(REACTOR, "_initialize", &[]);
        assert_eq!(subject.start().outcome(&case), Outcome::Nothing);
    });
}

#[test]
fn exports_that_set_an_instance_up_are_called_in_order_on_every_fresh_one() {
    every_wasm_worker(|subject| {
        let case = reactor("level").after("raise", 2).after("raise", 3).giving(Value::I64(5));
        let mut session = subject.start();
        measure(&mut session, &case);
        measure(&mut session, &case.fresh());
    });
}

#[test]
fn a_set_up_that_traps_or_is_not_there_is_named_and_brings_no_reading() {
    every_wasm_worker(|subject| {
        let mut session = subject.start();
        let failure = session.fails(&reactor("level").after("refuse", 1), ErrorKind::Trap);
        assert_eq!(failure.phase, Some(Phase::CInstantiateFirst));
        assert!(failure.error.message.contains("refuse"), "{failure:?}");
        session.fails(&reactor("level").after("absent", 1), ErrorKind::Link);
        session.still_works();
    });
}

#[test]
fn a_renewed_instance_knows_nothing_of_the_calls_of_the_one_before() {
    // It bears four calls.
    let wearing = r#"(module (global $calls (mut i32) (i32.const 0))
        (func (export "run") (param i32) (result i64)
            (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
            (if (i32.gt_u (global.get $calls) (i32.const 4)) (then unreachable)) (i64.const 7)))"#;
    every_wasm_worker(|subject| {
        let mut session = subject.start();
        session.open(&Case::export(wearing, "run", &[Value::I32(0)]).giving(Value::I64(7)));
        session.hold().unwrap_or_else(|failure| panic!("{failure:?}"));
        let call = Request::Call { readings: 1, calls: Some(3), reading_ns: 0 };
        for _ in 0..3 {
            session.readings(&call).unwrap_or_else(|(failure, _)| panic!("{failure:?}"));
            session.ask(&Request::Renew).unwrap_or_else(|(failure, _)| panic!("{failure:?}"));
        }
        session.readings(&call).unwrap_or_else(|(failure, _)| panic!("{failure:?}"));
        session.readings(&call).expect_err("the instance is worn out");
    });
}

#[test]
fn marks_in_the_start_section_are_said_to_be_outside_the_call() {
    let marked = r#"(module (import "bench" "start" (func $start)) (import "bench" "end" (func $end))
        (func $s (call $start) (call $end)) (start $s) (func (export "f") (result i32) (i32.const 42)))"#;
    let entry = || Entry::Export { name: "f".to_owned(), args: Vec::new() };
    every_wasm_worker(|subject| {
        let mut session = subject.start();
        session.open(&Case::of(marked, entry()).marked());
        let (failure, _) = session.execute(1).expect_err("this must fail");
        if failure.error.kind == ErrorKind::Unsupported {
            // An engine may lack host functions in the start section; it says so.
            return;
        }
        assert_eq!(failure.error.kind, ErrorKind::WrongResult, "{failure:?}");
        assert!(failure.error.message.contains("start section, outside the call"), "{failure:?}");
    });
}
