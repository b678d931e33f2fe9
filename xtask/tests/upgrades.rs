//! Two builds of one engine in one run, measured. `cargo xtask test` prepares what this needs and sets
//! `WASM_PHASES_REQUIRE_WORKERS`; without it the test says that it was left out.

#![allow(clippy::unwrap_used, reason = "in a test an unexpected error is a failure")]

use assert_cmd::Command;
use std::collections::BTreeMap;
use std::path::Path;

/// An engine folder of the checkout, which stands for both builds, so that nothing is built here.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../bench/engines/wasmi");

#[test]
fn two_builds_of_an_engine_are_read_next_to_each_other_in_one_run() {
    if std::env::var_os("WASM_PHASES_REQUIRE_WORKERS").is_none() {
        eprintln!("left out: `cargo xtask test` prepares the samples and workers that this needs");
        return;
    }
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let run = folder.path().join("run");
    let mut bench = Command::cargo_bin("xtask").unwrap();
    bench.args(["bench", "--quick", "--no-memory", "--samples", "sieve", "--output"]).arg(&run);
    bench.args(["--engines", "wasmi-eager@base,wasmi-eager@new,rust-native"]);
    for label in ["base", "new"] {
        bench.arg("--engine-dir").arg(format!("{label}={FOLDER}"));
    }
    bench.assert().success();
    let described: bench::record::Run =
        serde_json::from_slice(&std::fs::read(run.join("run.json")).unwrap()).unwrap();
    let names: Vec<&str> = described.engines.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["rust-native", "wasmi-eager@base", "wasmi-eager@new"]);
    assert_eq!(described.engines[1].builds, described.engines[2].builds);
    let cycles = cycles(&run);
    assert!(cycles.len() > 3, "{cycles:?}");
    let is_paired = |engines: &Vec<String>| {
        ["wasmi-eager@base", "wasmi-eager@new"].iter().all(|name| engines.iter().any(|engine| engine == name))
    };
    assert!(cycles.values().all(is_paired), "{cycles:?}");
}

/// The engines whose warm calls were read in each cycle of each round.
fn cycles(run: &Path) -> BTreeMap<(u32, u32), Vec<String>> {
    let readings: Vec<bench::record::Reading> = bench::record::read_used(run).unwrap();
    let mut cycles: BTreeMap<(u32, u32), Vec<String>> = BTreeMap::new();
    for reading in readings.into_iter().filter(|one| one.pass.name() == "warm-call") {
        cycles.entry((reading.round, reading.cycle)).or_default().push(reading.engine);
    }
    cycles
}
