//! The tasks of `cargo xtask`, one file each, and what the tasks share that measure.

pub mod bench;
mod engine_choice;
pub mod engines;
pub mod module;
pub mod samples;
pub mod selfcheck;
pub mod strip_compare;
pub mod test;

use crate::cli::exit::Exit;
use crate::cli::flags::BenchArgs;
use crate::cli::{select, values};
use crate::engines::{Runtime, names};
use crate::report;
use crate::run::plan::EffortOptions;
use crate::run::{self, Finished, Looks};
use ::bench::plan::{Effort, Plan};
use ::bench::record::Run;
use ::bench::record::RunOutcome;
use anyhow::Result;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// The engines that are asked for; the default group where none is.
///
/// # Errors
/// When a name or a group matches nothing.
fn engines_to_measure<'a>(wanted: &[String], runtimes: &'a [Runtime]) -> Result<Vec<&'a str>> {
    let default = [engine_choice::DEFAULT.to_owned()];
    let wanted = if wanted.is_empty() { &default } else { wanted };
    select::select("engine", &engine_choice::expanded(wanted, runtimes)?, &names(runtimes))
}

/// The effort that the command line asks for.
///
/// # Errors
/// When a duration or a percentage is none.
fn effort(args: &BenchArgs) -> Result<Effort> {
    let duration = |text: &Option<String>| text.as_deref().map(values::duration).transpose();
    run::plan::effort(EffortOptions {
        quick: args.quick,
        precision: args.precision.as_deref().map(values::fraction).transpose()?,
        time_budget: duration(&args.time_budget)?,
        limit: duration(&args.limit)?,
        pin: args.pin,
        keep_disturbed: args.keep_disturbed,
    })
}

/// A run that is ready to be made.
struct Measurement<'a> {
    plan: Plan,
    file: Run,
    looks: Looks,
    folder: &'a Path,
}

impl Measurement<'_> {
    /// Makes the run and prints its tables.
    ///
    /// # Errors
    /// When nothing could be measured, or results could not be written.
    fn report(self, interrupted: &AtomicBool) -> Result<Exit> {
        let Measurement { plan, file, looks, folder } = self;
        let Finished { plan, mut file, outcome } = run::carry_out(plan, file, looks, folder, interrupted)?;
        let a_probe_failed = report::print(folder, &mut file, &plan, &outcome)?;
        Ok(match outcome {
            RunOutcome { interrupted: true, .. } => Exit::Interrupted,
            RunOutcome { measured_cells: 0, .. } => Exit::NothingUseful,
            RunOutcome { failed_cells: 0, .. } if !a_probe_failed => Exit::Done,
            _ => Exit::SomeFailed,
        })
    }
}
