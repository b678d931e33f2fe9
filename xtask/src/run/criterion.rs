//! `cargo xtask bench --criterion`: prepares samples and engines, and runs `cargo bench` on them.

use super::exclusive;
use crate::engines::{Build, State, Wanted};
use crate::host::cargo;
use crate::host::output::{self, WARNING, styled};
use crate::host::paths::Paths;
use crate::samples::Variant;
use crate::{engines, samples, toolchain};
use crate::{note, outln};
use anyhow::{Context, Result, bail};
use std::io::IsTerminal;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

/// What to measure, every name checked.
#[derive(Clone, Copy, Debug)]
pub struct CriterionChoice<'a> {
    /// Engine configurations.
    pub engines: &'a [String],
    /// Samples.
    pub samples: &'a [String],
    /// Criterion's own arguments: a filter on ids, `--save-baseline NAME`, …
    pub arguments: &'a [String],
}

/// Runs Criterion; gives whether it measured every cell.
///
/// # Errors
/// When there is nothing to measure, or cargo cannot be run.
pub fn run(choice: CriterionChoice<'_>, paths: &Paths) -> Result<bool> {
    samples::build(paths, &toolchain::prepare(paths)?, choice.samples, &[Variant::Stripped])?;
    prepare_engines(choice, paths)?;
    // Two measurements at once would disturb each other.
    let _alone = exclusive::wait(paths)?;
    let home = paths.root.join("target/criterion");
    let status = run_to_its_end(command(choice, &home, paths)).context("running cargo bench")?;
    let report = home.join("report/index.html");
    if report.is_file() {
        outln!("Criterion's report: {}", report.display());
    }
    Ok(match status.code() {
        Some(0) => true,
        Some(3) => false,
        _ => bail!("cargo bench ended with {status}"),
    })
}

/// Runs `command`. Where standard output is no terminal, what it prints passes through here, since it
/// would end at a closed pipe before its files are written.
fn run_to_its_end(mut command: Command) -> std::io::Result<ExitStatus> {
    if std::io::stdout().is_terminal() {
        return command.status();
    }
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    if let Some(stdout) = child.stdout.take() {
        output::copy(stdout)?;
    }
    child.wait()
}

/// `cargo bench` on `choice`, which must be prepared and listed; Criterion writes below `home`.
pub fn command(choice: CriterionChoice<'_>, home: &Path, paths: &Paths) -> Command {
    let mut command = cargo_bench(paths);
    command
        .arg("--")
        .args(choice.arguments)
        .env("CRITERION_HOME", home)
        .env("WASM_PHASES_GENERATED", &paths.generated)
        .env("WASM_PHASES_ENGINES", choice.engines.join(","))
        .env("WASM_PHASES_SAMPLES", choice.samples.join(","));
    command
}

/// `cargo bench` with nothing chosen yet.
pub fn cargo_bench(paths: &Paths) -> Command {
    let mut command = cargo::inherited();
    command.args(["bench", "--locked", "--package", "bench", "--bench", "phases"]).current_dir(&paths.root);
    command
}

/// Builds the workers of `chosen`, says which cannot be had, and lists every worker that is built,
/// chosen or not: `cargo bench` alone may be asked for the others.
fn prepare_engines(choice: CriterionChoice<'_>, paths: &Paths) -> Result<()> {
    let chosen: Vec<&str> = choice.engines.iter().map(String::as_str).collect();
    let runtimes = engines::read_for(chosen.iter().copied(), paths)?;
    let wasi = samples::wasi_use(choice.samples, paths)?;
    let wanted = Wanted { names: &chosen, wasi, build: Build::Yes };
    let engines = engines::prepare(&runtimes, wanted, paths)?;
    for engine in &engines {
        if let State::Unavailable(missing) = &engine.state {
            let name = &engine.configuration.name;
            let skipped = styled(WARNING, "skipped:");
            note!("{skipped} {name}: {}\n         to enable it: {}", missing.reason, missing.command);
        }
    }
    if engines.iter().all(|engine| engine.ready().is_none()) {
        bail!("none of these engines can be measured here; `cargo xtask engines` says why");
    }
    let wanted = Wanted { names: &engines::names(&runtimes), wasi, build: Build::No };
    engines::list(&engines::prepare(&runtimes, wanted, paths)?, paths)?;
    Ok(())
}
