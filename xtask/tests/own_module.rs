//! `bench --wasm` through the command line: what is refused before any engine is started, and
//! what the engines make of small modules. Tests of the second sort need workers, as `pipeline.rs`
//! says.

#![allow(clippy::unwrap_used, reason = "in a test an unexpected error is a failure")]

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use bench::results::Reading;
use bench::run_file::Run;
use predicates::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Two runtimes, cheap to start, so that there is something to agree on.
const ENGINES: &str = "wasmtime-winch,wasmer-singlepass";

/// Two that number the folders that they open as WASI's own C library expects: from 3 on.
const ENGINES_OF_FOLDERS: &str = "wasmtime-winch,lucet";

/// A function, one that changes what its next call does, one that has no end, one that traps, and
/// exports that are none of these.
const MODULE: &str = r#"(module (memory (export "memory") 1) (global $calls (mut i32) (i32.const 0))
    (func (export "add") (param i32 i64) (result i64)
        (i64.add (i64.extend_i32_s (local.get 0)) (local.get 1)))
    (func (export "half") (param f64) (result f64) (f64.div (local.get 0) (f64.const 2)))
    (func (export "count") (result i32)
        (global.set $calls (i32.add (global.get $calls) (i32.const 1))) (global.get $calls))
    (func (export "forever") (loop $again (br $again)))
    (func (export "trap") unreachable))"#;

