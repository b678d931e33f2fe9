//! Kinds of modules on which runtimes differ or tools are known to go wrong, each with the right value. The
//! modules are in `modules/`; others of each kind differ in their details.

use crate::place::{ONE_ROUND, Place, left_out, says};
use assert_cmd::assert::Assert;
use predicates::prelude::*;

/// Three runtimes that are cheap to build: two compilers and an interpreter.
const RUNTIMES: &str = "wasmtime-cranelift,wasmi-eager,v8-turbofan";

macro_rules! module {
    ($name:literal) => {
        ($name, include_str!(concat!("modules/", $name, ".wat")))
    };
}

/// A quick run of a module on `engines`, of a single round: what is tested shows in each.
fn run(place: &Place, (name, text): (&str, &str), engines: &str, arguments: &[&str]) -> Assert {
    let file = place.wasm(&format!("{name}.wasm"), text);
    place.bench(&file, &ONE_ROUND).args(["--engines", engines]).args(arguments).assert()
}

fn measures_calls(place: &Place) {
    assert!(place.column("summary.csv", "phase").contains("d-call-warm"));
    assert!(!place.column("failures.csv", "kind").contains("failed"));
}

#[test]
fn a_second_call_that_differs_gives_each_warm_call_a_fresh_instance() {
    if left_out() {
        return;
    }
    let place = Place::new();
    run(&place, module!("plain-memory"), RUNTIMES, &["--invoke", "or", "4"])
        .success()
        .stdout(says("or(4) → 0: all 2 engines agree"))
        .stdout(says("so each warm call has a fresh instance"));
    measures_calls(&place);
    assert!(place.described().cases.iter().all(|case| case.fresh_instance));
}

#[test]
fn an_engine_that_refuses_a_module_says_so_where_the_others_trap() {
    if left_out() {
        return;
    }
    let place = Place::new();
    run(&place, module!("plain-memory"), RUNTIMES, &["--invoke", "crooked"])
        .code(3)
        .stdout(says("the guest traps, so no call can be timed"));
    let mut reader = csv::Reader::from_path(place.run().join("failures.csv")).unwrap();
    let failures: Vec<bench::record::Failure> = reader.deserialize().map(Result::unwrap).collect();
    let traps = |engine: &str| {
        failures.iter().filter(|one| one.engine == engine).all(|one| one.reason.contains("the guest traps"))
    };
    assert!(traps("v8-turbofan") && !traps("wasmi-eager"));
    assert!(!failures.iter().any(|one| one.engine == "wasmi-eager" && one.reason.contains("traps")));
}

#[test]
fn instances_that_wear_out_are_measured_to_the_end() {
    if left_out() {
        return;
    }
    for call in [&["wear", "100000"][..], &["drift", "100000"], &["leak"]] {
        let place = Place::new();
        run(&place, module!("wears-out"), RUNTIMES, &[&["--invoke"], call].concat())
            .success()
            .stdout(says("→ 7: all 3 engines agree"));
        measures_calls(&place);
    }
}

#[test]
fn a_reactor_is_initialised_by_every_engine() {
    if left_out() {
        return;
    }
    let place = Place::new();
    run(&place, module!("with-wasi"), RUNTIMES, &["--invoke", "get"])
        .success()
        .stdout(says("get() → 7: all 3 engines agree"))
        .stdout(says("its _initialize is called once in every instance, in c"));
    measures_calls(&place);
}

#[test]
fn a_clock_and_random_numbers_have_no_expected_result_and_are_measured() {
    if left_out() {
        return;
    }
    for function in ["now", "random"] {
        let place = Place::new();
        run(&place, module!("changing"), RUNTIMES, &["--invoke", function])
            .success()
            .stdout(says("its result differs from call to call, so none is expected"));
        measures_calls(&place);
    }
}

#[test]
fn endless_recursion_ends_in_a_trap_or_is_refused_and_never_ends_the_run() {
    if left_out() {
        return;
    }
    let place = Place::new();
    run(&place, module!("deep"), RUNTIMES, &["--limit", "20s", "--invoke", "main"]).code(3);
    assert!(place.passes().contains("aot") && !place.passes().contains("jit"));
}

#[test]
fn an_exit_code_that_an_engine_refuses_is_unsupported_in_its_words() {
    if left_out() {
        return;
    }
    for code in ["126", "200", "256"] {
        let place = Place::new();
        run(&place, module!("exit"), RUNTIMES, &["--arg", code])
            .success()
            .stdout(says("invalid exit status outside of [0..126)"));
        measures_calls(&place);
    }
    let place = Place::new();
    run(&place, module!("exit"), RUNTIMES, &["--arg", "3", "--expect-exit", "3"]).success();
    measures_calls(&place);
}

#[test]
fn an_uncaught_exception_is_one_and_the_same_end() {
    if left_out() {
        return;
    }
    let place = Place::new();
    run(&place, module!("caught"), "wasmtime-cranelift,v8-turbofan", &["--invoke", "boom"])
        .stdout(says("ended by an uncaught exception"));
    let reasons = place.column("failures.csv", "reason");
    assert!(
        reasons.iter().all(|one| one.contains("uncaught exception") || !one.contains("trap")),
        "{reasons:?}"
    );
    assert!(!place.column("failures.csv", "kind").contains("failed"));
}

