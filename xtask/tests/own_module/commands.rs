//! WASI commands: what they print, and what they are given.

use crate::place::{AROUND, ENGINES_OF_FOLDERS, Place, command, left_out, says};
use predicates::prelude::*;

#[test]
fn a_commands_output_and_exit_code_are_its_result() {
    if left_out() {
        return;
    }
    let place = Place::new();
    let file = place.wasm("hello.wasm", &command("hello", 7));
    place
        .measured(&file, &[])
        .success()
        .stdout(says("hello.wasm → exit code 7, 5 bytes printed: all 2 engines agree"))
        .stdout(says("exit code 7 is taken as its result, and it is measured"));
    assert!(place.column("summary.csv", "phase").contains("d-call-warm"));
    assert_eq!(std::fs::read(place.run().join("stdout/hello.expected")).unwrap(), b"hello");
}

#[test]
fn a_command_sees_the_arguments_environment_input_and_folder_that_it_is_given() {
    if left_out() {
        return;
    }
    let place = Place::new();
    let file = place.wasm("around.wasm", AROUND);
    let input = place.file("in.txt", "input ");
    let folder = format!("{}::/data", place.0.path().display());
    let input = input.to_str().unwrap();
    let around = [
        "--arg", "--flag", "--arg", "-0x10", "--arg", "-inf", "--env", "K=V=W", "--stdin", input, "--dir",
        &folder,
    ];
    let text = "around.wasm\0--flag\0-0x10\0-inf\0K=V=W\0input /data";
    let expected = place.file("expected", text);
    let bench = |more: &[&str]| {
        let mut bench = place.bench(
            &file,
            &["--quick", "--no-memory", "--time-budget", "10ms", "--engines", ENGINES_OF_FOLDERS],
        );
        bench.args(around).args(more).assert().success();
    };
    bench(&[]);
    let kept = std::fs::read(place.run().join("stdout/around.expected")).unwrap();
    assert_eq!(String::from_utf8(kept).unwrap(), text);
    std::fs::remove_dir_all(place.path("generated")).unwrap();
    bench(&["--expect-stdout", expected.to_str().unwrap()]);
    assert!(place.column("summary.csv", "phase").contains("d-call-warm"));
}

#[test]
fn an_expected_output_that_no_engine_prints_ends_the_run_before_any_time_counts() {
    if left_out() {
        return;
    }
    let place = Place::new();
    let file = place.wasm("hello.wasm", &command("hello", 0));
    let right = place.file("right", "hello");
    place.measured(&file, &["--expect-stdout", right.to_str().unwrap()]).success();
    std::fs::remove_dir_all(place.path("generated")).unwrap();
    let wrong = place.file("wrong", "hullo");
    place
        .measured(&file, &["--expect-stdout", wrong.to_str().unwrap()])
        .code(1)
        .stderr(predicate::str::contains("no engine prints the 5 bytes of --expect-stdout"));
    assert!(!place.run().join("samples.csv").exists());
}

#[test]
fn a_module_that_prints_a_gigabyte_is_stopped_and_says_so() {
    if left_out() {
        return;
    }
    let place = Place::new();
    let text = r#"(module
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 65)
        (func (export "_start") (local $left i32)
            (i32.store (i32.const 0) (i32.const 65536)) (i32.store (i32.const 4) (i32.const 4194304))
            (local.set $left (i32.const 256))
            (loop $again
                (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
                (local.set $left (i32.sub (local.get $left) (i32.const 1)))
                (br_if $again (local.get $left)))))"#;
    place
        .measured(&place.wasm("loud.wasm", text), &[])
        .code(1)
        .stderr(predicate::str::contains("loud.wasm: the guest printed more than 64 MiB"))
        .stderr(predicate::str::contains("--compile-only"));
}
