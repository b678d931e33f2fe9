//! Engine folders outside the checkout, and what is said where a name or a need is wrong. Nothing here
//! builds an engine or reaches a registry.

#![allow(clippy::unwrap_used, reason = "in a test an unexpected error is a failure")]

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

fn xtask(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("xtask").unwrap();
    command.env("WASM_PHASES_GENERATED", folder.join("generated"));
    command.env("WASM_PHASES_CACHE", folder.join("cache"));
    command
}

/// An engine folder whose worker is a script.
fn engine(within: &Path, name: &str, configuration: &str, more: &str) -> PathBuf {
    let folder = within.join(name);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("worker.sh"), "cat\n").unwrap();
    let text = format!(
        "homepage = ''\ncommand = ['sh', 'worker.sh']\nfiles = ['worker.sh']\n\
         [[configuration]]\nname = '{configuration}'\nlicence = 'MIT'\n{more}\n"
    );
    fs::write(folder.join("engine.toml"), text).unwrap();
    folder
}

#[test]
fn a_folder_outside_the_checkout_adds_its_engines() {
    let place = tempfile::tempdir().unwrap();
    let one = engine(place.path(), "one", "engine-one", "groups = ['mine']");
    let two = engine(place.path(), "two", "engine-two", "groups = ['mine']");
    xtask(place.path())
        .args(["bench", "--dry-run", "--engines", "@mine,one", "--engine-dir"])
        .arg(one)
        .env("WASM_PHASES_ENGINE_DIR", two)
        .assert()
        .success()
        .stdout(contains("engines:  engine-one, engine-two\n"));
}

#[test]
fn two_folders_with_an_engine_of_one_name_are_both_named() {
    let place = tempfile::tempdir().unwrap();
    let one = engine(place.path(), "one", "same", "");
    let two = engine(place.path(), "two", "same", "");
    let both = format!(
        "both {} and {} have an engine named `same`; rename one",
        one.canonicalize().unwrap().display(),
        two.canonicalize().unwrap().display()
    );
    let mut command = xtask(place.path());
    command.args(["bench", "--dry-run", "--engine-dir"]).arg(one).arg("--engine-dir").arg(two);
    command.assert().failure().stderr(contains(both));
}

#[test]
fn two_builds_of_an_engine_are_told_apart_by_the_labels_of_their_folders() {
    let place = tempfile::tempdir().unwrap();
    let old = engine(place.path(), "old/one", "fast", "usual = true\ngroups = ['mine']");
    let new = engine(place.path(), "new/one", "fast", "usual = true\ngroups = ['mine']");
    let bench = |engines: &str| {
        let mut command = xtask(place.path());
        command.args(["bench", "--dry-run", "--engines", engines]);
        command.arg("--engine-dir").arg(format!("base={}", old.display()));
        command.env("WASM_PHASES_ENGINE_DIR", format!("v1.2={}", new.display())).assert()
    };
    let both = "engines:  fast@base, fast@v1.2\n";
    for engines in ["fast@base,fast@v1.2", "one@base,one@v1.2", "@mine", "fast@*"] {
        bench(engines).success().stdout(contains(both));
    }
    bench("one@base").success().stdout(contains("engines:  fast@base\n"));
    bench("fast").code(2).stderr(contains("fast@base"));
}

#[test]
fn an_unknown_group_lists_the_groups() {
    let place = tempfile::tempdir().unwrap();
    let mut command = xtask(place.path());
    command.args(["bench", "--dry-run", "--engines", "@interpeter"]).assert().code(2).stderr(
        contains("'@interpeter' for '--engines <NAME>'")
            .and(contains("the groups are @all, @aot, @baseline, @default, @interpreter, @jit, @native")),
    );
}

