//! `--bless`: runs the native code and stores its results as the expected ones.

use super::build::compile::SampleCompiler;
use super::build::cpu::Cpu;
use super::build::plan::BuildPlan;
use super::build::store::Store;
use super::build::{native_run, plan};
use super::catalogue::{SIZES, Sample, SampleEntry, Sizes};
use super::expected::{Call, CommandRun, ExpectedResult, ExpectedResults};
use crate::host::hash::sha256;
use crate::host::progress;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The program that calls a library, in the store.
const RUNNER: &str = "native/runner";

/// Stores the results of the `samples`, which must be built, in `expected`.
///
/// # Errors
/// When a library cannot be called, or two calls or two libraries disagree; when a program
/// cannot be run, or two runs disagree.
pub fn results(
    samples: &[&Sample],
    (compiler, plan, store): (&SampleCompiler<'_>, &BuildPlan<'_>, &Store),
    expected: &mut ExpectedResults,
) -> Result<()> {
    let compilation = compiler.runner();
    let inputs = compilation.key();
    store.make(Path::new(RUNNER), &inputs, |file| compilation.run(file).map(|()| None))?;
    let bar = progress::bar(samples.len() as u64, "running native code");
    for sample in samples {
        bar.set_message(sample.name.clone());
        match &sample.entry {
            SampleEntry::Export { name, sizes } => {
                for (size, call) in SIZES.into_iter().zip(agreed(sample, (name, sizes), plan, store)?) {
                    let call = Call { shape: sample.shape(), ..call };
                    expected.set(sample, size, ExpectedResult::Call(call));
                }
            }
            SampleEntry::Command(command) => {
                for (size, args) in command.sizes.all() {
                    let run = run(sample, size, args, compiler, store)?;
                    expected.set(sample, size, ExpectedResult::Command(run));
                }
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(())
}

/// What every library of `sample` returns.
fn agreed(
    sample: &Sample,
    entry: (&str, &Sizes<u32>),
    plan: &BuildPlan<'_>,
    store: &Store,
) -> Result<Vec<Call>> {
    let all =
        Cpu::ALL.iter().flat_map(|cpu| [true, false].map(|stripped| plan::library(sample, *cpu, stripped)));
    let mut known: Option<(PathBuf, Vec<Call>)> = None;
    for library in all.filter(|library| plan.stamp(library).is_some()) {
        let calls = call(entry, store, &library)?;
        match &known {
            None => known = Some((library, calls)),
            Some((other, same)) => ensure!(
                *same == calls,
                "{} and {} return different results: {same:?} and {calls:?}",
                other.display(),
                library.display()
            ),
        }
    }
    Ok(known.map(|(_, calls)| calls).unwrap_or_default())
}

/// Calls `library` with the argument of each size.
fn call((export, sizes): (&str, &Sizes<u32>), store: &Store, library: &Path) -> Result<Vec<Call>> {
    let arguments = sizes.all().map(|(_, argument)| argument.to_string());
    let runner = store.path(Path::new(RUNNER));
    let output = Command::new(&runner)
        .arg(store.path(library))
        .arg(export)
        .args(arguments)
        .output()
        .with_context(|| format!("cannot start {}", runner.display()))?;
    let words = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "calling {} failed ({}): {words}", library.display(), output.status);
    let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let calls: Result<Vec<Call>, _> = lines.map(serde_json::from_slice).collect();
    calls.with_context(|| format!("calling {} printed something else than results", library.display()))
}

/// Runs the native program twice: what it prints must not depend on when and where it runs.
fn run(
    sample: &Sample,
    size: &str,
    args: &[String],
    compiler: &SampleCompiler<'_>,
    store: &Store,
) -> Result<CommandRun> {
    let program = store.path(&plan::program(sample));
    let ended = native_run::run(&program, sample, size, &compiler.sources)?;
    ensure!(
        native_run::run(&program, sample, size, &compiler.sources)? == ended,
        "{} prints something else when it is run again",
        program.display()
    );
    Ok(CommandRun {
        args: args.to_vec(),
        exit_code: ended.exit_code,
        stdout_bytes: ended.stdout.len() as u64,
        stdout_sha256: sha256(&ended.stdout),
    })
}
