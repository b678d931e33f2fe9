//! The pipeline through the command line, on real samples, native code and one real compiler.
//! `cargo xtask test` prepares what these tests need and sets `WASM_PHASES_REQUIRE_WORKERS`;
//! without it they say that they were left out.

#![allow(clippy::unwrap_used, reason = "in a test an unexpected error is a failure")]

use assert_cmd::Command;
use predicates::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;

/// The engines that the tests measure: cheap to run, and always to be had.
const ENGINES: &str = "rust-native,rust-native-host,wasmer-singlepass,wasmer-cranelift";

fn left_out() -> bool {
    let left_out = std::env::var_os("WASM_PHASES_REQUIRE_WORKERS").is_none();
    if left_out {
        eprintln!("left out: `cargo xtask test` prepares the samples and workers that this needs");
    }
    left_out
}

/// The command on this user's cache folder, with output in `generated`.
fn xtask(generated: &Path) -> Command {
    let mut command = Command::cargo_bin("xtask").unwrap();
    command.env("WASM_PHASES_GENERATED", generated);
    command
}

/// A folder for output that holds this checkout's samples already, as links, so that no test
/// builds them again.
fn generated() -> TempDir {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let samples = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../generated/wasm"));
    let link = |from: &Path, to: &Path| std::fs::hard_link(from, to);
    each_file(samples, &folder.path().join("wasm"), &link);
    folder
}

/// Does `place` with every file below `from` and its place below `to`.
fn each_file(from: &Path, to: &Path, place: &dyn Fn(&Path, &Path) -> std::io::Result<()>) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            each_file(&entry.path(), &target, place);
        } else {
            place(&entry.path(), &target).unwrap();
        }
    }
}

/// The only run in `generated`.
fn run_folder(generated: &Path) -> PathBuf {
    let mut runs = std::fs::read_dir(generated.join("results")).unwrap();
    let run = runs.next().unwrap().unwrap().path();
    assert!(runs.next().is_none());
    run
}

