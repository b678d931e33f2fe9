//! The stages of `cargo xtask bench` that look on without timing: each with its progress before
//! the rounds begin.

use crate::host::progress;
use crate::note;
use anyhow::{Context, Result};
use bench::counters::Source;
use bench::plan::Plan;
use bench::probe::Progress;
use bench::results::Recorder;
use bench::run_file::CountersFacts;
use bench::{callgrind, counters, memory};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// Reads the memory of every phase, and says how long that took, in seconds.
///
/// # Errors
/// When results or artifacts cannot be written.
pub fn memory(plan: &Plan, folder: &Path, recorder: &mut Recorder, interrupted: &AtomicBool) -> Result<f64> {
    let start = Instant::now();
    note!("reading the memory of every phase, each pass in a process of its own");
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
    pub fn check(source: Source) -> Result<Counting> {
        match source {
            Source::Perf => Ok(Counting { source: Source::Perf, tool: None }),
            Source::Callgrind => {
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
    note!("counting the instructions of every phase, by {by}");
    with_bar(|show| counters::read(source, plan, folder, interrupted, show))
        .with_context(|| format!("writing {}", folder.join(counters::COUNTERS_FILE).display()))?;
    Ok(Some(CountersFacts { source, tool, duration_s: start.elapsed().as_secs_f64() }))
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
