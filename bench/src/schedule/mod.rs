//! The order of measuring: a survey that tries and checks every cell once, then rounds of
//! blocks. A block is one case and one kind of pass, with every engine and the calibration kernel
//! in it in random order, so that a drift of the machine affects all alike and every reading has its
//! partners. Rounds are spread over the time there is; once every block has had its share, further
//! ones go to the blocks whose ratios are still wider than asked for.

mod batch;
mod block;
mod division;
mod fitting;
mod measurement;
mod precision;
mod progress;
mod rounds;
mod survey;

pub use fitting::{Concession, Fitted};
pub use progress::RunProgress;

use crate::plan::{Effort, EngineEntry, Plan};
use crate::process::nanoseconds;
use crate::record::{CellId, Recorder, RunOutcome, TimeUse};
use fitting::Expected;
use measurement::Measurement;
use rounds::Rounds;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A plan of which every cell has been tried once.
pub struct Surveyed<'a> {
    plan: &'a Plan,
    measurement: Measurement<'a>,
    interrupted: &'a AtomicBool,
    started: Instant,
    /// Time that went into something else than measuring, in nanoseconds.
    aside_ns: u64,
}

/// Tries every cell of `plan` once; failures go to `recorder`. It ends early when `interrupted` becomes true.
///
/// # Errors
/// When results or artifacts cannot be written; failing engines are no error.
pub fn survey<'a>(
    plan: &'a Plan,
    recorder: &'a mut Recorder,
    interrupted: &'a AtomicBool,
    mut progress: impl FnMut(RunProgress<'_>),
) -> io::Result<Surveyed<'a>> {
    std::fs::create_dir_all(&plan.artifacts)?;
    let mut measurement = Measurement::new(plan, recorder);
    let started = Instant::now();
    survey::survey(plan, &mut measurement, interrupted, &mut progress)?;
    Ok(Surveyed { plan, measurement, interrupted, started, aside_ns: 0 })
}

impl Surveyed<'_> {
    /// Lets give way what must, so that the first rounds fit the time budget, and says what that was.
    /// `with_memory` says whether memory is to be read before them.
    pub fn fit(&mut self, with_memory: bool) -> Fitted {
        self.measurement.learn_what_calibration_takes();
        let took = self.started.elapsed();
        let budget = self.plan.effort.time_budget.unwrap_or(Duration::MAX);
        let is_control = |engine: usize| self.plan.engines[engine].entry == EngineEntry::Control;
        let round = |effort: &Effort, control: bool| {
            self.measurement.round_time(effort, |engine| control || !is_control(engine))
        };
        // Memory is read once in each pass, in processes of their own, as in the survey.
        let survey = took.saturating_sub(Duration::from_nanos(self.aside_ns));
        let memory = if with_memory { survey } else { Duration::ZERO };
        let fitted = Fitted::of(
            &self.plan.effort,
            Expected { left: budget.saturating_sub(took), memory, round: &round },
        );
        self.measurement.effort = fitted.effort.clone();
        if fitted.without(Concession::NoControl) {
            (0..self.plan.engines.len())
                .filter(|engine| is_control(*engine))
                .for_each(|engine| self.measurement.leave_out(engine));
        }
        fitted
    }

    /// Does something else meanwhile, with the recorder; no worker of the plan runs.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn aside<T, E>(&mut self, work: impl FnOnce(&mut Recorder) -> Result<T, E>) -> Result<T, E> {
        self.measurement.fresh_processes();
        let start = Instant::now();
        let done = work(self.measurement.recorder);
        self.aside_ns += nanoseconds(start.elapsed());
        done
    }

    /// Has every process of an engine with tiers make as many untimed calls before its warm ones as `calls` says of
    /// the cell.
    pub fn warm_up(&mut self, calls: impl Fn(&CellId) -> u64) {
        self.measurement.warm_up(calls);
    }

    /// Measures; readings go to the recorder as they are made. It ends early, with everything written, on an
    /// interrupt.
    ///
    /// # Errors
    /// When results or artifacts cannot be written; failing engines are no error.
    pub fn rounds(self, mut progress: impl FnMut(RunProgress<'_>)) -> io::Result<RunOutcome> {
        let Surveyed { plan, measurement, interrupted, started, aside_ns } = self;
        let mut rounds = Rounds::new(plan, measurement, interrupted, started);
        let made = rounds.run(&mut progress)?;
        rounds.measurement.fresh_processes();
        std::fs::remove_dir_all(&plan.artifacts)?;
        let (measured_cells, failed_cells) = rounds.measurement.counts();
        Ok(RunOutcome {
            rounds: made,
            disturbed_rounds: rounds.disturbed,
            repeated_rounds: rounds.repeated,
            interrupted: interrupted.load(Ordering::Relaxed),
            measured_cells,
            failed_cells,
            stolen_cpu_ns: rounds.measurement.stolen_cpu_ns(),
            time_use: TimeUse {
                waiting_ns: rounds.waiting_ns,
                total_ns: nanoseconds(started.elapsed()).saturating_sub(aside_ns),
                ..rounds.measurement.time_use()
            },
        })
    }
}

/// Measures `plan` with the whole effort that it asks for: a survey, then rounds.
///
/// # Errors
/// As [`survey`] and [`Surveyed::rounds`].
pub fn run(
    plan: &Plan,
    recorder: &mut Recorder,
    interrupted: &AtomicBool,
    mut progress: impl FnMut(RunProgress<'_>),
) -> io::Result<RunOutcome> {
    survey(plan, recorder, interrupted, &mut progress)?.rounds(progress)
}
