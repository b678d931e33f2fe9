//! One cell over all runs of a machine: its time, its ratio to a reference of the same run, where it changed its
//! level, and what else changed there. The data of `cargo xtask history`.

mod cell;
mod picture;
mod text;

pub use cell::HistoryCell;
pub use picture::picture;

use super::compare::differences::differences;
use super::model::RunReport;
use anyhow::{Result, bail};
use bench::analysis::Series;
use bench::machine::{CALIBRATION, MachineFacts};
use bench::record::{CaseFacts, CsvRecord};
use bench::stats::{ChangePoint, Estimate, change_points};
use serde::Serialize;

/// What a history is of, and what its changes are looked for in.
pub struct HistoryQuestion {
    /// The cell.
    pub cell: HistoryCell,
    /// The engine that times are divided by; native code where none is named and every run has it.
    pub reference: Option<String>,
    /// Whether changes are looked for in the times themselves.
    pub times: bool,
}

/// A cell over all runs.
pub struct History {
    /// The cell.
    pub cell: HistoryCell,
    /// What times are divided by; `None` where the changes are those of the times.
    pub reference: Option<String>,
    /// The runs, the earliest first.
    pub runs: Vec<HistoryRun>,
    /// The changes of level.
    pub changes: Vec<LevelChange>,
    /// Runs that were left out, and why, in words.
    pub left_out: Vec<String>,
}

/// The cell in one run.
pub struct HistoryRun {
    /// The name of its folder.
    pub name: String,
    /// When it began, in UTC.
    pub started_utc: String,
    /// Rounds that have a value.
    pub rounds: usize,
    /// The time, in nanoseconds.
    pub time: Estimate,
    /// The time divided by that of the reference.
    pub ratio: Option<Estimate>,
    /// What differs from the run before, apart from times, in words.
    pub differences: Vec<String>,
}

/// A change of level.
#[derive(Clone, Copy)]
pub struct LevelChange {
    /// Where.
    pub point: ChangePoint,
    /// The mean of the new level divided by that of the one before.
    pub ratio: f64,
}

impl History {
    /// The history of a cell in `reports`, in any order.
    ///
    /// # Errors
    /// When no run has the cell.
    pub fn of(reports: &[RunReport], question: &HistoryQuestion) -> Result<History> {
        let mut all: Vec<&RunReport> = reports.iter().filter(|one| !one.run.is_merged()).collect();
        all.sort_by(|a, b| a.run.started_utc.cmp(&b.run.started_utc));
        let mut found: Vec<Measured<'_>> =
            all.iter().filter_map(|report| Measured::of(report, &question.cell)).collect();
        let Some(newest) = found.last() else { bail!("{}", nothing(&question.cell, &all)) };
        let (machine, mut left_out) = (newest.report.run.machine.clone(), Vec::new());
        let before = found.len();
        found.retain(|one| is_same(&one.report.run.machine, &machine));
        note(&mut left_out, before - found.len(), "of other machines");
        let reference = reference(&found, question);
        let mut runs: Vec<HistoryRun> = Vec::new();
        let mut earlier: Option<RunReport> = None;
        for one in &found {
            let ratio = reference.as_deref().and_then(|name| one.ratio_to(name, &question.cell));
            if reference.is_some() && ratio.is_none() {
                continue;
            }
            let own = one.alone(&[Some(question.cell.engine.as_str()), reference.as_deref()]);
            runs.extend(one.run(ratio, earlier.as_ref().map(|earlier| changed(earlier, &own))));
            earlier = Some(own);
        }
        note(&mut left_out, found.len() - runs.len(), "without a time of the reference");
        let mut history =
            History { cell: question.cell.clone(), reference, runs, changes: Vec::new(), left_out };
        history.changes = history.level_changes();
        Ok(history)
    }

    /// The value of a run whose changes are looked for: the ratio, or the time.
    pub fn value(&self, run: &HistoryRun) -> Estimate {
        run.ratio.filter(|_| self.reference.is_some()).unwrap_or(run.time)
    }

    /// The levels, each as the numbers of its runs and their geometric mean.
    pub fn levels(&self) -> Vec<(std::ops::Range<usize>, f64)> {
        let starts = std::iter::once(0).chain(self.changes.iter().map(|change| change.point.at));
        let ends = self.changes.iter().map(|change| change.point.at).chain([self.runs.len()]);
        let level = |(start, end): (usize, usize)| (start..end, self.mean(start..end));
        starts.zip(ends).map(level).collect()
    }

    fn mean(&self, runs: std::ops::Range<usize>) -> f64 {
        let logs: Vec<f64> = self.runs[runs].iter().map(|run| self.value(run).value.ln()).collect();
        (logs.iter().sum::<f64>() / logs.len() as f64).exp()
    }

    fn level_changes(&self) -> Vec<LevelChange> {
        // What reads 0 has no logarithm, and no level that could be compared.
        let logs: Vec<f64> = self.runs.iter().map(|run| self.value(run).value.ln()).collect();
        if logs.iter().any(|log| !log.is_finite()) {
            return Vec::new();
        }
        let points = change_points(&logs);
        let starts: Vec<usize> = std::iter::once(0).chain(points.iter().map(|point| point.at)).collect();
        let ends = starts.iter().skip(1).copied().chain([self.runs.len()]);
        let levels: Vec<f64> = starts.iter().zip(ends).map(|(start, end)| self.mean(*start..end)).collect();
        let changes = points.into_iter().zip(levels.windows(2));
        changes.map(|(point, levels)| LevelChange { point, ratio: levels[1] / levels[0] }).collect()
    }

