//! The order of measuring: a survey that tries and checks every cell once, then rounds of
//! blocks. A block is one case and one kind of pass, with every engine and the calibration kernel
//! in it in random order, so that a drift of the machine affects all alike and every reading has its
//! partners. Rounds are spread over the time there is; once every block has had its share, further
//! ones go to the blocks whose ratios are still wider than asked for.

mod batch;
mod block;
mod division;
mod measurement;
mod precision;
mod progress;
mod rounds;
mod survey;

pub use progress::RunProgress;

use crate::plan::Plan;
use crate::process::nanoseconds;
use crate::record::{Recorder, RunOutcome, TimeUse};
use measurement::Measurement;
use rounds::Rounds;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Measures `plan`; readings go to `recorder` as they are made. It ends early, with everything
/// written, when `interrupted` becomes true.
///
/// # Errors
/// When results or artifacts cannot be written; failing engines are no error.
pub fn run(
    plan: &Plan,
    recorder: &mut Recorder,
    interrupted: &AtomicBool,
    mut progress: impl FnMut(RunProgress<'_>),
) -> io::Result<RunOutcome> {
    std::fs::create_dir_all(&plan.artifacts)?;
    let mut measurement = Measurement::new(plan, recorder);
    let started = Instant::now();
    survey::survey(plan, &mut measurement, interrupted, &mut progress)?;
    let mut rounds = Rounds::new(plan, measurement, interrupted, started);
    let made = rounds.run(&mut progress)?;
    rounds.measurement.fresh_processes();
    std::fs::remove_dir_all(&plan.artifacts)?;
    let (measured_cells, failed_cells) = rounds.measurement.counts();
    let (wide, widest) = rounds.open_blocks();
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
            total_ns: nanoseconds(started.elapsed()),
            ..rounds.measurement.time_use()
        },
        wide_blocks: wide.len(),
        widest: widest.is_finite().then_some(widest),
    })
}
