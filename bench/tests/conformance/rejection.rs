//! What cannot be run is rejected with an error that says why, and the worker lives on.

use crate::session::Case;
use crate::workers::{every_wasm_worker, every_worker};
use bench::record::FailureKind;
use protocol::message::Request;
use protocol::{Entry, ErrorKind, Value};

const EMPTY_RUN: &str = r#"(module (func (export "run") (param i32) (result i64) (i64.const 0)))"#;

fn run_entry() -> Entry {
    Entry::Export { name: "run".into(), args: vec![Value::I32(0)] }
}

#[test]
fn bytes_that_are_no_module_are_rejected() {
    let whole = wat::parse_str(EMPTY_RUN).expect("well formed");
    let bad: [(&str, &[u8]); 5] = [
        ("nothing", b""),
        ("text", b"(module)\n"),
        ("the header's half", &whole[..4]),
        ("a module's half", &whole[..whole.len() / 2]),
        ("a module less a byte", &whole[..whole.len() - 1]),
    ];
    every_wasm_worker(|subject| {
        let mut session = subject.start();
        for (what, bytes) in bad {
            println!("{}: {what}", subject.configuration);
            session.fails(&Case::bytes(bytes, run_entry()), ErrorKind::Rejected);
        }
        session.still_works();
    });
}

#[test]
fn a_module_that_does_not_validate_is_rejected() {
    // The body of `run` leaves an i32 where its type wants an i64.
    let mut wasm = wat::parse_str(EMPTY_RUN).expect("well formed");
    let body = wasm.iter().rposition(|&byte| byte == 0x42).expect("i64.const");
    wasm[body] = 0x41;
    every_wasm_worker(|subject| {
        let mut session = subject.start();
        session.fails(&Case::bytes(&wasm, run_entry()), ErrorKind::Rejected);
        session.still_works();
    });
}

#[test]
fn a_module_with_simd_runs_rightly_or_is_refused_as_a_whole() {
    let module = r#"(module (func (export "run") (param i32) (result i64)
        (i64x2.extract_lane 1 (i64x2.add (i64x2.splat (i64.extend_i32_s (local.get 0)))
            (v128.const i64x2 1 2)))))"#;
    every_wasm_worker(|subject| {
        let mut session = subject.start();
        session.open(&Case::export(module, "run", &[Value::I32(40)]).giving(Value::I64(42)));
        if let Err((failure, _)) = session.execute(1) {
            let kind = FailureKind::of(failure.error.kind, failure.phase, || false);
            assert_eq!(kind, FailureKind::Unsupported, "{failure:?}");
        }
        session.still_works();
    });
}

#[test]
fn a_missing_import_is_named() {
    let module = r#"(module (import "somewhere" "unheard_of" (func)) (func (export "run")))"#;
    every_wasm_worker(|subject| {
        let mut session = subject.start();
        let failure = session.fails(&Case::export(module, "run", &[]), ErrorKind::Link);
        assert!(failure.error.message.contains("unheard_of"), "{}", failure.error.message);
        session.still_works();
    });
}

#[test]
fn a_missing_export_is_named() {
    every_wasm_worker(|subject| {
        let mut session = subject.start();
        let failure = session.fails(&Case::export(EMPTY_RUN, "walk", &[Value::I32(0)]), ErrorKind::Link);
        assert!(failure.error.message.contains("walk"), "{}", failure.error.message);
        session.still_works();
    });
}

#[test]
fn an_export_that_is_no_function_is_no_entry() {
    let module = r#"(module (memory (export "run") 1))"#;
    every_wasm_worker(|subject| {
        let mut session = subject.start();
        let failure = session.fails(&Case::export(module, "run", &[]), ErrorKind::Link);
        assert!(failure.error.message.contains("run"), "{}", failure.error.message);
        session.still_works();
    });
}

#[test]
fn arguments_of_other_types_than_the_parameters_are_rejected() {
    let wrong = [vec![], vec![Value::I64(0)], vec![Value::F32(0)], vec![Value::I32(0), Value::I32(0)]];
    every_wasm_worker(|subject| {
        let mut session = subject.start();
        for args in &wrong {
            session.fails(&Case::export(EMPTY_RUN, "run", args), ErrorKind::Link);
        }
        session.still_works();
    });
}

#[test]
fn a_module_file_that_is_not_there_is_named() {
    every_worker(|subject| {
        let mut session = subject.start();
        let request = Request::Open {
            module: session.path("missing.wasm"),
            entry: run_entry(),
            expected: None,
            expected_stdout: None,
            expected_stderr: None,
            setup: Vec::new(),
            fresh_instance: false,
            marks: protocol::MarksUse::Ignored,
            signature: None,
        };
        let (failure, _) = session.ask(&request).expect_err("there is no such file");
        assert_eq!(failure.error.kind, ErrorKind::Io);
        assert!(failure.error.message.contains("missing.wasm"), "{}", failure.error.message);
    });
}

#[test]
fn passes_without_an_open_module_fail() {
    every_worker(|subject| {
        let mut session = subject.start();
        session.passes(&Request::Jit { passes: 1 }).expect_err("nothing is open");
        session.readings(&Request::Instantiate { readings: 1 }).expect_err("nothing is open");
        session.ask(&Request::Close).expect("closing nothing is no failure");
    });
}
