//! The stages of `cargo xtask bench` before the rounds begin: reading memory, counting instructions, and warm-up
//! series.

use crate::host::progress;
use crate::note;
use anyhow::{Context, Result};
use bench::analysis::warm_up::{WarmUp, warm_ups};
use bench::plan::Plan;
use bench::probe::ProbeProgress;
use bench::probe::{callgrind, counters, empty_call, memory, warm_up};
use bench::record::CounterSource;
use bench::record::CountersFacts;
use bench::record::{self, CellId, EMPTY_CALLS_FILE, Recorder, WARM_UP_FILE, WarmUpReading};
use std::collections::BTreeMap;
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

/// Reads the warm-up series, where the plan has some, and gives what they show.
///
/// # Errors
/// When results cannot be written.
pub fn warm_up(plan: &Plan, folder: &Path, interrupted: &AtomicBool) -> Result<BTreeMap<CellId, WarmUp>> {
    if !warm_up::is_any_wanted(plan) {
        return Ok(BTreeMap::new());
    }
    note!("reading the first calls one by one, to see from which on they are steady");
    let file = folder.join(WARM_UP_FILE);
    with_bar(|show| warm_up::read(plan, folder, interrupted, show))
        .with_context(|| format!("writing {}", file.display()))?;
    let readings: Vec<WarmUpReading> = record::read_all(&file)?;
    Ok(warm_ups(&readings))
}

/// Reads the empty call of every engine, where the plan has warm calls.
///
/// # Errors
/// When results cannot be written.
pub fn empty_calls(plan: &Plan, folder: &Path, interrupted: &AtomicBool) -> Result<()> {
    if !empty_call::is_wanted(plan) {
        return Ok(());
    }
    with_bar(|show| empty_call::read(plan, folder, interrupted, show))
        .with_context(|| format!("writing {}", folder.join(EMPTY_CALLS_FILE).display()))
}

/// A source of counts that is there.
#[derive(Clone, Debug)]
pub struct Counting {
    source: CounterSource,
    tool: Option<String>,
}

impl Counting {
    /// Looks for what `source` needs.
    ///
    /// # Errors
    /// When callgrind is asked for and there is no valgrind.
    pub fn check(source: CounterSource) -> Result<Counting> {
        match source {
            CounterSource::Perf => Ok(Counting { source: CounterSource::Perf, tool: None }),
            CounterSource::Callgrind => {
                let version = callgrind::version().context(
                    "`--counters callgrind` needs valgrind; on Debian: sudo apt-get install valgrind",
                )?;
                Ok(Counting { source: CounterSource::Callgrind, tool: Some(version) })
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

/// Runs a stage under a bar that shows its sample and engine.
fn with_bar<T>(stage: impl FnOnce(&mut dyn FnMut(ProbeProgress<'_>)) -> T) -> T {
    let bar = progress::bar(0, "");
    let done = stage(&mut |progress| {
        bar.set_length(progress.total as u64);
        bar.set_position(progress.done as u64);
        bar.set_message(format!("{} on {}", progress.engine, progress.sample));
    });
    bar.finish_and_clear();
    done
}
