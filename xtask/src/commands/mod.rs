//! The tasks of `cargo xtask`, one file each, and what the tasks share that measure.

pub mod bench;
pub mod clean;
pub mod compare;
pub mod completions;
mod cost_list;
mod dry_run;
mod engine_choice;
mod engine_list;
pub mod engines;
mod feature_list;
pub mod history;
pub mod like;
pub mod merge;
pub mod module;
mod option_list;
mod preparation;
pub mod report;
pub mod samples;
pub mod selfcheck;
pub mod strip_compare;
mod strip_modules;
pub mod test;
#[cfg(test)]
mod tests;

use crate::cli::exit::Exit;
use crate::cli::measure::BenchArgs;
use crate::cli::phase_choice;
use crate::cli::values::wrong_value;
use crate::host::paths::Paths;
use crate::note;
use crate::report::TableName;
use crate::run::baseline;
use crate::run::folder;
use crate::run::plan::EffortOptions;
use crate::run::{self, Looks};
use ::bench::plan::{Effort, Plan};
use ::bench::record::CsvRecord;
use ::bench::record::Run;
use ::bench::record::RunOutcome;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// The effort that the command line asks for.
fn effort(args: &BenchArgs) -> Effort {
    let effort = run::plan::effort(EffortOptions {
        quick: args.quick,
        precision: args.precision,
        time_budget: args.time_budget,
        limit: args.limit,
        pin: args.pin,
        keep_disturbed: args.keep_disturbed,
        warm_up: args.warm_up,
    });
    if args.phases.is_empty() {
        return effort;
    }
    Effort { passes: phase_choice::among(&Effort::full().passes, &args.phases), ..effort }
}

/// Whether the memory of the phases is read.
fn reads_memory(args: &BenchArgs) -> bool {
    !args.no_memory && args.phases.is_empty()
}

/// Checks that a run may be written to the folder of `--output`, before anything is built.
///
/// # Errors
/// When the folder is none, or holds a run.
fn check_output(args: &BenchArgs) -> Result<(), clap::Error> {
    args.output.as_deref().map_or(Ok(()), check_output_folder)
}

/// Checks that a run may be written to `folder`.
///
/// # Errors
/// When it is none, or holds a run.
fn check_output_folder(folder: &Path) -> Result<(), clap::Error> {
    let wrong = |reason| Err(wrong_value("--output <DIR>", &folder.display().to_string(), reason));
    if folder.exists() && !folder.is_dir() {
        return wrong("it is a file; name a folder");
    }
    if folder::holds_a_run(folder) {
        return wrong("it holds another run; name a new or empty folder");
    }
    Ok(())
}

/// `rows` as CSV, with a header.
///
/// # Errors
/// When a row cannot be written, which is a fault of the program.
fn csv_text<T: CsvRecord>(rows: &[T]) -> Result<String> {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    writer.write_record(T::COLUMNS)?;
    for row in rows {
        writer.serialize(row)?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// The folder of a new run.
///
/// # Errors
/// When it cannot be made.
fn run_folder(args: &BenchArgs, paths: &Paths) -> Result<PathBuf> {
    match &args.output {
        Some(folder) => folder::chosen_folder(folder),
        None => folder::new_run_folder(paths, ""),
    }
}

/// A run that is ready to be made.
struct Measurement<'a> {
    plan: Plan,
    file: Run,
    looks: Looks,
    folder: &'a Path,
    /// The tables that are printed above the summary.
    tables: &'a [TableName],
    /// The name under which the run is kept for later comparisons.
    baseline: Option<&'a str>,
}

impl Measurement<'_> {
    /// Makes the run and prints its summary.
    ///
    /// # Errors
    /// When nothing could be measured, or results could not be written.
    fn report(self, interrupted: &AtomicBool, paths: &Paths) -> Result<Exit> {
        let Measurement { plan, file, looks, folder, tables, baseline } = self;
        let outcome = run::carry_out(plan, file, looks, folder, interrupted)?;
        let found = crate::report::finish(folder)?;
        let is_written = report::show(&found, tables, paths);
        if let Some(name) = baseline.filter(|_| !outcome.interrupted && outcome.measured_cells > 0) {
            let saved = baseline::save(name, folder, paths)?;
            note!("saved as baseline {name}: {}", saved.display());
        }
        Ok(match outcome {
            RunOutcome { interrupted: true, .. } => Exit::Interrupted,
            RunOutcome { measured_cells: 0, .. } => Exit::NothingUseful,
            RunOutcome { failed_cells: 0, .. } if is_written && !crate::report::has_failures(&found) => {
                Exit::Done
            }
            _ => Exit::SomeFailed,
        })
    }
}