#[test]
fn what_arrives_with_another_checksum_is_not_used_and_the_engine_is_left_out_with_what_helps() {
    let place = tempfile::tempdir().unwrap();
    let Some(wheels) = wheel(place.path()) else {
        eprintln!("SKIPPED: there is no Python with pip");
        return;
    };
    let need = format!(
        "needs = ['thing']\n[[needs]]\nname = 'thing'\nregistry = 'pypi'\npackage = 'thing'\nversion = '1.0'\n\
         sha256 = '{}'\nprogram = 'thing/run'\nhelp = 'install thing yourself'",
        "ab".repeat(32)
    );
    let folder = engine(place.path(), "one", "engine-one", &need);
    xtask(place.path())
        .args(["test", "--engine-dir"])
        .arg(folder)
        // pip finds the wheel here and asks no registry.
        .env("PIP_NO_INDEX", "1")
        .env("PIP_FIND_LINKS", wheels)
        .assert()
        .failure()
        .stderr(contains("left out: engine-one: thing is missing").and(contains("install thing yourself")))
        .stderr(contains("ab".repeat(32)).and(contains("none of these engines can be tested here")));
}

/// A folder with a wheel of the package `thing`; `None` where there is no pip.
fn wheel(place: &Path) -> Option<PathBuf> {
    let folder = place.join("wheels");
    fs::create_dir_all(&folder).unwrap();
    let script = "import sys, zipfile\nimport pip\n\
        wheel = zipfile.ZipFile(sys.argv[1] + '/thing-1.0-py3-none-any.whl', 'w')\n\
        wheel.writestr('thing/run', '#!/bin/sh\\n')\n\
        wheel.writestr('thing-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: thing\\nVersion: 1.0\\n')\n\
        wheel.writestr('thing-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')\n\
        wheel.writestr('thing-1.0.dist-info/RECORD', '')\n\
        wheel.close()\n";
    let mut python = std::process::Command::new("python3");
    let status = python.args(["-c", script]).arg(&folder).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success()).then_some(folder)
}

/// An engine folder that cargo builds, whose build never ends by itself; it says when it has begun, in
/// the file `begun` beside it.
fn endless(within: &Path) -> PathBuf {
    let folder = within.join("endless");
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("src/main.rs"), "fn main() {}\n").unwrap();
    let build = "fn main() {\n    std::fs::write(\"../begun\", std::process::id().to_string()).unwrap();\n    \
        std::thread::sleep(std::time::Duration::from_secs(600));\n}\n";
    fs::write(folder.join("build.rs"), build).unwrap();
    fs::write(
        folder.join("Cargo.toml"),
        "[package]\nname = \"worker\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n",
    )
    .unwrap();
    let lock = "version = 4\n\n[[package]]\nname = \"worker\"\nversion = \"0.1.0\"\n";
    fs::write(folder.join("Cargo.lock"), lock).unwrap();
    let text = "homepage = ''\n[[configuration]]\nname = 'endless'\nlicence = 'MIT'\n";
    fs::write(folder.join("engine.toml"), text).unwrap();
    folder
}

#[test]
fn ctrl_c_ends_the_build_under_way_and_begins_no_other() {
    let place = tempfile::tempdir().unwrap();
    let folder = endless(place.path());
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.env("WASM_PHASES_GENERATED", place.path().join("generated"));
    command.env("WASM_PHASES_CACHE", place.path().join("cache"));
    command.args(["engines", "--build", "--engines", "endless", "--engine-dir"]).arg(&folder);
    let xtask = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = place.path().join("begun");
    let building = loop {
        match fs::read_to_string(&begun) {
            Ok(process) if !process.is_empty() => break process,
            _ => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    let interrupted = std::process::Command::new("kill").args(["-INT", &xtask.id().to_string()]).status();
    assert!(interrupted.unwrap().success());
    let output = xtask.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("interrupted; what is finished is kept") && !said.contains("failed"), "{said}");
    // It is gone, or a zombie that nobody has waited for yet; the system may take a moment to end it.
    let stat = || fs::read_to_string(format!("/proc/{building}/stat")).unwrap_or_default();
    let is_gone = || stat().is_empty() || stat().contains(") Z ");
    for _ in 0..500 {
        if is_gone() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("it still runs: {}", stat());
}
