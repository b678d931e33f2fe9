//! The command line where it needs no engine: help, wrong usage, completions, colors, closed pipes,
//! folders that cannot be used. Nothing here builds or downloads anything.

#![allow(clippy::unwrap_used, reason = "in a test an unexpected error is a failure")]

use assert_cmd::Command;
use predicates::prelude::*;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

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
fn every_task_has_examples_and_exit_statuses_in_its_help() {
    let folder = tempfile::tempdir().unwrap();
    let tasks = [
        "samples",
        "bench",
        "report",
        "compare",
        "history",
        "merge",
        "strip-compare",
        "engines",
        "selfcheck",
        "clean",
        "test",
        "completions",
    ];
    for task in tasks {
        let help = xtask(folder.path()).args([task, "--help"]).assert().success();
        let help = help.stdout(predicate::str::contains("\nExamples:\n"));
        help.stdout(predicate::str::contains("\nExit status:"));
    }
}

#[test]
fn a_dry_run_says_what_would_be_measured_built_and_fetched_and_makes_nothing() {
    for flag in ["--dry-run", "--list"] {
        let folder = tempfile::tempdir().unwrap();
        xtask(folder.path())
            .args(["bench", flag, "--engines", "wasmer-*", "--exclude", "*-llvm"])
            .args(["--samples", "nop,add-on?", "--variants", "unstripped,stripped"])
            .assert()
            .success()
            .stdout(predicate::str::contains("engines:  wasmer-singlepass, wasmer-cranelift\n"))
            .stdout(predicate::str::contains("samples:  nop, add-one\n"))
            .stdout(predicate::str::contains("variants: stripped, unstripped\n"))
            .stdout(predicate::str::contains("cells:    8\n"))
            .stdout(predicate::str::contains("samples to build: nop, add-one"))
            .stdout(predicate::str::contains("; the worker of wasmer\n"))
            .stdout(
                predicate::str::contains(" to download, ")
                    .and(predicate::str::contains(" on this machine\n")),
            )
            .stdout(
                predicate::str::contains("under the BUSL 1.1")
                    .and(predicate::str::contains("wasmer-singlepass\n")),
            )
            .stdout(predicate::str::contains("measuring: 10 rounds of 8 cells, at least "));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn wrong_usage_is_exit_2_and_names_the_option_the_names_and_the_nearest() {
    let wrong: [(&[&str], &[&str]); 14] = [
        (
            &["bench", "--engines", "wasmer-lvm"],
            &["'wasmer-lvm' for '--engines <NAME>'", "similar value exists: 'wasmer-llvm'", "rust-native"],
        ),
        (&["bench", "--engines", "wasmer-??"], &["'wasmer-??' for '--engines <NAME>'"]),
        (&["strip-compare", "--exclude", "lucett"], &["'lucett' for '--exclude <NAME>'", "'lucet'"]),
        (&["bench", "--exclude", "*"], &["--exclude leaves no engine"]),
        (&["engines", "--engines", "nothing-*"], &["'nothing-*' for '--engines <NAME>'"]),
        (
            &["samples", "--samples", "fibonaci"],
            &["'fibonaci' for '--samples <NAME>'", "'fibonacci'", "sha256"],
        ),
        (&["samples", "--samples", "@kernel"], &["'@kernel' for '--samples <NAME>'", "'@kernels'"]),
        (&["bench", "--variants", "striped"], &["'striped' for '--variants <NAME>'", "'stripped'", "simd"]),
        (&["bench", "--size", "smal"], &["'smal' for '--size <SIZE>'", "'small'", "medium, large"]),
        (&["selfcheck", "--only", "injectet"], &["'injectet' for '--only <CHECK>'", "'injected'"]),
        (&["selfcheck", "--pause", "long"], &["'long' for '--pause <TIME>': expected a duration such as"]),
        (
            &["bench", "--precision", "0%"],
            &["'0%' for '--precision <PERCENT>': expected a percentage such as 2%"],
        ),
        (&["bench", "--tables", "cal"], &["'cal' for '--tables <NAME>'", "'call'", "all, phases"]),
        (&["bench", "--", "x"], &["arguments after `--` need --invoke or --criterion"]),
    ];
    for (arguments, words) in wrong {
        let folder = tempfile::tempdir().unwrap();
        let mut assert = xtask(folder.path()).args(arguments).assert().code(2).stdout("");
        for words in words {
            assert = assert.stderr(predicate::str::contains(*words));
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn a_wrong_duration_says_how_to_write_one() {
    let wrong = [
        (
            ["--time-budget", "soon"],
            "invalid value 'soon' for '--time-budget <TIME>': expected a duration such as 90s, 10m or 1h",
        ),
        (["--limit", "0s"], "invalid value '0s' for '--limit <TIME>': expected a duration longer than zero"),
    ];
    for (arguments, complaint) in wrong {
        let folder = tempfile::tempdir().unwrap();
        let failed = xtask(folder.path()).arg("bench").args(arguments).assert().code(2);
        failed.stderr(predicate::str::contains(complaint));
    }
}

#[test]
fn an_output_folder_must_not_hold_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    std::fs::create_dir(&run).unwrap();
    let bench = || {
        let mut bench = xtask(folder.path());
        bench.args(["bench", "--dry-run", "--samples", "nop", "--output"]).arg(&run);
        bench
    };
    std::fs::write(run.join("notes.txt"), "").unwrap();
    bench().assert().success();
    std::fs::write(run.join("run.json"), "").unwrap();
    let refused = bench().assert().code(2).stderr(predicate::str::contains("for '--output <DIR>'"));
    refused.stderr(predicate::str::contains("it holds another run"));
    std::fs::remove_dir_all(&run).unwrap();
    std::fs::write(&run, "").unwrap();
    bench().assert().code(2).stderr(predicate::str::contains("it is a file; name a folder"));
}

#[test]
fn arguments_that_are_not_utf8_are_accepted_as_files_and_refused_as_text() {
    let folder = tempfile::tempdir().unwrap();
    let name = OsStr::from_bytes(b"\xff.wasm");
    let wasm = folder.path().join(name);
    let text = r#"(module (func (export "f") (param f64)))"#;
    std::fs::write(&wasm, wat::parse_str(text).unwrap()).unwrap();
    let mut bench = xtask(folder.path());
    bench.args(["bench", "--dry-run", "--wasm"]).arg(&wasm).args(["--invoke", "f", "-inf"]);
    bench.assert().success().stdout(predicate::str::contains("f(-inf)"));
    let mut bench = xtask(folder.path());
    bench.args(["bench", "--wasm"]).arg(&wasm).arg("--arg").arg(name);
    bench.assert().code(2).stderr(predicate::str::contains("invalid UTF-8"));
}

#[test]
fn completions_complete_tasks_options_and_values() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = xtask(folder.path()).args(["completions", shell]).assert().success();
        script.stdout(predicate::str::contains("strip-compare").and(predicate::str::contains("time-budget")));
    }
    xtask(folder.path()).args(["completions", "csh"]).assert().code(2);
    let script = xtask(folder.path()).args(["completions", "bash"]).output().unwrap().stdout;
    let file = folder.path().join("xtask.bash");
    std::fs::write(&file, script).unwrap();
    let complete = |line: &str| {
        let ask = "source \"$1\"; COMP_WORDS=($2); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); \
            _xtask xtask \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD-1]}\"; echo \"${COMPREPLY[@]}\"";
        let shell =
            std::process::Command::new("bash").args(["-c", ask, "bash"]).arg(&file).arg(line).output();
        String::from_utf8(shell.unwrap().stdout).unwrap().trim().to_owned()
    };
    assert_eq!(complete("xtask strip"), "strip-compare");
    assert_eq!(complete("xtask bench --time"), "--time-budget");
    assert_eq!(complete("xtask bench --size me"), "medium");
}

#[test]
fn a_closed_pipe_is_no_error() {
    let tasks: [&[&str]; 6] = [
        &["--help"],
        &["samples", "--list"],
        &["samples", "--list", "--json"],
        &["bench", "--dry-run"],
        &["completions", "zsh"],
        &["clean", "--dry-run"],
    ];
    for task in tasks {
        let folder = tempfile::tempdir().unwrap();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("xtask"));
        command.env("WASM_PHASES_GENERATED", folder.path().join("generated"));
        command.env("WASM_PHASES_CACHE", folder.path().join("cache"));
        let output = command.args(task).stdout(writer).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{task:?}: {output:?}");
    }
}

#[test]
fn colors_are_shown_where_they_are_asked_for_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let complaint = |arguments: &[&str], no_color: bool| {
        let mut command = xtask(folder.path());
        command.args(["samples", "--samples", "none"]).args(arguments);
        if no_color {
            command.env("NO_COLOR", "1").env("CLICOLOR_FORCE", "");
        }
        String::from_utf8(command.assert().code(2).get_output().stderr.clone()).unwrap()
    };
    assert!(complaint(&["--color", "always"], false).contains('\x1b'));
    assert!(complaint(&["--color=always"], true).contains('\x1b'));
    for plain in [complaint(&[], false), complaint(&[], true), complaint(&["--color", "never"], false)] {
        assert!(!plain.contains('\x1b'), "{plain}");
    }
    xtask(folder.path()).args(["engines", "--color", "red"]).assert().code(2);
    xtask(folder.path()).args(["engines", "-q", "-v"]).assert().code(2);
}

