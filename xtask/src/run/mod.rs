//! Making a run: what is measured, where its results go, and the measurement itself.

pub mod baseline;
pub mod criterion;
pub mod describe;
pub mod exclusive;
pub mod first_look;
pub mod folder;
pub mod kernel;
pub mod merged;
pub mod plan;
pub mod probes;
pub mod shard;

use crate::host::hash::sha256;
use crate::host::progress;
use crate::note;
use anyhow::{Context, Result, ensure};
use bench::plan::{Case, Input, Plan};
use bench::record::Run;
use bench::record::RunOutcome;
use bench::record::{self, Recorder};
use bench::schedule::{self, Concession, RunProgress, Surveyed};
use indicatif::ProgressBar;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

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
    plan: Plan,
    mut file: Run,
    looks: Looks,
    folder: &Path,
    interrupted: &AtomicBool,
) -> Result<RunOutcome> {
    file.write(folder).with_context(|| format!("writing to {}", folder.display()))?;
    let plan = &on_copies(plan, &file)?;
    let start = Instant::now();
    if let Some(warning) = file.machine.limits.warning(file.machine.governor.as_deref()) {
        note!("{warning}");
    }
    let mut recorder =
        Recorder::create(folder).with_context(|| format!("creating files in {}", folder.display()))?;
    file.counters = probes::counters(looks.counting, plan, folder, interrupted)?;
    let so_far =
        || format!("measuring; the readings so far are in {}", folder.join(record::READINGS_FILE).display());
    let mut shown = Shown::default();
    let surveyed = surveyed(plan, &mut recorder, interrupted, &mut shown);
    let mut surveyed = surveyed.with_context(so_far)?;
    shown.end();
    // Before the fit, so that their time counts.
    surveyed.aside(|_| probes::empty_calls(plan, folder, interrupted))?;
    let warm_ups = surveyed.aside(|_| probes::warm_up(plan, folder, interrupted))?;
    surveyed.warm_up(|cell| warm_ups.get(cell).map_or(0, |one| one.calls_before));
    let fitted = surveyed.fit(looks.memory);
    note!("{fitted}");
    file.rounds_planned = fitted.effort.rounds;
    if !fitted.gave_way.is_empty() {
        file.notes.push(fitted.to_string());
    }
    file.write(folder).with_context(|| format!("writing to {}", folder.display()))?;
    if looks.memory && !fitted.without(Concession::NoMemory) {
        let memory = |recorder: &mut Recorder| probes::memory(plan, folder, recorder, interrupted);
        file.memory_s = Some(surveyed.aside(memory)?);
    }
    let outcome = surveyed.rounds(|progress| shown.show(&progress)).with_context(so_far)?;
    shown.end();
    file.finish(&outcome, start.elapsed().as_secs_f64());
    file.write(folder).with_context(|| format!("writing to {}", folder.display()))?;
    Ok(outcome)
}

/// The plan with copies of its modules and libraries, which are removed with its artifacts.
///
/// # Errors
/// When they cannot be copied, or are no longer what `file` says.
fn on_copies(mut plan: Plan, file: &Run) -> Result<Plan> {
    let inputs = plan.artifacts.join("inputs");
    let copied = |case: Case| {
        let (sample, variant) = (case.sample.clone(), case.variant.clone());
        let copy = case.copied_to(&inputs).with_context(|| format!("copying the files of {sample}"))?;
        let known = file.modules.iter().find(|one| one.sample == sample && one.variant == variant);
        if let (Some(known), Some(path)) = (known, copy.file(Input::Wasm)) {
            let bytes = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
            ensure!(sha256(&bytes) == known.sha256, "the module of {sample} was changed just now; run again");
        }
        Ok(copy)
    };
    plan.cases = plan.cases.into_iter().map(copied).collect::<Result<_>>()?;
    Ok(plan)
}

/// Measures `plan` with the whole effort that it asks for, under a bar that shows how far it is.
///
/// # Errors
/// When results or artifacts cannot be written.
pub fn measure(
    plan: &Plan,
    recorder: &mut Recorder,
    interrupted: &AtomicBool,
) -> std::io::Result<RunOutcome> {
    let mut shown = Shown::default();
    let surveyed = surveyed(plan, recorder, interrupted, &mut shown)?;
    let outcome = surveyed.rounds(|progress| shown.show(&progress));
    shown.end();
    outcome
}

fn surveyed<'a>(
    plan: &'a Plan,
    recorder: &'a mut Recorder,
    interrupted: &'a AtomicBool,
    shown: &mut Shown,
) -> std::io::Result<Surveyed<'a>> {
    let cells = plan.engines.len() * plan.cases.len();
    note!("checking {cells} cells, then up to {} rounds (seed {})", plan.effort.rounds, plan.seed);
    schedule::survey(plan, recorder, interrupted, |progress| shown.show(&progress))
}

/// The bar of the survey, and then that of the rounds.
#[derive(Default)]
struct Shown {
    bar: Option<(bool, ProgressBar)>,
}

impl Shown {
    fn show(&mut self, progress: &RunProgress<'_>) {
        let survey = progress.round == 0;
        if self.bar.as_ref().is_none_or(|(of_survey, _)| *of_survey != survey) {
            self.end();
            self.bar = Some((survey, progress::bar(progress.total, "")));
        }
        if let Some((_, bar)) = &self.bar {
            bar.set_position(progress.done);
            bar.set_message(match progress.round {
                0 => format!("checking {}", progress.doing),
                round => format!("round {round}: {}", progress.doing),
            });
        }
    }

    fn end(&mut self) {
        if let Some((_, bar)) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}