#[test]
fn a_feature_that_an_engine_lacks_is_unsupported() {
    if left_out() {
        return;
    }
    let modules = [module!("memory64"), module!("extended-const"), module!("threads")];
    for module in modules {
        let place = Place::new();
        run(&place, module, RUNTIMES, &["--invoke", "f"]).success().stdout(says("f() → 42"));
        assert!(!place.column("failures.csv", "kind").contains("failed"), "{}", module.0);
    }
}

#[test]
fn exceptions_of_the_old_form_are_unsupported_where_they_are_not_taken() {
    if left_out() {
        return;
    }
    // `try`, `i32.const 42`, `catch_all`, `i32.const 0`: an encoding that the text format no longer has.
    let wasm = b"\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7f\x03\x02\x01\0\x07\x05\x01\x01f\0\0\x0a\x0c\x01\x0a\0\x06\x7f\x41\x2a\x19\x41\0\x0b\x0b";
    let place = Place::new();
    let file = place.file("legacy.wasm", wasm);
    let mut bench = place.bench(&file, &ONE_ROUND);
    bench.args(["--engines", RUNTIMES, "--invoke", "f"]).assert().success().stdout(says("f() → 42"));
    assert!(!place.column("failures.csv", "kind").contains("failed"));
}

#[test]
fn a_suite_of_sightglass_runs_with_its_marks_and_its_expected_output() {
    if left_out() {
        return;
    }
    let text = r#"(module (import "bench" "start" (func $start)) (import "bench" "end" (func $end))
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1) (data (i32.const 16) "done\n")
        (func (export "_start") (local $count i32)
            (call $start)
            (loop $again (local.set $count (i32.add (local.get $count) (i32.const 1)))
                (br_if $again (i32.lt_u (local.get $count) (i32.const 10000))))
            (call $end)
            (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 5))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;
    let place = Place::new();
    place.wasm("one.wasm", text);
    place.wasm("two.wasm", text);
    place.file("one.stdout.expected", "done\n");
    let suite = place.file("all.suite", "# all\none.wasm\ntwo.wasm\n");
    let mut bench = assert_cmd::Command::cargo_bin("xtask").unwrap();
    bench.env("WASM_PHASES_GENERATED", place.path("generated"));
    bench.args(["bench", "--suite"]).arg(&suite).args(ONE_ROUND);
    bench.args(["--engines", "wasmtime-winch,wasmi-eager"]).assert().success().stdout(says("2 modules"));
    assert_eq!(place.column("samples.csv", "sample").len(), 2);
    measures_calls(&place);
}

#[test]
fn results_that_may_differ_fail_nobody() {
    if left_out() {
        return;
    }
    for function in ["madd", "swizzle", "trunc"] {
        let place = Place::new();
        run(&place, module!("relaxed"), RUNTIMES, &["--invoke", function]).success();
        measures_calls(&place);
    }
}

#[test]
fn an_argument_that_looks_like_a_negative_number_reaches_the_command_as_it_is() {
    if left_out() {
        return;
    }
    for (argument, bytes) in [("-0x10", "5 bytes printed"), ("-inf", "4 bytes printed")] {
        let place = Place::new();
        let printed = run(&place, module!("echo-argument"), "wasmi-eager", &["--arg", argument]);
        printed.success().stdout(predicate::str::contains(bytes));
    }
}

#[test]
fn an_import_that_nobody_links_is_named_and_the_rest_is_measured() {
    if left_out() {
        return;
    }
    let place = Place::new();
    run(&place, module!("no-such-wasi"), RUNTIMES, &["--invoke", "f"])
        .success()
        .stdout(says("fd_frobnicate"))
        .stdout(says("no engine can call it"));
    assert!(place.passes().contains("aot") && !place.passes().contains("run"));
    let place = Place::new();
    run(&place, module!("no-such-wasi"), RUNTIMES, &["--stub-imports", "--invoke", "f"])
        .success()
        .stdout(says("f() → 42: all 3 engines agree"));
}

#[test]
fn stubs_stand_in_for_imports_that_are_not_called() {
    if left_out() {
        return;
    }
    let place = Place::new();
    run(&place, module!("unused-log"), RUNTIMES, &["--invoke", "fib", "20"])
        .success()
        .stdout(says("env.log(i32, i32)"))
        .stdout(says("--stub-imports"));
    let place = Place::new();
    run(&place, module!("unused-log"), RUNTIMES, &["--stub-imports", "--invoke", "fib", "20"])
        .success()
        .stdout(says("fib(20) → 6765: all 3 engines agree"))
        .stdout(says("with stubs in place of imports: env.log(i32, i32), env.abort(i32, i32, i32, i32)"));
    measures_calls(&place);
    // Where they are called they trap, or give zero.
    let place = Place::new();
    run(&place, module!("unused-log"), RUNTIMES, &["--stub-imports=trap", "--invoke", "fib", "100"]).code(3);
}

