//! What a run found, from the files of its folder: the data model, the summary that fits a screen, the
//! tables, and the page and the Markdown that are written beside the files.

mod answer;
mod chart;
mod compare;
pub mod embedding;
mod export;
mod facts;
mod find;
pub mod first_look;
mod heading;
mod hints;
mod history;
mod instructions;
#[cfg(test)]
mod made_up;
mod markdown;
mod memory;
mod merge;
mod model;
mod modules;
mod notes;
mod overall;
mod overview;
mod page;
mod phases;
mod pictures;
mod ranking;
mod rows;
mod scaling;
pub mod sheet;
mod steady;
mod tables;
mod terminal;
pub mod text;
mod units;
mod variants;
mod warm_up;
mod written;

pub use compare::{DifferenceName, Question, RunComparison, RunDifference, differences};
pub use export::{ExportFormat, export};
pub use find::run as find;
pub use history::{History, HistoryCell, HistoryQuestion};
pub use merge::refusals;
pub use model::RunReport;
pub use overview::{RunOverview, RunPlace};
pub use tables::TableName;
pub use written::{PAGE_FILE, write};

use anyhow::{Context, Result};
use bench::analysis::comparisons::{self, COMPARISONS_FILE};
use bench::analysis::{SUMMARY_FILE, break_even, drift};
use bench::record;
use modules::Modules;
use std::collections::BTreeSet;
use std::path::Path;

/// Width and height of the picture of a history.
const HISTORY_SIZE: (u32, u32) = (860, 360);

/// Reads the run in `folder`, which is over, and writes what is derived from its readings: the machine's
/// level into `run.json`, the summary, the comparisons and the break-even points.
///
/// # Errors
/// When a file cannot be read or written.
pub fn finish(folder: &Path) -> Result<RunReport> {
    let mut report = RunReport::read(folder)?;
    if !report.run.is_merged() {
        report.run.calibration_ns = drift::level_ns(&report.summary);
        report.run.earlier_calibration_ns = drift::earlier_ns(folder);
        report.drift = RunReport::drift_of(&report.run, &report.summary);
    }
    write_derived(&report).with_context(|| format!("writing to {}", folder.display()))?;
    Ok(report)
}

fn write_derived(report: &RunReport) -> std::io::Result<()> {
    let RunReport { folder, run, summary, .. } = report;
    run.write(folder)?;
    record::write_all(&folder.join(SUMMARY_FILE), &summary.rows(report.drift))?;
    let groups = comparisons::comparison_groups(summary, report.equal_within());
    record::write_all(&folder.join(COMPARISONS_FILE), &comparisons::comparison_rows(&groups))?;
    let fresh_instance = report.cases.iter().filter(|case| case.fresh_instance);
    let fresh_instance: BTreeSet<&str> = fresh_instance.map(|case| case.sample.as_str()).collect();
    let points = break_even::break_even_rows(summary, &fresh_instance);
    record::write_all(&folder.join(break_even::BREAK_EVEN_FILE), &points)?;
    Modules::of(report).map_or(Ok(()), |modules| modules.write())
}

/// The runs in `results` that may have `cell`, where `counts` tells by the name which folders are looked at; and why
/// others could not be read.
pub fn read_all(
    results: &Path,
    counts: impl Fn(&str) -> bool,
    cell: &HistoryCell,
) -> (Vec<RunReport>, Vec<anyhow::Error>) {
    let (mut reports, mut unreadable) = (Vec::new(), Vec::new());
    let folders = find::every(results, counts);
    for folder in &folders {
        match RunReport::read_if(folder, |run| {
            run.cases.is_empty() || run.cases.iter().any(|case| cell.is_on(case))
        }) {
            Ok(report) => reports.extend(report),
            Err(error) => unreadable.push(error),
        }
    }
    if reports.is_empty() {
        // What the newest run has tells what may be asked for.
        reports.extend(folders.iter().find_map(|folder| RunReport::read(folder).ok()));
    }
    (reports, unreadable)
}

/// The picture of a history, as a file.
pub fn history_picture(history: &History) -> String {
    chart::file(&history::picture(history, HISTORY_SIZE.0, HISTORY_SIZE.1))
}

/// The tables that are asked for and, below them, the summary; tables in lines of at most `width`
/// characters.
pub fn render(report: &RunReport, asked: &[TableName], place: &RunPlace, width: usize) -> String {
    let tables = tables::Tables::of(report, width).text(asked);
    let summary = terminal::summary(&RunOverview::of(report, place));
    let between = if tables.is_empty() { "" } else { "\n" };
    format!("{tables}{between}{summary}")
}

/// Whether a pass failed, of the rounds or under a probe; the times of its cell may exist nevertheless.
pub fn has_failures(report: &RunReport) -> bool {
    report.failures.iter().any(|failure| failure.kind.is_fault())
}