/// The distinct values of one column of a CSV file.
fn column(file: &Path, name: &str) -> BTreeSet<String> {
    let mut reader = csv::Reader::from_path(file).unwrap();
    let index = reader.headers().unwrap().iter().position(|header| header == name).unwrap();
    reader.records().map(|record| record.unwrap()[index].to_owned()).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_quick_bench_fills_every_table_for_both_variants_and_writes_every_file() {
    if left_out() {
        return;
    }
    let folder = generated();
    let arguments = ["bench", "--quick", "--samples", "nop,sieve", "--variants", "stripped,unstripped"];
    let headings = [
        "Individual phases",
        "JIT:",
        "AOT total:",
        "AOT compile (time):",
        "AOT compile (space):",
        "AOT execute:",
        "Cold start:",
        "Pure execution:",
        "Peak memory:",
        "Variant unstripped against stripped: ",
        "2 samples, stripped, small; 3 rounds; ",
        "lowest in 3 rounds, not tested: ",
    ];
    let bench = xtask(folder.path()).args(arguments).args(["--engines", ENGINES, "--tables", "all"]).assert();
    let mut assert = bench.success();
    for heading in headings {
        assert = assert.stdout(predicate::str::contains(heading));
    }
    assert.stdout(predicate::str::contains("failed:").not());

    let run = run_folder(folder.path());
    let readings = run.join("samples.csv");
    let with_calibration =
        ENGINES.split(',').chain([bench::machine::CALIBRATION]).map(str::to_owned).collect();
    assert_eq!(column(&readings, "engine"), with_calibration);
    assert_eq!(column(&readings, "variant"), set(&["stripped", "unstripped"]));
    // A quick run has no cold starts.
    let passes = ["aot", "jit", "parse", "run", "warm-call", "warm-instantiate"];
    assert_eq!(column(&readings, "pass"), set(&passes));
    assert!(column(&run.join("rounds.csv"), "used").contains("true"));
    assert_eq!(column(&run.join("failures.csv"), "kind"), set(&["unsupported"]));
    assert_eq!(column(&run.join("sizes.csv"), "sample"), set(&["nop", "sieve"]));
    assert!(column(&run.join("summary.csv"), "phase").contains("d-call-warm"));
    let memory = run.join("memory.csv");
    // One pass of each engine: native code has no JIT.
    assert_eq!(column(&memory, "pass"), set(&["jit", "run"]));
    assert_eq!(column(&memory, "engine"), set(&ENGINES.split(',').collect::<Vec<_>>()));
    let with_a_module = ENGINES.split(',').filter(|engine| !engine.contains("native"));
    assert_eq!(column(&run.join("empty-calls.csv"), "engine"), with_a_module.map(str::to_owned).collect());
    let text = std::fs::read_to_string(run.join("run.json")).unwrap();
    let described: bench::record::Run = serde_json::from_str(&text).unwrap();
    assert_eq!(described.rounds, 3);
    // An exiting thread of an engine cannot be stopped; its last microseconds may show.
    assert!(described.stolen_cpu_ns < 1_000_000, "stopped workers used {} ns", described.stolen_cpu_ns);
    assert!(described.modules.iter().all(|module| module.sha256.len() == 64));
    let cases: Vec<String> =
        described.cases.iter().map(|one| format!("{} {}", one.sample, one.variant)).collect();
    assert_eq!(cases, ["nop stripped", "nop unstripped", "sieve stripped", "sieve unstripped"]);
    // Too few rounds for any break-even point: the header stands alone.
    assert!(
        std::fs::read_to_string(run.join("break_even.csv"))
            .unwrap()
            .starts_with("sample,variant,size,start,")
    );
    assert_eq!(column(&run.join("break_even.csv"), "sample"), BTreeSet::new());
    // Later, from the files alone, it is the same.
    let again = xtask(folder.path()).arg("report").assert().success();
    again.stdout(predicate::str::contains("lowest in 3 rounds, not tested: "));
}

/// Every cell of a run with what was read of it, as engine, entry, sample, variant, size, pass and phase.
fn cells(run: &Path) -> BTreeSet<Vec<String>> {
    let mut reader = csv::Reader::from_path(run.join("summary.csv")).unwrap();
    reader.records().map(|row| row.unwrap().iter().take(7).map(str::to_owned).collect()).collect()
}

#[test]
fn four_shards_have_every_cell_of_the_whole_run() {
    if left_out() {
        return;
    }
    let folder = generated();
    let run = |name: &str| folder.path().join("results").join(name);
    let what = ["--samples", "nop,fibonacci,sieve,sha256,matmul", "--variants", "stripped,unstripped"];
    let bench = |name: &str, shard: &[&str]| {
        let mut bench = xtask(folder.path());
        bench.args(["bench", "--quick", "--engines", "rust-native,wasmi-eager"]).args(what).args(shard);
        bench.arg("--output").arg(run(name)).assert().success();
    };
    bench("whole", &[]);
    for index in 0..4 {
        let shard = format!("{}/4", index + 1);
        bench(&format!("shard-{index}"), &["--shard", &shard]);
    }
    let names = ["shard-2", "shard-0", "shard-3", "shard-1"];
    let merged = run("merged");
    xtask(folder.path()).arg("merge").args(names).arg("--output").arg(&merged).assert().success();
    assert_eq!(cells(&merged), cells(&run("whole")));
    assert!(cells(&run("shard-0")).len() < cells(&merged).len());
    let described = |run: &Path| -> bench::record::Run {
        serde_json::from_slice(&std::fs::read(run.join("run.json")).unwrap()).unwrap()
    };
    let samples = |run: &Path| described(run).cases.into_iter().map(|case| case.sample).collect::<Vec<_>>();
    assert_eq!(samples(&merged), samples(&run("whole")));
    assert_eq!(column(&merged.join("rounds.csv"), "machine"), set(&["1", "2", "3", "4"]));
    assert_eq!(
        column(&merged.join("memory.csv"), "sample"),
        column(&run("whole").join("memory.csv"), "sample")
    );
    // What reads runs reads it as any other.
    let report = xtask(folder.path()).args(["report", "merged", "--tables", "all"]).assert().success();
    report.stdout(predicate::str::contains("4 machines: "));
    xtask(folder.path()).args(["compare", "whole", "merged"]).assert().success();
    let incomplete = xtask(folder.path()).arg("merge").args(&names[..3]).assert().code(3);
    incomplete.stderr(predicate::str::contains("share 2/4 is missing"));
}

#[test]
fn a_closed_pipe_loses_no_file_of_a_run_in_a_folder_of_the_users() {
    if left_out() {
        return;
    }
    let folder = generated();
    let run = folder.path().join("of the user/run");
    let bench = |output: &Path| {
        let mut bench = std::process::Command::new(assert_cmd::cargo::cargo_bin!("xtask"));
        bench.env("WASM_PHASES_GENERATED", folder.path());
        bench.args(["bench", "--quick", "--no-memory", "--samples", "nop", "--engines", "rust-native"]);
        bench.arg("--output").arg(output);
        bench
    };
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    assert!(bench(&run).stdout(writer).status().unwrap().success());
    assert!(!folder.path().join("results").exists());
    let whole = folder.path().join("whole");
    assert!(bench(&whole).stdout(Stdio::null()).status().unwrap().success());
    let files = |folder: &Path| -> BTreeSet<_> {
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    };
    assert_eq!(files(&run), files(&whole));
    assert_eq!(column(&run.join("summary.csv"), "phase"), column(&whole.join("summary.csv"), "phase"));
    let text = std::fs::read_to_string(run.join("run.json")).unwrap();
    let described: bench::record::Run = serde_json::from_str(&text).unwrap();
    assert!(described.duration_s.is_some());
    assert!(bench(&run).status().unwrap().code() == Some(2));
}

/// A copy of the samples' sources, in a folder of the test's own.
fn sources(folder: &Path) -> PathBuf {
    let sources = folder.join("sample-src");
    let copy = |from: &Path, to: &Path| std::fs::copy(from, to).map(drop);
    each_file(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../sample-src")), &sources, &copy);
    sources
}

/// What is built in `generated`: the SHA-256 of every base module and library of the sample `name`.
/// A developer may have built more variants.
fn hashes(generated: &Path, name: &str) -> Vec<(PathBuf, String)> {
    let manifest = bench::plan::manifest::Manifest::read(&generated.join("wasm")).unwrap();
    let sample = manifest.samples.iter().find(|sample| sample.name == name).unwrap();
    let base = sample.modules.iter().filter(|one| ["stripped", "unstripped"].contains(&one.variant.as_str()));
    let modules = base.map(|one| (one.path.clone(), one.sha256.clone()));
    modules.chain(sample.natives.iter().map(|one| (one.path.clone(), one.sha256.clone()))).collect()
}

#[test]
fn touching_one_sample_rebuilds_one_and_nothing_rebuilds_none() {
    if left_out() {
        return;
    }
    let folder = generated();
    let sources = sources(folder.path());
    let samples = || {
        let mut command = xtask(folder.path());
        command.env("WASM_PHASES_SAMPLE_SRC", &sources).arg("samples");
        command.assert().success()
    };
    samples().stderr(predicate::str::contains("building").not());
    let before = hashes(folder.path(), "sieve");
    let file = sources.join("sieve.rs");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("sum ^ (count << 40)", "sum ^ (count << 41)")).unwrap();
    // Its module and its libraries for two CPUs, each as it is and stripped. The result is
    // another, but nothing runs here.
    samples().stderr(predicate::str::contains("building 6 files"));
    let after = hashes(folder.path(), "sieve");
    assert!(before.iter().zip(&after).all(|(before, after)| before.0 == after.0 && before.1 != after.1));
    samples().stderr(predicate::str::contains("building").not());
}

#[test]
fn the_same_toolchain_gives_the_same_bytes_wherever_it_builds() {
    if left_out() {
        return;
    }
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let elsewhere = folder.path().join("another folder");
    xtask(&elsewhere)
        .env("WASM_PHASES_SAMPLE_SRC", sources(folder.path()))
        .args(["samples", "--samples", "fibonacci,sieve"])
        .assert()
        .success();
    let here = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../generated"));
    for sample in ["fibonacci", "sieve"] {
        assert_eq!(hashes(&elsewhere, sample), hashes(here, sample));
    }
}

#[test]
fn building_some_samples_keeps_the_others_in_the_manifest_and_lists_them() {
    if left_out() {
        return;
    }
    let folder = generated();
    xtask(folder.path()).args(["samples", "--samples", "mandelbrot"]).assert().success();
    let manifest = bench::plan::manifest::Manifest::read(&folder.path().join("wasm")).unwrap();
    let names: BTreeSet<String> = manifest.samples.iter().map(|sample| sample.name.clone()).collect();
    assert!(names.contains("mandelbrot") && names.contains("fibonacci"), "{names:?}");
    let output = xtask(folder.path()).args(["samples", "--list", "--json"]).assert().success();
    let listed: serde_json::Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    let mandelbrot = listed.as_array().unwrap().iter().find(|one| one["sample"] == "mandelbrot").unwrap();
    assert!(mandelbrot["modules"][0]["float_percent"].as_f64().unwrap() > 10.0, "{mandelbrot}");
}

#[test]
fn a_wrong_expected_result_makes_the_cells_fail_and_no_time_appears() {
    if left_out() {
        return;
    }
    let folder = generated();
    let sources = sources(folder.path());
    let file = sources.join("expected.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let (before, after) = text.split_once("[fibonacci]").unwrap();
    let wrong = after.replacen("result = ", "result = 1", 1);
    std::fs::write(&file, format!("{before}[fibonacci]{wrong}")).unwrap();

    xtask(folder.path())
        .env("WASM_PHASES_SAMPLE_SRC", &sources)
        .args(["bench", "--quick", "--samples", "fibonacci,nop", "--engines", ENGINES])
        .assert()
        .code(3)
        .stdout(predicate::str::contains("\nfailed: ").and(predicate::str::contains("wrong result")));
    let run = run_folder(folder.path());
    assert_eq!(column(&run.join("samples.csv"), "sample"), set(&["nop"]));
    assert_eq!(column(&run.join("summary.csv"), "sample"), set(&["nop"]));
    assert!(column(&run.join("failures.csv"), "kind").contains("failed"));
}

#[test]
fn an_interrupted_bench_keeps_and_prints_what_was_measured() {
    if left_out() {
        return;
    }
    let folder = generated();
    let mut bench = std::process::Command::new(env!("CARGO_BIN_EXE_xtask"))
        .env("WASM_PHASES_GENERATED", folder.path())
        .args(["bench", "--samples", "nop,fibonacci", "--engines", ENGINES])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let has_readings = || {
        let results = std::fs::read_dir(folder.path().join("results")).ok();
        let run = results.and_then(|mut runs| runs.next()).and_then(Result::ok);
        let readings = run.and_then(|run| std::fs::read_to_string(run.path().join("samples.csv")).ok());
        readings.is_some_and(|text| text.matches(",jit,jit,").count() > 10)
    };
    while !has_readings() {
        assert!(bench.try_wait().unwrap().is_none(), "it ended before it was interrupted");
        std::thread::sleep(Duration::from_millis(20));
    }
    let interrupted = std::process::Command::new("kill").args(["-INT", &bench.id().to_string()]).status();
    assert!(interrupted.unwrap().success());
    let output = bench.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(String::from_utf8(output.stdout).unwrap().contains("cut short: interrupted, after "));
    let run = run_folder(folder.path());
    assert!(column(&run.join("summary.csv"), "phase").contains("jit"));
    let text = std::fs::read_to_string(run.join("run.json")).unwrap();
    let described: bench::record::Run = serde_json::from_str(&text).unwrap();
    assert!(described.interrupted);
}

#[test]
fn strip_compare_shows_what_stripping_saves_in_wasm_and_artifacts() {
    if left_out() {
        return;
    }
    let folder = generated();
    xtask(folder.path())
        .args(["strip-compare", "--samples", "fibonacci", "--engines", ENGINES])
        .assert()
        .success()
        .stdout(predicate::str::contains("wasmer-singlepass"))
        .stdout(predicate::str::contains("rust-native"));
    let mut reader = csv::Reader::from_path(folder.path().join("strip-compare.csv")).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let wasm = rows.iter().find(|row| &row[1] == "wasm").unwrap();
    let bytes = |index: usize| wasm[index].parse::<u64>().unwrap();
    assert!(bytes(2) > 100 * bytes(3), "unstripped {} and stripped {} bytes", bytes(2), bytes(3));
}

#[test]
fn engines_prints_version_licence_and_threads_of_what_is_built() {
    if left_out() {
        return;
    }
    let folder = generated();
    xtask(folder.path())
        .arg("engines")
        .assert()
        .success()
        .stdout(predicate::str::contains("7.4.2"))
        .stdout(predicate::str::contains("BUSL-1.1"));
}
