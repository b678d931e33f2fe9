//! Making a run: what is measured, where its results go, and the measurement itself.

pub mod baseline;
pub mod criterion;
pub mod describe;
pub mod exclusive;
pub mod first_look;
pub mod folder;
pub mod plan;
pub mod probes;

use crate::host::progress;
use crate::note;
use anyhow::{Context, Result};
use bench::plan::Plan;
use bench::record::Run;
use bench::record::RunOutcome;
use bench::record::{self, Recorder};
use bench::schedule;
use indicatif::ProgressBar;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// The probes of a run.
pub struct Looks {
    /// Whether the memory of every phase is read.
    pub memory: bool,
    /// How instructions are counted, where they are.
    pub counting: Option<probes::Counting>,
}

/// Measures `plan`: every file of the run goes to `folder`, `file` among them. Gives how it ended.
///
/// # Errors
/// When nothing could be measured, or results could not be written.
pub fn carry_out(
    mut plan: Plan,
    mut file: Run,
    looks: Looks,
    folder: &Path,
    interrupted: &AtomicBool,
) -> Result<RunOutcome> {
    file.write(folder).with_context(|| format!("writing to {}", folder.display()))?;
    let start = Instant::now();
    let mut recorder =
        Recorder::create(folder).with_context(|| format!("creating files in {}", folder.display()))?;
    if looks.memory {
        let memory_s = probes::memory(&plan, folder, &mut recorder, interrupted)?;
        // Memory is read in every run, so its time is part of the run's.
        let left = |budget: Duration| budget.saturating_sub(Duration::from_secs_f64(memory_s));
        plan.effort.time_budget = plan.effort.time_budget.map(left);
        file.memory_s = Some(memory_s);
    }
    file.counters = probes::counters(looks.counting, &plan, folder, interrupted)?;
    let outcome = measure(&plan, &mut recorder, interrupted).with_context(|| {
        format!("measuring; the readings so far are in {}", folder.join(record::READINGS_FILE).display())
    })?;
    file.finish(&outcome, start.elapsed().as_secs_f64());
    file.write(folder).with_context(|| format!("writing to {}", folder.display()))?;
    Ok(outcome)
}

/// Measures `plan` under a bar that shows how far it is.
///
/// # Errors
/// When results or artifacts cannot be written.
pub fn measure(
    plan: &Plan,
    recorder: &mut Recorder,
    interrupted: &AtomicBool,
) -> std::io::Result<RunOutcome> {
    let mut bar: Option<(bool, ProgressBar)> = None;
    let cells = plan.engines.len() * plan.cases.len();
    note!("checking {cells} cells, then up to {} rounds (seed {})", plan.effort.rounds, plan.seed);
    let outcome = schedule::run(plan, recorder, interrupted, |progress| {
        let survey = progress.round == 0;
        if bar.as_ref().is_none_or(|(of_survey, _)| *of_survey != survey) {
            if let Some((_, old)) = bar.take() {
                old.finish_and_clear();
            }
            bar = Some((survey, progress::bar(progress.total, "")));
        }
        if let Some((_, bar)) = &bar {
            bar.set_position(progress.done);
            bar.set_message(match progress.round {
                0 => format!("checking {}", progress.doing),
                round => format!("round {round}: {}", progress.doing),
            });
        }
    });
    if let Some((_, bar)) = bar {
        bar.finish_and_clear();
    }
    outcome
}