#[test]
fn cleaning_shows_what_takes_space_keeps_new_workers_and_empties_the_cache_only_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let made = |name: &str, age_min: u64| {
        std::fs::create_dir_all(cache.join(name)).unwrap();
        std::fs::write(cache.join(name).join("worker"), [0; 5000]).unwrap();
        let time = SystemTime::now() - Duration::from_secs(60 * age_min);
        std::fs::File::open(cache.join(name)).unwrap().set_modified(time).unwrap();
    };
    for (name, age_min) in [("workers/a-1", 3), ("workers/a-2", 2), ("workers/a-3", 1), ("llvm", 9)] {
        made(name, age_min);
    }
    let there =
        || ["workers/a-1", "workers/a-2", "workers/a-3", "llvm"].map(|name| cache.join(name).exists());
    let shown = |what: &str, done: &str| {
        let row = format!("{what} 5.00 kB {done} ");
        predicate::function(move |table: &str| {
            table.split_whitespace().collect::<Vec<_>>().join(" ").contains(&row)
        })
    };
    let dry = xtask(folder.path()).args(["clean", "--dry-run"]).assert().success();
    dry.stdout(shown("old worker a-1", "would be removed"))
        .stdout(shown("worker a-2", "kept"))
        .stdout(shown("cache, llvm", "kept"));
    assert_eq!(there(), [true; 4]);
    let dry = xtask(folder.path()).args(["clean", "--cache", "--dry-run"]).assert().success();
    dry.stdout(shown("cache, llvm", "would be removed"));
    assert_eq!(there(), [true; 4]);
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
fn the_load_ends_with_the_pipe_to_its_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    xtask(folder.path()).arg("load").write_stdin("").timeout(Duration::from_secs(20)).assert().success();
}