    /// The runs as lines of CSV.
    pub fn rows(&self) -> Vec<HistoryRow> {
        let row = |(number, run): (usize, &HistoryRun)| {
            let change = self.changes.iter().find(|change| change.point.at == number);
            HistoryRow {
                run: run.name.clone(),
                started_utc: run.started_utc.clone(),
                rounds: run.rounds,
                low_wall_ns: run.time.low,
                wall_ns: run.time.value,
                high_wall_ns: run.time.high,
                reference: self.reference.clone(),
                low_ratio: run.ratio.map(|ratio| ratio.low),
                ratio: run.ratio.map(|ratio| ratio.value),
                high_ratio: run.ratio.map(|ratio| ratio.high),
                level: 1 + self.changes.iter().filter(|change| change.point.at <= number).count(),
                level_change_ratio: change.map(|change| change.ratio),
                p: change.map(|change| change.point.p),
                differences: run.differences.join("; "),
            }
        };
        self.runs.iter().enumerate().map(row).collect()
    }
}

/// A line of what `cargo xtask history --csv` prints.
#[derive(Clone, Debug, Serialize)]
pub struct HistoryRow {
    run: String,
    started_utc: String,
    rounds: usize,
    low_wall_ns: f64,
    wall_ns: f64,
    high_wall_ns: f64,
    reference: Option<String>,
    low_ratio: Option<f64>,
    ratio: Option<f64>,
    high_ratio: Option<f64>,
    level: usize,
    level_change_ratio: Option<f64>,
    p: Option<f64>,
    differences: String,
}

impl CsvRecord for HistoryRow {
    const COLUMNS: &'static [&'static str] = &[
        "run",
        "started_utc",
        "rounds",
        "low_wall_ns",
        "wall_ns",
        "high_wall_ns",
        "reference",
        "low_ratio",
        "ratio",
        "high_ratio",
        "level",
        "level_change_ratio",
        "p",
        "differences",
    ];
}

/// A run that has the cell.
struct Measured<'a> {
    report: &'a RunReport,
    case: &'a CaseFacts,
    series: &'a Series,
}

impl<'a> Measured<'a> {
    fn of(report: &'a RunReport, cell: &HistoryCell) -> Option<Measured<'a>> {
        let case = report.cases.iter().find(|case| cell.is_on(case))?;
        let series = cell.series(report.summary.cell(&HistoryCell::id(&cell.engine, case))?)?;
        Some(Measured { report, case, series })
    }

    fn ratio_to(&self, reference: &str, cell: &HistoryCell) -> Option<Estimate> {
        let other = cell.series(self.report.summary.cell(&HistoryCell::id(reference, self.case))?)?;
        self.series.ratio_to(other).estimate()
    }

    fn run(&self, ratio: Option<Estimate>, differences: Option<Vec<String>>) -> Option<HistoryRun> {
        let name = self.report.folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Some(HistoryRun {
            name,
            started_utc: self.report.run.started_utc.clone(),
            rounds: self.series.by_round().len(),
            time: self.series.estimate()?,
            ratio,
            differences: differences.unwrap_or_default(),
        })
    }

    /// The run with these engines on this case alone, so that no other counts as a difference.
    fn alone(&self, engines: &[Option<&str>]) -> RunReport {
        let mut own = self.report.clone();
        own.run.engines.retain(|engine| engines.contains(&Some(engine.name.as_str())));
        own.cases.retain(|case| case == self.case);
        own
    }
}

/// What differs between two runs, in words; the kernel of the system is all that may differ of one machine.
fn changed(earlier: &RunReport, run: &RunReport) -> Vec<String> {
    differences(earlier, run).into_iter().map(|one| format!("{}: {}", one.what, one.how)).collect()
}

fn is_same(one: &MachineFacts, other: &MachineFacts) -> bool {
    (&one.cpu, one.cpus) == (&other.cpu, other.cpus)
}

fn note(notes: &mut Vec<String>, count: usize, what: &str) {
    if count > 0 {
        notes.push(format!("left out: {count} runs {what}"));
    }
}

/// The engine that is named, else the first baseline that every run has, else the calibration kernel where it is the
/// same in every run.
fn reference(found: &[Measured<'_>], question: &HistoryQuestion) -> Option<String> {
    if question.times || question.reference.is_some() {
        return question.reference.clone().filter(|_| !question.times);
    }
    let newest = &found.last()?.report;
    let is_same_kernel = |one: &Measured<'_>| one.report.run.kernel_sha256 == newest.run.kernel_sha256;
    let kernel = newest.run.kernel_sha256.is_some() && found.iter().all(is_same_kernel);
    let baselines = newest.baselines.iter().filter(|name| **name != question.cell.engine);
    let named = baselines.cloned().chain(kernel.then(|| CALIBRATION.to_owned()));
    let in_all = |name: &String| found.iter().all(|one| one.ratio_to(name, &question.cell).is_some());
    named.collect::<Vec<_>>().into_iter().find(in_all)
}

/// Why there is no history.
fn nothing(cell: &HistoryCell, reports: &[&RunReport]) -> String {
    let Some(newest) = reports.last() else {
        return "there is no run yet; `cargo xtask bench` makes one".to_owned();
    };
    let mut samples: Vec<&str> = newest.cases.iter().map(|case| case.sample.as_str()).collect();
    samples.dedup();
    format!(
        "no run has a time of {cell}; the newest has the samples {} and the engines {}",
        samples.join(", "),
        newest.engines.join(", ")
    )
}
