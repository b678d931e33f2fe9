//! Pages of runs in a real browser: a run that is made here with two engines, and made-up ones that are
//! large or hostile. `cargo xtask test --all` fetches the browser and says where it is; without it this
//! test says that it was left out.

#![allow(clippy::unwrap_used, reason = "in a test an unexpected error is a failure")]

#[path = "report/made_up.rs"]
mod made_up;

use assert_cmd::Command;
use made_up::MadeUp;
use std::fs;
use std::path::{Path, PathBuf};

/// The engines of the real run: cheap, and always to be had.
const ENGINES: &str = "rust-native,wasmer-singlepass,wasmer-cranelift";

/// A variable that `cargo xtask test --all` sets.
fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from)
}

/// The command with its output in `generated`.
fn xtask(generated: &Path) -> Command {
    let mut command = Command::cargo_bin("xtask").unwrap();
    command.env("WASM_PHASES_GENERATED", generated);
    command
}

/// The page of a made-up run.
fn made_up_page(run: &MadeUp, folder: &Path, change: impl Fn(&Path)) -> PathBuf {
    let results = folder.join("results/run");
    run.write(&results);
    change(&results);
    xtask(folder).arg("report").assert().success();
    results.join("report.html")
}

/// The page of a run that is made now.
fn real_page(folder: &Path) -> PathBuf {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../generated/wasm");
    std::os::unix::fs::symlink(samples.canonicalize().unwrap(), folder.join("wasm")).unwrap();
    let run = folder.join("run");
    let arguments = ["bench", "--quick", "--samples", "nop,sieve", "--variants", "stripped,unstripped"];
    let mut bench = xtask(folder);
    bench.args(arguments).args(["--engines", ENGINES, "--output"]).arg(&run).assert().success();
    run.join("report.html")
}

/// Names that look like markup and like a formula, in every file of a run.
fn make_hostile(run: &Path) {
    for file in ["run.json", "samples.csv", "sizes.csv", "memory.csv", "failures.csv"] {
        let text = fs::read_to_string(run.join(file)).unwrap();
        let hostile = text
            .replace("sieve", "<script>alert(1)</script>")
            .replace("nbody", "=cmd()")
            .replace("wrong result: ", "</script><img src=x> wrong result: ");
        fs::write(run.join(file), hostile).unwrap();
    }
}

#[test]
fn pages_work_in_a_browser_at_every_width_in_both_schemes_and_fetch_nothing() {
    let Some(browser) = named("WASM_PHASES_BROWSER") else {
        eprintln!("left out: `cargo xtask test --all` fetches the browser that this needs");
        return;
    };
    let tools = ["WASM_PHASES_PLAYWRIGHT", "WASM_PHASES_AXE"].map(|variable| named(variable).unwrap());
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let folder = |name: &str| {
        let folder = place.path().join(name);
        fs::create_dir_all(&folder).unwrap();
        folder
    };
    let tested = MadeUp { engines: 16, rounds: 12, every_phase: true, ..MadeUp::default() };
    let big = MadeUp { engines: 40, samples: 44, rounds: 10, every_phase: true, ..MadeUp::default() };
    let hostile = MadeUp { engines: 14, every_phase: true, ..MadeUp::default() };
    let pages = [
        ("real", real_page(&folder("real"))),
        ("tested", made_up_page(&tested, &folder("tested"), |_| {})),
        ("hostile", made_up_page(&hostile, &folder("hostile"), make_hostile)),
        ("big", made_up_page(&big, &folder("big"), |_| {})),
    ];
    let screenshots = Path::new(env!("CARGO_MANIFEST_DIR")).join("../generated/screenshots");
    fs::create_dir_all(&screenshots).unwrap();
    let mut node = Command::new(named("WASM_PHASES_BROWSER_NODE").unwrap());
    node.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("browser/report.mjs"));
    node.arg(browser).args(tools).arg(screenshots);
    node.args(pages.iter().map(|(name, page)| format!("{name}={}", page.display())));
    let output = node.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