#[test]
fn a_share_is_taken_from_a_job_array_only_where_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let bench = |shard: &[&str]| {
        let mut bench = xtask(folder.path());
        for (name, value) in [("ID", "6"), ("MIN", "2"), ("MAX", "8"), ("STEP", "2"), ("COUNT", "4")] {
            bench.env(format!("SLURM_ARRAY_TASK_{name}"), value);
        }
        bench.args(["bench", "--dry-run", "--engines", "rust-native"]).args(shard).assert()
    };
    let is_share = || predicate::str::contains("shard:    3/4;");
    bench(&[]).success().stdout(is_share().not());
    bench(&["--shard", "auto"]).success().stdout(is_share());
    let wrong = |shard: &[&str], reason: &str| {
        bench(shard).code(2).stderr(predicate::str::contains(reason));
    };
    wrong(&["--shard", "5/4"], "expected K/N");
    wrong(&["--shard", "1/4", "--samples", "nop,sieve"], "fewer samples than shards: 2");
    wrong(&["--shard", "1/4", "--wasm", "a.wasm"], "cannot be used with");
    let nowhere = xtask(folder.path()).args(["bench", "--dry-run", "--shard", "auto"]).assert().code(2);
    nowhere.stderr(predicate::str::contains("WASM_PHASES_SHARD_INDEX"));
}