#[test]
fn a_command_of_before_preview_1_runs_where_that_is_spoken() {
    if left_out() {
        return;
    }
    let place = Place::new();
    run(&place, module!("unstable"), RUNTIMES, &[])
        .success()
        .stdout(says("exit code 0, 4 bytes printed: the result of v8-turbofan alone"));
    assert!(!place.column("failures.csv", "kind").contains("failed"));
}

#[test]
fn a_command_without_an_exported_memory_has_one_reason_everywhere() {
    if left_out() {
        return;
    }
    let place = Place::new();
    run(&place, module!("wasi-memory-not-exported"), RUNTIMES, &[])
        .success()
        .stdout(says("exports no memory `memory`"));
    assert_eq!(place.passes(), ["aot", "load", "parse"].map(str::to_owned).into());
}

#[test]
fn a_command_without_folders_finds_none() {
    if left_out() {
        return;
    }
    let place = Place::new();
    run(&place, module!("first-folder"), RUNTIMES, &[])
        .success()
        .stdout(says("exit code 8, 0 bytes printed: all 3 engines agree"));
}

#[test]
fn standard_error_is_kept_said_and_compared_where_it_is_expected() {
    if left_out() {
        return;
    }
    let place = Place::new();
    run(&place, module!("errors-only"), RUNTIMES, &[])
        .success()
        .stdout(says("2 bytes on standard error"))
        .stdout(says("not compared"));
    assert_eq!(std::fs::read(place.run().join("stdout/errors-only.stderr")).unwrap(), b"A\n");
    let place = Place::new();
    let right = place.file("right", "B\n");
    let right = right.to_str().unwrap();
    run(&place, module!("errors-only"), RUNTIMES, &["--arg", "x", "--expect-stderr", right]).success();
    measures_calls(&place);
    let place = Place::new();
    run(&place, module!("errors-only"), RUNTIMES, &["--expect-stderr", right])
        .code(1)
        .stderr(predicate::str::contains("no engine prints the 2 bytes of --expect-stderr"));
}

#[test]
fn marks_in_the_start_section_end_the_run_before_any_time_counts() {
    if left_out() {
        return;
    }
    let place = Place::new();
    run(&place, module!("marks-in-start-section"), RUNTIMES, &["--invoke", "f"])
        .code(1)
        .stderr(predicate::str::contains("bench.start is called in the start section, outside the call"));
    assert!(!place.run().join("samples.csv").exists());
}

#[test]
fn packed_modules_text_and_names_of_any_bytes_are_measured() {
    if left_out() {
        return;
    }
    use std::os::unix::ffi::OsStrExt;
    let text = r#"(module (func (export "f") (result i32) (i32.const 42)))"#;
    let place = Place::new();
    let name = std::ffi::OsStr::from_bytes(b"\xff.wat");
    let file = place.0.path().join(name);
    std::fs::write(&file, text).unwrap();
    place
        .bench(
            &file,
            &["--quick", "--no-memory", "--engines", "wasmi-eager", "--invoke", "f", "--expect", "42"],
        )
        .assert()
        .success()
        .stdout(says("f() → 42"));
    measures_calls(&place);
}

#[test]
fn a_module_on_standard_input_is_measured() {
    if left_out() {
        return;
    }
    let place = Place::new();
    let wasm = wat::parse_str(r#"(module (func (export "f") (result i32) (i32.const 42)))"#).unwrap();
    let stdin = std::path::Path::new("-");
    place
        .bench(stdin, &["--quick", "--no-memory", "--engines", "wasmi-eager", "--invoke", "f"])
        .write_stdin(wasm)
        .assert()
        .success()
        .stdout(says("stdin: f() → 42"));
}

#[test]
fn an_expected_result_outweighs_the_engines() {
    if left_out() {
        return;
    }
    let place = Place::new();
    let text = ("seven", r#"(module (func (export "f") (param i32) (result i32) (local.get 0)))"#);
    run(&place, text, RUNTIMES, &["--invoke", "f", "-7", "--expect", "-7"]).success();
    measures_calls(&place);
    let place = Place::new();
    run(&place, text, RUNTIMES, &["--invoke", "f", "7", "--expect", "8"])
        .code(1)
        .stderr(predicate::str::contains("no engine has the 8 of --expect: "));
}

#[test]
fn a_library_that_must_be_set_up_is_set_up_on_every_fresh_instance() {
    if left_out() {
        return;
    }
    let text = (
        "library",
        r#"(module (global $size (mut i32) (i32.const 0))
            (func (export "init") (param i32) (result i32) (global.set $size (local.get 0)) (i32.const 1))
            (func (export "f") (result i32) (if (i32.eqz (global.get $size)) (then unreachable)) (global.get $size)))"#,
    );
    let place = Place::new();
    run(&place, text, RUNTIMES, &["--invoke", "f", "--setup", "init 16", "--fresh-instance"])
        .success()
        .stdout(says("f() → 16: all 3 engines agree"))
        .stdout(says("every fresh instance is set up, untimed: init"));
    measures_calls(&place);
}
