//! `--bless`: calls the native libraries and takes what they return as the expected results.

use super::catalogue::{Call, Expected, Sample};
use super::compile::{Compiler, Cpu};
use super::outputs::{self, VARIANTS};
use super::store::Store;
use crate::progress;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The program that calls a library, in the store.
const RUNNER: &str = "native/runner";

/// The results of all `samples`; every library of a sample must agree.
///
/// # Errors
/// When a library cannot be called, or two calls or two libraries disagree.
pub fn results(samples: &[Sample], compiler: &Compiler<'_>, store: &Store) -> Result<Expected> {
    let compilation = compiler.runner();
    let inputs = compilation.key();
    store.make(Path::new(RUNNER), &inputs, |file| compilation.run(file).map(|()| None))?;
    let bar = progress::bar(samples.len() as u64, "calling the native libraries");
    let mut expected = Expected::default();
    for sample in samples {
        bar.set_message(sample.name.clone());
        expected.set(sample, &agreed(sample, store)?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(expected)
}

fn agreed(sample: &Sample, store: &Store) -> Result<Vec<Call>> {
    let libraries =
        Cpu::ALL.iter().flat_map(|cpu| VARIANTS.map(|variant| outputs::library(sample, *cpu, variant)));
    let mut known: Option<(PathBuf, Vec<Call>)> = None;
    for library in libraries {
        let calls = call(sample, store, &library)?;
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
fn call(sample: &Sample, store: &Store, library: &Path) -> Result<Vec<Call>> {
    let arguments = sample.sizes.all().map(|(_, argument)| argument.to_string());
    let runner = store.path(Path::new(RUNNER));
    let output = Command::new(&runner)
        .arg(store.path(library))
        .arg(&sample.export)
        .args(arguments)
        .output()
        .with_context(|| format!("cannot start {}", runner.display()))?;
    let words = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "calling {} failed ({}): {words}", library.display(), output.status);
    let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let calls: Result<Vec<Call>, _> = lines.map(serde_json::from_slice).collect();
    calls.with_context(|| format!("calling {} printed something else than results", library.display()))
}
