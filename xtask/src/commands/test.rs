//! `cargo xtask test`: the README's test command. The same rules for the workspace and for every
//! engine folder, which inherit neither lints nor tests from it.

use crate::cli::exit::Exit;
use crate::cli::flags::TestArgs;
use crate::engines;
use crate::engines::{Build, Modules, PreparedEngine, Runtime, State, Wanted};
use crate::host::paths::Paths;
use crate::host::{cargo, files};
use crate::note;
use crate::samples::Variant;
use crate::{samples, toolchain};
use anyhow::{Context, Result, bail, ensure};
use bench::plan::workers_file;
use std::path::PathBuf;
use std::time::Instant;
use xshell::{Shell, cmd};

/// Names the file that lists finished workers.
const WORKERS_VARIABLE: &str = "WASM_PHASES_WORKERS";
/// Makes tests that need workers or samples fail, instead of saying that they were left out.
const REQUIRE_VARIABLE: &str = "WASM_PHASES_REQUIRE_WORKERS";

/// Lists the workers that are tested.
const TESTED: &str = "workers-tested.json";

/// Runs the task.
///
/// # Errors
/// At the first step that fails; the message names it.
pub fn run(args: &TestArgs, paths: &Paths) -> Result<Exit> {
    let sh = Shell::new()?;
    sh.change_dir(&paths.root);
    let runtimes = engines::read(paths)?;
    if !args.dirs.folders.is_empty() {
        // Every folder was read above, so that names are unique.
        return named_folders(&sh, &engines::read_named(paths)?, paths);
    }
    let cargo = cargo::program();
    step("formatting", || {
        formatting(&sh, paths)?;
        runtimes.iter().try_for_each(|runtime| formatting_of(&sh, runtime, paths))
    })?;
    step("lints of the workspace", || {
        Ok(cmd!(sh, "{cargo} clippy --locked --workspace --all-targets -- -D warnings").run()?)
    })?;
    if args.fast {
        step("unit tests", || Ok(cmd!(sh, "{cargo} test --locked --workspace --lib --bins").run()?))?;
        return Ok(Exit::Done);
    }
    let mut workers = PathBuf::new();
    step("workers of every engine", || {
        workers = build_workers(&runtimes, paths)?;
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
    for runtime in &runtimes {
        step(&format!("lints and tests of {}", runtime.name), || check_runtime(runtime, paths))?;
    }
    Ok(Exit::Done)
}

/// Tests the engines of `runtimes` alone.
fn named_folders(sh: &Shell, runtimes: &[Runtime], paths: &Paths) -> Result<Exit> {
    step("formatting", || runtimes.iter().try_for_each(|runtime| formatting_of(sh, runtime, paths)))?;
    let mut workers = PathBuf::new();
    step("workers", || {
        workers = build_workers(runtimes, paths)?;
        let some = !workers_file::read(&workers)?.is_empty();
        ensure!(some, "none of these engines can be tested here");
        Ok(())
    })?;
    for runtime in runtimes.iter().filter(|one| one.is_built_by_cargo()) {
        step(&format!("lints and tests of {}", runtime.name), || check_runtime(runtime, paths))?;
    }
    step("conformance", || {
        let cargo = cargo::program();
        let tests = cmd!(sh, "{cargo} test --locked --package bench --test conformance");
        Ok(tests.env(WORKERS_VARIABLE, &workers).env(REQUIRE_VARIABLE, "1").run()?)
    })?;
    for engine in engines::prepare(
        runtimes,
        Wanted { names: &engines::names(runtimes), modules: Modules::Both, build: Build::No },
        paths,
    )? {
        note_untested(&engine);
    }
    Ok(Exit::Done)
}

/// Says which tests had nothing to test: those of what the engine says that it does not offer.
fn note_untested(engine: &PreparedEngine) {
    let Some(spec) = engine.ready() else { return };
    let can = &spec.hello.can;
    let abilities = [
        ("parse", &can.parse),
        ("JIT", &can.jit),
        ("c", &can.instantiate),
        ("AOT", &can.aot),
        ("WASI", &can.wasi),
    ];
    let absent: Vec<&str> =
        abilities.iter().filter(|(_, ability)| ability.reason().is_some()).map(|(name, _)| *name).collect();
    if !absent.is_empty() {
        note!("{}: not tested, since the engine does not offer it: {}", spec.name, absent.join(", "));
    }
}

fn step(name: &str, run: impl FnOnce() -> Result<()>) -> Result<()> {
    note!("\n== {name}");
    let start = Instant::now();
    run().with_context(|| format!("step failed: {name}"))?;
    note!("== {name}: {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// Of the workspace, which `cargo fmt` knows, and of what is no member of it.
fn formatting(sh: &Shell, paths: &Paths) -> Result<()> {
    let cargo = cargo::program();
    cmd!(sh, "{cargo} fmt --all --check").run()?;
    cmd!(sh, "{cargo} fmt --check --manifest-path xtask/wasm-opt/Cargo.toml").run()?;
    let mut sources = files::sources(&paths.sample_src)?;
    sources.retain(|file| file.extension().is_some_and(|ending| ending == "rs"));
    cmd!(sh, "rustfmt --check --edition 2024 {sources...}").run()?;
    Ok(())
}

/// Of the crates in an engine folder, by the workspace's rules wherever the folder lies.
fn formatting_of(sh: &Shell, runtime: &Runtime, paths: &Paths) -> Result<()> {
    let (cargo, rules) = (cargo::program(), &paths.root);
    let files = files::sources(&runtime.folder)?;
    for manifest in files.iter().filter(|file| file.ends_with("Cargo.toml")) {
        cmd!(sh, "{cargo} fmt --check --manifest-path {manifest} -- --config-path {rules}").run()?;
    }
    Ok(())
}

/// Builds every worker that can be had here, and lists them in a file for the conformance suite.
/// A worker whose needs are missing is said and left out; one that is broken is an error.
fn build_workers(runtimes: &[Runtime], paths: &Paths) -> Result<PathBuf> {
    let engines = engines::prepare(
        runtimes,
        Wanted { names: &engines::names(runtimes), modules: Modules::Both, build: Build::Yes },
        paths,
    )?;
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
    engines::list_in(&engines, paths.generated.join(TESTED))
}

fn lacks_a_need(engine: &PreparedEngine) -> bool {
    !engine.configuration.needs.is_empty()
        && matches!(&engine.state, State::Unavailable(missing) if !missing.reason.starts_with("its "))
}

fn check_runtime(runtime: &Runtime, paths: &Paths) -> Result<()> {
    let Some(check) = engines::checks(runtime, paths)? else {
        note!("left out: what {} needs is not here", runtime.name);
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
