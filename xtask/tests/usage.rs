//! The command line where it needs no engine: help, names that are wrong, folders that cannot
//! be used. Nothing here builds or downloads anything.

#![allow(clippy::unwrap_used, reason = "in a test an unexpected error is a failure")]

use assert_cmd::Command;
use predicates::prelude::*;
use std::path::Path;
use std::time::Duration;

/// The command, with output and cache in folders of the test's own.
fn xtask(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("xtask").unwrap();
    command.env("WASM_PHASES_GENERATED", folder.join("generated"));
    command.env("WASM_PHASES_CACHE", folder.join("cache"));
    command
}

#[test]
fn help_shows_every_task_with_examples() {
    let folder = tempfile::tempdir().unwrap();
    let output = xtask(folder.path()).arg("--help").assert().success().get_output().stdout.clone();
    insta::assert_snapshot!(String::from_utf8(output).unwrap());
}

#[test]
fn help_of_bench_shows_every_option() {
    let folder = tempfile::tempdir().unwrap();
    let output =
        xtask(folder.path()).args(["bench", "--help"]).assert().success().get_output().stdout.clone();
    insta::assert_snapshot!(String::from_utf8(output).unwrap());
}

#[test]
fn listing_says_what_would_be_measured_and_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    xtask(folder.path())
        .args(["bench", "--list", "--engines", "wasmer-*", "--samples", "nop,add-one"])
        .assert()
        .success()
        .stdout(predicate::str::contains("wasmer-singlepass, wasmer-cranelift, wasmer-llvm"))
        .stdout(predicate::str::contains("samples:  nop, add-one"))
        .stdout(predicate::str::contains("cells:    6"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_wrong_name_lists_what_there_is_and_the_nearest() {
    let wrong = [
        (["--engines", "wasmer-lvm"], "no engine `wasmer-lvm` (did you mean `wasmer-llvm`?)", "rust-native"),
        (["--samples", "fibonaci"], "no sample `fibonaci` (did you mean `fibonacci`?)", "sha256"),
        (["--variants", "striped"], "no variant `striped` (did you mean `stripped`?)", "unstripped"),
        (["--size", "smal"], "no size `smal` (did you mean `small`?)", "small, medium, large"),
    ];
    for (arguments, complaint, known) in wrong {
        let folder = tempfile::tempdir().unwrap();
        xtask(folder.path())
            .arg("bench")
            .args(arguments)
            .assert()
            .code(1)
            .stderr(predicate::str::contains(complaint))
            .stderr(predicate::str::contains(known));
    }
}

#[test]
fn a_wrong_duration_says_how_to_write_one() {
    let wrong = [
        (["--time-budget", "soon"], "`soon` is no duration; write it as 90s, 10m or 1h"),
        (["--limit", "0s"], "`--limit` leaves no time for an answer; write it as 10s or 2m"),
    ];
    for (arguments, complaint) in wrong {
        let folder = tempfile::tempdir().unwrap();
        let failed = xtask(folder.path()).arg("bench").args(arguments).assert().code(1);
        failed.stderr(predicate::str::contains(complaint));
    }
}

#[test]
fn counting_under_callgrind_without_valgrind_says_how_to_get_it_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    xtask(folder.path())
        .args(["bench", "--counters", "callgrind"])
        .env("PATH", folder.path())
        .assert()
        .code(1)
        .stderr(predicate::str::contains("apt-get install valgrind"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_cache_folder_that_cannot_be_used_is_named_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cache"), "a file where a folder should be").unwrap();
    xtask(folder.path())
        .args(["strip-compare", "--samples", "nop"])
        .env("WASM_PHASES_PRIVATE", "1")
        .assert()
        .code(1)
        .stderr(predicate::str::contains("cache"))
        .stderr(predicate::str::contains("WASM_PHASES_CACHE"));
}

#[test]
fn a_wrong_check_of_selfcheck_is_named_with_the_nearest() {
    let folder = tempfile::tempdir().unwrap();
    xtask(folder.path())
        .args(["selfcheck", "--only", "injectet"])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("there is no check `injectet` (did you mean `injected`?)"));
    assert!(!folder.path().join("cache").exists());
}

#[test]
fn the_load_ends_with_the_pipe_to_its_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    xtask(folder.path()).arg("load").write_stdin("").timeout(Duration::from_secs(20)).assert().success();
}
