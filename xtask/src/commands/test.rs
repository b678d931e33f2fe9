//! `cargo xtask test`: the README's test command. The same rules for the workspace and for every
//! engine folder, which inherit neither lints nor tests from it.

use crate::cli::exit::Exit;
use crate::cli::flags::TestArgs;
use crate::engines;
use crate::engines::{Build, Engine, Family, State};
use crate::host::cargo;
use crate::host::paths::Paths;
use crate::note;
use crate::samples::Variant;
use crate::{samples, toolchain};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::time::Instant;
use xshell::{Shell, cmd};

/// Names the file that lists finished workers.
const WORKERS_VARIABLE: &str = "WASM_PHASES_WORKERS";
/// Makes tests that need workers or samples fail, instead of saying that they were left out.
const REQUIRE_VARIABLE: &str = "WASM_PHASES_REQUIRE_WORKERS";

/// Runs the task.
///
/// # Errors
/// At the first step that fails; the message names it.
pub fn run(args: &TestArgs, paths: &Paths) -> Result<Exit> {
    let sh = Shell::new()?;
    sh.change_dir(&paths.root);
    let cargo = cargo::program();
    let families = engines::read(paths)?;
    step("formatting", || formatting(&sh, &families, paths))?;
    step("lints of the workspace", || {
        Ok(cmd!(sh, "{cargo} clippy --locked --workspace --all-targets -- -D warnings").run()?)
    })?;
    if args.fast {
        step("unit tests", || Ok(cmd!(sh, "{cargo} test --locked --workspace --lib --bins").run()?))?;
        return Ok(Exit::Done);
    }
    let mut workers = PathBuf::new();
    step("workers of every engine", || {
        workers = build_workers(&families, paths)?;
        Ok(())
    })?;
    step("samples", || {
        let chosen = samples::core(paths)?;
        let variants = [Variant::Stripped, Variant::Unstripped];
        samples::build(paths, &toolchain::prepare(paths)?, &chosen, &variants)?;
        Ok(())
    })?;
    step("tests of the workspace, with conformance of every worker", || {
        let tests = cmd!(sh, "{cargo} test --locked --workspace");
        Ok(tests.env(WORKERS_VARIABLE, &workers).env(REQUIRE_VARIABLE, "1").run()?)
    })?;
    for family in &families {
        step(&format!("lints and tests of {}", family.name), || check_family(family, paths))?;
    }
    Ok(Exit::Done)
}

fn step(name: &str, run: impl FnOnce() -> Result<()>) -> Result<()> {
    note!("\n== {name}");
    let start = Instant::now();
    run().with_context(|| format!("step failed: {name}"))?;
    note!("== {name}: {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// `cargo fmt` knows the workspace; engine folders and samples are asked one by one.
fn formatting(sh: &Shell, families: &[Family], paths: &Paths) -> Result<()> {
    let cargo = cargo::program();
    cmd!(sh, "{cargo} fmt --all --check").run()?;
    cmd!(sh, "{cargo} fmt --check --manifest-path xtask/wasm-opt/Cargo.toml").run()?;
    for family in families {
        let mut manifests = Vec::new();
        find(&family.folder, &|path| path.ends_with("Cargo.toml"), &mut manifests)?;
        for manifest in manifests {
            cmd!(sh, "{cargo} fmt --check --manifest-path {manifest}").run()?;
        }
    }
    let mut sources = Vec::new();
    find(&paths.sample_src, &|path| path.extension().is_some_and(|ending| ending == "rs"), &mut sources)?;
    cmd!(sh, "rustfmt --check --edition 2024 {sources...}").run()?;
    Ok(())
}

/// The files below `folder` that are `wanted`; build output is no place to look.
fn find(folder: &Path, wanted: &dyn Fn(&Path) -> bool, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() && !path.ends_with("target") {
            find(&path, wanted, files)?;
        } else if wanted(&path) {
            files.push(path);
        }
    }
    Ok(())
}

/// Builds every worker that can be had here, and lists them in a file for the conformance suite.
/// A worker whose needs are missing is said and left out; one that is broken is an error.
fn build_workers(families: &[Family], paths: &Paths) -> Result<PathBuf> {
    let engines = engines::prepare(families, &engines::names(families), paths, Build::Yes)?;
    for engine in &engines {
        let name = &engine.configuration.name;
        match &engine.state {
            State::Ready(_) => {}
            State::Unavailable(missing) if lacks_a_need(engine) => {
                note!("left out: {name}: {} (to enable it: {})", missing.reason, missing.command);
            }
            State::Unavailable(missing) => bail!("{name}: {} ({})", missing.reason, missing.command),
            State::NotBuilt => bail!("{name} was not built"),
        }
    }
    engines::list(&engines, paths)
}

fn lacks_a_need(engine: &Engine) -> bool {
    !engine.configuration.needs.is_empty()
        && matches!(&engine.state, State::Unavailable(missing) if !missing.reason.starts_with("its "))
}

fn check_family(family: &Family, paths: &Paths) -> Result<()> {
    let Some(check) = engines::checks(family, paths)? else {
        note!("left out: what {} needs is not here", family.name);
        return Ok(());
    };
    for mut command in check {
        let status = command.status().with_context(|| format!("running {command:?}"))?;
        if !status.success() {
            bail!("{command:?} ended with {status}");
        }
    }
    Ok(())
}