/// A command that prints its arguments, its environment, its standard input, and what its first
/// folder is called.
const AROUND: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "environ_sizes_get" (func $env_sizes (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "environ_get" (func $env (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $folder (param i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func $print (param $length i32)
        (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (local.get $length))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
    (func (export "_start")
        (drop (call $args_sizes (i32.const 16) (i32.const 20)))
        (drop (call $args (i32.const 512) (i32.const 1024))) (call $print (i32.load (i32.const 20)))
        (drop (call $env_sizes (i32.const 16) (i32.const 20)))
        (drop (call $env (i32.const 512) (i32.const 1024))) (call $print (i32.load (i32.const 20)))
        (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 100))
        (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
        (call $print (i32.load (i32.const 8)))
        (drop (call $folder (i32.const 3) (i32.const 1024) (i32.const 5))) (call $print (i32.const 5))))"#;

/// A command that prints `text` and ends with `code`.
fn command(text: &str, code: i32) -> String {
    let length = text.len();
    format!(
        r#"(module
            (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (memory (export "memory") 1) (data (i32.const 64) "{text}")
            (func (export "_start")
                (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const {length}))
                (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
                (call $exit (i32.const {code}))))"#
    )
}

fn left_out() -> bool {
    let left_out = std::env::var_os("WASM_PHASES_REQUIRE_WORKERS").is_none();
    if left_out {
        eprintln!("left out: `cargo xtask test` prepares the workers that this needs");
    }
    left_out
}

/// A folder of the test's own, with modules and output.
struct Place(TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let file = self.path(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, content).unwrap();
        file
    }

    fn wasm(&self, name: &str, text: &str) -> PathBuf {
        self.file(name, wat::parse_str(text).unwrap())
    }

    /// `bench --wasm FILE` with further arguments, output here.
    fn bench(&self, file: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("xtask").unwrap();
        command.env("WASM_PHASES_GENERATED", self.path("generated"));
        command.args(["bench", "--wasm"]).arg(file).args(arguments);
        command
    }

    /// A quick run on the engines of these tests.
    fn measured(&self, file: &Path, arguments: &[&str]) -> Assert {
        self.bench(file, &["--quick", "--no-memory", "--engines", ENGINES]).args(arguments).assert()
    }

    /// It ends with one message that has all of `words`, and nothing was made.
    fn refused(&self, file: &Path, arguments: &[&str], words: &[&str]) {
        let mut command = self.bench(file, arguments);
        command.env("WASM_PHASES_CACHE", self.path("cache"));
        let mut assert = command.assert().code(1).stdout("");
        for words in words {
            assert = assert.stderr(predicate::str::contains(*words));
        }
        let stderr = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(!self.path("cache").exists() && !self.path("generated").exists());
    }

    /// The only run.
    fn run(&self) -> PathBuf {
        let mut runs = std::fs::read_dir(self.path("generated/results")).unwrap();
        let run = runs.next().unwrap().unwrap().path();
        assert!(runs.next().is_none());
        run
    }

    fn described(&self) -> Run {
        serde_json::from_str(&std::fs::read_to_string(self.run().join("run.json")).unwrap()).unwrap()
    }

    /// The passes of which the engines have times.
    fn passes(&self) -> BTreeSet<String> {
        let mut reader = csv::Reader::from_path(self.run().join("samples.csv")).unwrap();
        let readings = reader.deserialize().map(Result::<Reading, _>::unwrap);
        let of_engines = readings.filter(|reading| reading.engine != bench::CALIBRATION);
        of_engines.map(|reading| reading.pass.to_string()).collect()
    }

    /// The distinct values of one column of a file of the run.
    fn column(&self, file: &str, name: &str) -> BTreeSet<String> {
        let mut reader = csv::Reader::from_path(self.run().join(file)).unwrap();
        let index = reader.headers().unwrap().iter().position(|header| header == name).unwrap();
        reader.records().map(|record| record.unwrap()[index].to_owned()).collect()
    }
}

#[test]
fn files_that_are_no_module_are_told_apart_each_with_the_way_on() {
    let place = Place::new();
    let wasm = wat::parse_str(MODULE).unwrap();
    let absent = place.path("absent.wasm");
    place.refused(&absent, &[], &["there is no file", "absent.wasm"]);
    place.refused(place.0.path(), &[], &["is a folder; name a wasm file"]);
    place.refused(&place.file("empty.wasm", ""), &[], &["empty.wasm is empty"]);
    place.refused(&place.file("notes.txt", "Dear diary"), &[], &["notes.txt is a text file", ".wasm"]);
    let text = place.file("text.wat", MODULE);
    place.refused(&text, &[], &["text format", "wasm-tools parse", "text.wasm"]);
    place.refused(&place.file("text.wasm", MODULE), &[], &["text format", "wasm-tools parse"]);
    place.refused(&place.file("picture.wasm", [0x89, b'P', 0xff]), &[], &["no wasm file", r"\0asm"]);
    let cut = place.file("cut.wasm", &wasm[..wasm.len() - 3]);
    place.refused(&cut, &[], &["cut.wasm is truncated", "build it again"]);
    let component = place.file("component.wasm", wat::parse_str("(component)").unwrap());
    place.refused(&component, &[], &["is a component", "wasm32-wasip1", "wasm-tools component unbundle"]);
    let invalid = wat::parse_str("(module (func (result i32)))").unwrap();
    place.refused(&place.file("invalid.wasm", invalid), &[], &["invalid.wasm is not a valid module"]);
}

#[test]
fn calls_that_cannot_be_made_show_what_there_is() {
    let place = Place::new();
    let file = place.wasm("own.wasm", MODULE);
    let all = "it exports: add(i32, i64) -> i64, half(f64) -> f64, count() -> i32, forever(), trap()";
    let wrong: [(&[&str], &[&str]); 10] = [
        (&[], &["own.wasm is no command", "--invoke NAME", "--compile-only", all]),
        (&["--invoke", "ad"], &["exports no function `ad`", all]),
        (&["--invoke", "memory"], &["the export `memory` is a memory, no function", all]),
        (&["--invoke", "add", "1"], &["`add` takes 2 arguments, and 1 were given", "add(i32, i64) -> i64"]),
        (&["--invoke", "add", "1", "2", "3"], &["`add` takes 2 arguments, and 3 were given"]),
        (&["--invoke", "add", "1.5", "2"], &["argument 1 of add(i32, i64) -> i64", "`1.5` is no i32"]),
        (&["--invoke", "add", "4294967296", "2"], &["does not fit an i32", "-2147483648 to 4294967295"]),
        (&["--invoke", "add", "1", "-0x8000000000000001"], &["argument 2", "does not fit an i64"]),
        (&["--invoke", "half", "x"], &["`x` is no f64"]),
        (&["--invoke", "add", "1", "2", "--engines", "rust-native"], &["rust-native runs native code"]),
    ];
    for (arguments, words) in wrong {
        place.refused(&file, arguments, words);
    }
    let start = place.wasm("start.wasm", r#"(module (func (export "_start") (param i32)))"#);
    place.refused(&start, &[], &["start.wasm is no WASI command", "_start(i32)"]);
    let vector = place.wasm("vector.wasm", r#"(module (func (export "f") (param v128)))"#);
    place.refused(&vector, &["--invoke", "f", "1"], &["f(v128) has a v128", "i32, i64, f32 and f64"]);
}

#[test]
fn surroundings_that_are_not_there_are_named_with_their_option() {
    let place = Place::new();
    let file = place.wasm("hello.wasm", &command("hello", 0));
    let folder = place.0.path().to_str().unwrap();
    let wrong: [(&[&str], &[&str]); 7] = [
        (&["--stdin", "/nowhere/in.txt"], &["--stdin names /nowhere/in.txt, which cannot be read"]),
        (&["--stdin", folder], &["--stdin names", "which is a folder"]),
        (&["--expect-stdout", "/nowhere/out.txt"], &["--expect-stdout names /nowhere/out.txt"]),
        (&["--dir", "/nowhere::/data"], &["--dir names /nowhere", "name a folder that is there"]),
        (&["--dir", folder], &["write it as ./data::/data"]),
        (&["--env", "HOME"], &["--env HOME sets nothing; write it as NAME=VALUE"]),
        (&["--limit", "soon"], &["`soon` is no duration"]),
    ];
    for (arguments, words) in wrong {
        place.refused(&file, arguments, words);
    }
}

#[test]
fn options_of_samples_and_of_modules_do_not_mix() {
    let place = Place::new();
    let file = place.wasm("hello.wasm", &command("hello", 0));
    for arguments in [["--samples", "nop"], ["--variants", "oz"], ["--size", "large"]] {
        place.bench(&file, &arguments).assert().code(2);
    }
    place.bench(&file, &["--criterion"]).assert().code(2);
    place.bench(&file, &["--arg", "x", "--invoke", "f"]).assert().code(2);
    let mut without = Command::cargo_bin("xtask").unwrap();
    without.args(["bench", "--invoke", "f"]).assert().code(2).stderr(predicate::str::contains("--wasm"));
}

#[test]
fn listing_shows_calls_with_numbers_of_every_kind_and_starts_nothing() {
    let place = Place::new();
    let old = place.wasm("old/app.wasm", MODULE);
    let new = place.wasm("new/app.wasm", MODULE);
    let list = |arguments: &[&str], shown: &str| {
        let mut bench = place.bench(&old, &["--list", "--engines", "wasmtime-winch,wasmer-singlepass"]);
        let bench = bench.arg("--wasm").arg(&new).arg("--invoke").args(arguments);
        bench.assert().success().stdout(predicate::str::contains(shown));
    };
    list(&["add", "-1", "-0x10"], "bytes): add(-1, -16)");
    list(&["add", "4294967295", "0xff"], "add(-1, 255)");
    list(&["half", "-1.5e3"], "half(-1500)");
    list(&["half", "-inf"], "half(-inf)");
    // Options may follow.
    list(&["half", "nan", "--quick"], "half(NaN)");
    list(&["count"], "old-app: ");
    list(&["count"], "new-app: ");
    list(&["count"], "cells:    4");
    assert!(!place.path("generated").exists());
}

#[test]
fn an_export_is_measured_against_the_result_that_the_engines_agree_on() {
    if left_out() {
        return;
    }
    let place = Place::new();
    let file = place.wasm("own.wasm", MODULE);
    place
        .measured(&file, &["--invoke", "add", "-2", "44"])
        .success()
        .stdout(predicate::str::contains("own: add(-2, 44) → 42: all 2 engines agree"))
        .stdout(predicate::str::contains("d call"))
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
        .stdout(predicate::str::contains("count() → 1: all 2 engines agree"))
        .stdout(predicate::str::contains("each warm call has a fresh one"));
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
        .stdout(predicate::str::contains("skipped: rust-native: there is no native code of a module"))
        .stdout(predicate::str::contains("it rests on wasmtime-winch alone"));
}

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
        .stdout(predicate::str::contains("hello.wasm → exit code 7, 5 bytes printed: all 2 engines agree"))
        .stdout(predicate::str::contains("exit code 7 is its result, and it is measured all the same"));
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
    let around = ["--arg", "--flag", "--arg", "two", "--env", "K=V=W", "--stdin", input, "--dir", &folder];
    let text = "around.wasm\0--flag\0two\0K=V=W\0input /data";
    let expected = place.file("expected", text);
    let bench = |more: &[&str]| {
        let mut bench = place.bench(&file, &["--quick", "--no-memory", "--engines", ENGINES_OF_FOLDERS]);
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
fn a_module_that_never_ends_is_given_up_by_every_engine_at_the_limit() {
    if left_out() {
        return;
    }
    let place = Place::new();
    let file = place.wasm("own.wasm", MODULE);
    place
        .measured(&file, &["--invoke", "forever", "--limit", "1s"])
        .code(1)
        .stderr(predicate::str::contains("forever() did not end within 1s (tried on "))
        .stderr(predicate::str::contains("wasmtime-winch"))
        .stderr(predicate::str::contains("wasmer-singlepass"))
        .stderr(predicate::str::contains("--limit"));
}

#[test]
fn a_module_that_traps_everywhere_is_compiled_saved_and_loaded() {
    if left_out() {
        return;
    }
    let place = Place::new();
    let file = place.wasm("own.wasm", MODULE);
    place
        .measured(&file, &["--invoke", "trap"])
        .code(3)
        .stdout(predicate::str::contains("trap() → a trap ("))
        .stdout(predicate::str::contains("the guest traps, so that no call can be timed"));
    assert_eq!(place.passes(), ["aot", "load", "parse"].map(str::to_owned).into());
}

#[test]
fn imports_that_nobody_provides_are_named_and_the_module_is_compiled_only() {
    if left_out() {
        return;
    }
    let place = Place::new();
    let text = r#"(module (import "env" "print" (func (param i32))) (func (export "_start")))"#;
    place
        .measured(&place.wasm("own.wasm", text), &[])
        .success()
        .stdout(predicate::str::contains("it imports env.print(i32), which no engine here provides"));
    assert_eq!(place.passes(), ["aot", "load", "parse"].map(str::to_owned).into());
    std::fs::remove_dir_all(place.path("generated")).unwrap();
    let file = place.wasm("other.wasm", MODULE);
    place.measured(&file, &["--compile-only"]).success();
    assert_eq!(place.passes(), ["aot", "load", "parse"].map(str::to_owned).into());
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
        .stdout(predicate::str::contains("d is the time between its bench.start and bench.end"));
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
        .measured(&old, &["--wasm", new.to_str().unwrap(), "--invoke", "half", "-inf"])
        .success()
        .stdout(predicate::str::contains("Modules: time and bytes of each, × old-app"))
        .stdout(predicate::str::contains("new-app: half(-inf) → -inf: all 2 engines agree"));
    assert_eq!(place.column("module_comparisons.csv", "verdict"), ["too few rounds".to_owned()].into());
    assert_eq!(place.column("module_comparisons.csv", "module"), ["new-app".to_owned()].into());
}

#[test]
fn what_an_engine_lacks_is_unsupported_in_its_words_and_the_others_are_measured() {
    if left_out() {
        return;
    }
    let place = Place::new();
    // Lucet is of 2020 and knows no SIMD.
    let text =
        r#"(module (func (export "f") (result i32) (i32x4.extract_lane 1 (v128.const i32x4 1 2 3 4))))"#;
    let file = place.wasm("simd.wasm", text);
    place
        .bench(&file, &["--quick", "--no-memory", "--engines", "wasmer-cranelift,lucet", "--invoke", "f"])
        .assert()
        .success()
        .stdout(predicate::str::contains("f() → 2: it rests on wasmer-cranelift alone"));
    assert_eq!(place.column("failures.csv", "engine"), ["lucet".to_owned()].into());
    assert_eq!(place.column("failures.csv", "verdict"), ["unsupported".to_owned()].into());
}

#[test]
fn a_module_of_four_gigabytes_is_measured_or_its_cell_says_why() {
    if left_out() {
        return;
    }
    let place = Place::new();
    let text = r#"(module (memory 65536) (func (export "f") (result i32)
        (i32.store (i32.const 0xffff0000) (i32.const 7)) (i32.load (i32.const 0xffff0000))))"#;
    place
        .measured(&place.wasm("large.wasm", text), &["--invoke", "f"])
        .stdout(predicate::str::contains("f() → 7").or(predicate::str::contains("memory")));
    assert!(place.described().rounds > 0 || !place.column("failures.csv", "reason").is_empty());
}
