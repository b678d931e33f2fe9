//! The stages of `cargo xtask bench` that look on without timing: each with its progress before
//! the rounds begin, and its table at the end.

use crate::{memory_table, progress};
use anyhow::{Context, Result};
use bench::memory;
use bench::plan::Plan;
use bench::probe::Progress;
use bench::results::{self, Missing, Recorder, Verdict};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// Reads the memory of every phase, and says how long that took, in seconds.
///
/// # Errors
/// When results or artifacts cannot be written.
pub fn memory(plan: &Plan, folder: &Path, recorder: &mut Recorder, interrupted: &AtomicBool) -> Result<f64> {
    let start = Instant::now();
    eprintln!("reading the memory of every phase, each pass in a process of its own");
    with_bar(|show| memory::read(plan, folder, recorder, interrupted, show))
        .with_context(|| format!("writing {}", folder.join(memory::MEMORY_FILE).display()))?;
    Ok(start.elapsed().as_secs_f64())
}

/// The tables of the stages that ran.
///
/// # Errors
/// When a result file cannot be read.
pub fn tables(folder: &Path, cases: &[(&str, &str, &str)], engines: &[&str]) -> Result<String> {
    let mut text = String::new();
    let file = folder.join(memory::MEMORY_FILE);
    if file.exists() {
        let peaks: Vec<memory::Peak> =
            results::read_all(&file).with_context(|| format!("reading {}", file.display()))?;
        text += &memory_table::table(&peaks, cases, engines);
    }
    Ok(text)
}

/// Whether a pass failed while it was looked at; its cell may have been measured all the same.
pub fn failed(missing: &[Missing]) -> bool {
    missing.iter().any(|missing| missing.verdict == Verdict::Failed)
}

/// Runs a stage under a bar that shows what it looks at.
fn with_bar<T>(stage: impl FnOnce(&mut dyn FnMut(Progress<'_>)) -> T) -> T {
    let bar = progress::bar(0, "");
    let done = stage(&mut |progress| {
        bar.set_length(progress.total as u64);
        bar.set_position(progress.done as u64);
        bar.set_message(format!("{} on {}", progress.engine, progress.sample));
    });
    bar.finish_and_clear();
    done
}
