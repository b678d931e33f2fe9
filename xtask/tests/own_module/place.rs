//! A folder for one test, the modules that several tests use, and how a run there is looked at.

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use bench::record::Reading;
use bench::record::Run;
use predicates::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Two engines, cheap to start, so that there is something to agree on; their one worker takes every module.
pub const ENGINES: &str = "wasmtime-winch,wasmtime-cranelift";

/// Two that number the folders that they open as WASI's own C library expects: from 3 on.
pub const ENGINES_OF_FOLDERS: &str = "wasmtime-winch,lucet";

/// What makes a quick run end after its first round.
pub const ONE_ROUND: [&str; 4] = ["--quick", "--no-memory", "--time-budget", "10ms"];

/// A function, one that changes what its next call does, one that has no end, one that traps, and
/// exports that are none of these.
pub const MODULE: &str = r#"(module (memory (export "memory") 1) (global $calls (mut i32) (i32.const 0))
    (func (export "add") (param i32 i64) (result i64)
        (i64.add (i64.extend_i32_s (local.get 0)) (local.get 1)))
    (func (export "half") (param f64) (result f64) (f64.div (local.get 0) (f64.const 2)))
    (func (export "count") (result i32)
        (global.set $calls (i32.add (global.get $calls) (i32.const 1))) (global.get $calls))
    (func (export "forever") (loop $again (br $again)))
    (func (export "trap") unreachable))"#;

/// A command that prints its arguments, its environment, its standard input, and what its first
/// folder is called.
pub const AROUND: &str = r#"(module
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
pub fn command(text: &str, code: i32) -> String {
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

/// Whether a text has `words`, wherever its lines end.
pub fn says(words: &'static str) -> impl Predicate<str> {
    predicate::function(move |text: &str| {
        text.split_whitespace().collect::<Vec<_>>().join(" ").contains(words)
    })
}

/// Whether there are no workers, so that what needs them is left out, and says so.
pub fn left_out() -> bool {
    let left_out = std::env::var_os("WASM_PHASES_REQUIRE_WORKERS").is_none();
    if left_out {
        eprintln!("left out: `cargo xtask test` prepares the workers that this needs");
    }
    left_out
}

/// A folder of the test's own, with modules and output.
pub struct Place(pub TempDir);

impl Place {
    pub fn new() -> Place {
        Place(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let file = self.path(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, content).unwrap();
        file
    }

    pub fn wasm(&self, name: &str, text: &str) -> PathBuf {
        self.file(name, wat::parse_str(text).unwrap())
    }

    /// `bench --wasm FILE` with further arguments, output here.
    pub fn bench(&self, file: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("xtask").unwrap();
        command.env("WASM_PHASES_GENERATED", self.path("generated"));
        command.args(["bench", "--wasm"]).arg(file).args(arguments);
        command
    }

    /// A quick run of a single round on the engines of these tests.
    pub fn measured(&self, file: &Path, arguments: &[&str]) -> Assert {
        self.bench(file, &ONE_ROUND).args(["--engines", ENGINES]).args(arguments).assert()
    }

    /// It ends with one message that has all of `words`, and nothing was made.
    pub fn refused(&self, file: &Path, arguments: &[&str], words: &[&str]) {
        let stderr = self.complaint(file, arguments, words, 1);
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }

    /// The same where the command line is wrong.
    pub fn wrong_usage(&self, file: &Path, arguments: &[&str], words: &[&str]) {
        let stderr = self.complaint(file, arguments, words, 2);
        assert!(stderr.ends_with("try '--help'.\n"), "{stderr}");
    }

    fn complaint(&self, file: &Path, arguments: &[&str], words: &[&str], code: i32) -> String {
        let mut command = self.bench(file, arguments);
        command.env("WASM_PHASES_CACHE", self.path("cache"));
        let mut assert = command.assert().code(code).stdout("");
        for words in words {
            assert = assert.stderr(predicate::str::contains(*words));
        }
        assert!(!self.path("cache").exists() && !self.path("generated").exists());
        String::from_utf8(assert.get_output().stderr.clone()).unwrap()
    }

    /// The only run.
    pub fn run(&self) -> PathBuf {
        let mut runs = std::fs::read_dir(self.path("generated/results")).unwrap();
        let run = runs.next().unwrap().unwrap().path();
        assert!(runs.next().is_none());
        run
    }

    pub fn described(&self) -> Run {
        serde_json::from_str(&std::fs::read_to_string(self.run().join("run.json")).unwrap()).unwrap()
    }

    /// The passes of which the engines have times.
    pub fn passes(&self) -> BTreeSet<String> {
        let mut reader = csv::Reader::from_path(self.run().join("samples.csv")).unwrap();
        let readings = reader.deserialize().map(Result::<Reading, _>::unwrap);
        let of_engines = readings.filter(|reading| reading.engine != bench::machine::CALIBRATION);
        of_engines.map(|reading| reading.pass.to_string()).collect()
    }

    /// The distinct values of one column of a file of the run.
    pub fn column(&self, file: &str, name: &str) -> BTreeSet<String> {
        let mut reader = csv::Reader::from_path(self.run().join(file)).unwrap();
        let index = reader.headers().unwrap().iter().position(|header| header == name).unwrap();
        reader.records().map(|record| record.unwrap()[index].to_owned()).collect()
    }
}
