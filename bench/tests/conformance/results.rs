//! Calls give the right results, of every type, and no other result counts.

use crate::session::Case;
use crate::workers::every_wasm_worker;
use protocol::message::Request;
use protocol::{ErrorKind, Outcome, Phase, Value};

/// Squares its argument as a 64-bit number.
const SQUARE: &str = r#"(module (func (export "run") (param i32) (result i64)
    (i64.mul (i64.extend_i32_s (local.get 0)) (i64.extend_i32_s (local.get 0)))))"#;

/// A function of each signature that a call may have.
const SIGNATURES: &str = r#"(module
    (func (export "nothing"))
    (func (export "constant") (result i32) (i32.const -5))
    (func (export "i32") (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1)))
    (func (export "i64") (param i64 i64) (result i64) (i64.xor (local.get 0) (local.get 1)))
    (func (export "f32") (param f32) (result f32) (f32.neg (local.get 0)))
    (func (export "f64") (param f64 f64) (result f64) (f64.div (local.get 0) (local.get 1)))
    (func (export "mixed") (param i32 i64 f32 f64) (result f64)
        (f64.add (f64.add (f64.convert_i32_s (local.get 0)) (f64.convert_i64_s (local.get 1)))
                 (f64.add (f64.promote_f32 (local.get 2)) (local.get 3)))))"#;

fn f32(value: f32) -> Value {
    Value::F32(value.to_bits())
}

fn f64(value: f64) -> Value {
    Value::F64(value.to_bits())
}

#[test]
fn a_call_gives_its_result() {
    every_wasm_worker(|subject| {
        for (arg, square) in [(0, 0), (-9, 81), (i32::MIN, 1 << 62)] {
            let case = Case::export(SQUARE, "run", &[Value::I32(arg)]).giving(Value::I64(square));
            assert_eq!(subject.start().outcome(&case), Outcome::One(Value::I64(square)));
        }
    });
}

#[test]
fn numbers_of_every_type_go_in_and_come_out() {
    let cases = [
        ("i32", vec![Value::I32(i32::MIN), Value::I32(1)], Value::I32(i32::MAX)),
        ("i64", vec![Value::I64(-1), Value::I64(1 << 40)], Value::I64(-1 ^ (1 << 40))),
        ("f32", vec![f32(0.0)], f32(-0.0)),
        ("f64", vec![f64(-1.0), f64(0.0)], f64(f64::NEG_INFINITY)),
        ("mixed", vec![Value::I32(-1), Value::I64(1 << 33), f32(0.5), f64(0.25)], f64(8_589_934_591.75)),
        ("constant", vec![], Value::I32(-5)),
    ];
    every_wasm_worker(|subject| {
        let mut session = subject.start();
        for (export, args, result) in &cases {
            let case = Case::export(SIGNATURES, export, args);
            assert_eq!(session.outcome(&case), Outcome::One(*result), "{export}");
        }
        assert_eq!(session.outcome(&Case::export(SIGNATURES, "nothing", &[])), Outcome::Nothing);
    });
}

#[test]
fn a_wrong_result_is_a_failure_and_never_a_time() {
    every_wasm_worker(|subject| {
        let mut session = subject.start();
        let case = Case::export(SQUARE, "run", &[Value::I32(3)]).giving(Value::I64(10));
        let failure = session.fails(&case, ErrorKind::WrongResult);
        assert_eq!(failure.phase, Some(Phase::DCallFirst));
        assert!(failure.error.message.contains("10"), "names what was expected: {}", failure.error.message);
        assert!(failure.error.message.contains('9'), "names what came: {}", failure.error.message);
        assert_eq!(session.hold().expect_err("holding calls too").error.kind, ErrorKind::WrongResult);
        let call = Request::Call { readings: 1, calls: Some(1), reading_ns: 0 };
        session.readings(&call).expect_err("nothing is held");
        session.still_works();
    });
}

#[test]
fn a_result_of_another_type_is_a_wrong_result() {
    every_wasm_worker(|subject| {
        let case = Case::export(SQUARE, "run", &[Value::I32(3)]).giving(Value::I32(9));
        subject.start().fails(&case, ErrorKind::WrongResult);
    });
}

#[test]
fn data_and_tables_are_in_place_and_memory_grows_as_far_as_it_may() {
    let module = r#"(module
        (memory (export "memory") 1 3)
        (data (i32.const 8) "\2a\00\00\00")
        (type $number (func (result i32)))
        (table 2 funcref)
        (elem (i32.const 1) $seven)
        (func $seven (result i32) (i32.const 7))
        (func (export "data") (result i32) (i32.load (i32.const 8)))
        (func (export "indirect") (param i32) (result i32) (call_indirect (type $number) (local.get 0)))
        (func (export "grow") (param i32) (result i32)
            (i32.add (i32.mul (memory.grow (local.get 0)) (i32.const 10)) (memory.size))))"#;
    let cases =
        [("data", vec![], 42), ("indirect", vec![1], 7), ("grow", vec![2], 13), ("grow", vec![3], -9)];
    every_wasm_worker(|subject| {
        let mut session = subject.start();
        for (export, args, result) in &cases {
            let args: Vec<_> = args.iter().copied().map(Value::I32).collect();
            let outcome = session.outcome(&Case::export(module, export, &args));
            assert_eq!(outcome, Outcome::One(Value::I32(*result)), "{export} {args:?}");
        }
    });
}

#[test]
fn the_start_function_runs_before_the_call() {
    let module = r#"(module (global $state (mut i32) (i32.const 1))
        (func $start (global.set $state (i32.const 2)))
        (start $start)
        (func (export "run") (result i32) (global.get $state)))"#;
    every_wasm_worker(|subject| {
        let case = Case::export(module, "run", &[]).giving(Value::I32(2));
        assert_eq!(subject.start().outcome(&case), Outcome::One(Value::I32(2)));
    });
}
