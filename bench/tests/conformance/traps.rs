//! Whatever a guest does wrong comes back as a trap, and the worker lives on.

use crate::session::Case;
use crate::workers::every_wasm_worker;
use protocol::message::Request;
use protocol::{ErrorKind, Phase, Value};

/// Calls `body` traps, in a module with a page of memory and a table with one function.
fn trapping(body: &str) -> Case {
    let module = format!(
        r#"(module (memory 1 1) (table 2 funcref) (elem (i32.const 0) $other)
            (type $number (func (result i32)))
            (func $other (param f32))
            (func $deeper (param i32) (result i32)
                (i32.add (i32.const 1) (call $deeper (i32.add (local.get 0) (i32.const 1)))))
            (func (export "run") (param i32) (result i64) {body}))"#
    );
    Case::export(&module, "run", &[Value::I32(0)])
}

/// It must trap in the first call, and the worker must work afterwards.
fn traps(body: &str) {
    let case = trapping(body);
    every_wasm_worker(|subject| {
        let mut session = subject.start();
        let failure = session.fails(&case, ErrorKind::Trap);
        assert_eq!(failure.phase, Some(Phase::DCallFirst), "{failure:?}");
        println!("{}: {}", subject.configuration, failure.error.message);
        session.fails(&case, ErrorKind::Trap);
        session.still_works();
    });
}

#[test]
fn unreachable_traps() {
    traps("unreachable");
}

#[test]
fn dividing_by_zero_traps() {
    traps("(i64.extend_i32_s (i32.div_s (i32.const 1) (local.get 0)))");
}

#[test]
fn a_quotient_that_does_not_fit_traps() {
    traps("(i64.extend_i32_s (i32.div_s (i32.const 0x80000000) (i32.sub (local.get 0) (i32.const 1))))");
}

#[test]
fn converting_a_float_that_does_not_fit_traps() {
    traps("(i64.trunc_f64_s (f64.div (f64.const 1) (f64.convert_i32_s (local.get 0))))");
}

#[test]
fn reading_past_the_end_of_memory_traps() {
    traps("(i64.load (i32.add (local.get 0) (i32.const 65529)))");
}

#[test]
fn reading_far_past_the_end_of_memory_traps() {
    traps("(i64.load offset=4294967295 (i32.sub (local.get 0) (i32.const 1)))");
}

#[test]
fn writing_past_the_end_of_memory_traps() {
    traps("(i32.store (i32.add (local.get 0) (i32.const 65536)) (i32.const 1)) (i64.const 0)");
}

#[test]
fn calling_an_empty_table_slot_traps() {
    traps("(i64.extend_i32_s (call_indirect (type $number) (i32.const 1)))");
}

#[test]
fn calling_past_the_end_of_a_table_traps() {
    traps("(i64.extend_i32_s (call_indirect (type $number) (i32.const 7)))");
}

#[test]
fn calling_through_a_table_with_another_signature_traps() {
    traps("(i64.extend_i32_s (call_indirect (type $number) (local.get 0)))");
}

#[test]
fn running_out_of_stack_traps() {
    traps("(i64.extend_i32_s (call $deeper (local.get 0)))");
}

#[test]
fn a_start_function_that_traps_fails_the_instantiation() {
    let module = r#"(module (func $start unreachable) (start $start) (func (export "run")))"#;
    every_wasm_worker(|subject| {
        let mut session = subject.start();
        let failure = session.fails(&Case::export(module, "run", &[]), ErrorKind::Trap);
        assert_eq!(failure.phase, Some(Phase::CInstantiateFirst), "{failure:?}");
        session.still_works();
    });
}

#[test]
fn a_trap_in_a_warm_call_is_a_failure_and_keeps_earlier_readings() {
    let module = r#"(module (global $calls (mut i32) (i32.const 0))
        (func (export "run") (param i32) (result i64)
            (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
            (if (i32.ge_s (global.get $calls) (local.get 0)) (then unreachable))
            (i64.const 5)))"#;
    every_wasm_worker(|subject| {
        let mut session = subject.start();
        session.open(&Case::export(module, "run", &[Value::I32(4)]).giving(Value::I64(5)));
        session.hold().expect("the first call is fine");
        let call = Request::Call { readings: 9, calls: Some(1), reading_ns: 0 };
        let (failure, readings) = session.readings(&call).expect_err("the fourth call traps");
        assert_eq!((failure.error.kind, failure.phase), (ErrorKind::Trap, Some(Phase::DCallWarm)));
        assert_eq!(readings.len(), 2, "holding took the first of the three good calls");
        session.still_works();
    });
}
