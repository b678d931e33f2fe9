//! The stages of `cargo xtask bench` that look on without timing: each with its progress before
//! the rounds begin, and its table at the end.

use crate::cli::flags::Counters;
use crate::host::progress;
use anyhow::{Context, Result};
use bench::counters::Source;
use bench::plan::Plan;
use bench::probe::Progress;
use bench::results::{self, Missing, Recorder, Verdict};
use bench::run_file::CountersFacts;
use bench::{callgrind, counters, memory};
use serde::Deserialize;
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

/// A source of counts that is there.
#[derive(Clone, Debug)]
pub struct Counting {
    source: Source,
    tool: Option<String>,
}

impl Counting {
    /// Looks for what `source` needs.
    ///
    /// # Errors
    /// When callgrind is asked for and there is no valgrind.
    pub fn check(source: Counters) -> Result<Counting> {
        match source {
            Counters::Perf => Ok(Counting { source: Source::Perf, tool: None }),
            Counters::Callgrind => {
                let version = callgrind::version().context(
                    "`--counters callgrind` needs valgrind; on Debian: sudo apt-get install valgrind",
                )?;
                Ok(Counting { source: Source::Callgrind, tool: Some(version) })
            }
        }
    }
}

/// Counts the instructions of every phase where that was asked for, and says how.
///
/// # Errors
/// When results or artifacts cannot be written.
pub fn counters(
    counting: Option<Counting>,
    plan: &Plan,
    folder: &Path,
    interrupted: &AtomicBool,
) -> Result<Option<CountersFacts>> {
    let Some(Counting { source, tool }) = counting else { return Ok(None) };
    let start = Instant::now();
    let by = tool.as_deref().unwrap_or("the system's counters");
    eprintln!("counting the instructions of every phase, by {by}");
    with_bar(|show| counters::read(source, plan, folder, interrupted, show))
        .with_context(|| format!("writing {}", folder.join(counters::COUNTERS_FILE).display()))?;
    Ok(Some(CountersFacts { source, tool, duration_s: start.elapsed().as_secs_f64() }))
}

/// The tables of the stages that ran.
///
/// # Errors
/// When a result file cannot be read.
pub fn tables(folder: &Path, cases: &[(&str, &str, &str)], engines: &[&str]) -> Result<String> {
    let peaks = lines(&folder.join(memory::MEMORY_FILE))?;
    let counts = lines(&folder.join(counters::COUNTERS_FILE))?;
    let mut text = String::new();
    if let Some(peaks) = peaks {
        text += &crate::report::memory::table(&peaks, cases, engines);
    }
    if let Some(counts) = counts {
        text += &crate::report::instructions::table(&counts, cases, engines);
    }
    Ok(text)
}

/// The peaks of memory in a run's folder; none where they were left out.
///
/// # Errors
/// When the file cannot be read.
pub fn peaks(folder: &Path) -> Result<Vec<memory::Peak>> {
    Ok(lines(&folder.join(memory::MEMORY_FILE))?.unwrap_or_default())
}

/// The lines of a stage's file; `None` where the stage was left out.
fn lines<T: for<'de> Deserialize<'de>>(file: &Path) -> Result<Option<Vec<T>>> {
    let lines = file.exists().then(|| results::read_all(file)).transpose();
    lines.with_context(|| format!("reading {}", file.display()))
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
