//! A run in one screen: a line for each engine, a verdict, what went wrong, and where the rest is. The
//! data of the summary; `terminal.rs` renders it, and `report --json` prints it.

use super::heading;
use super::hints;
use super::model::RunReport;
use super::modules::Modules;
use super::notes::{lazy, not_steady};
use super::text::{cut, wrapped};
use super::units::percent;
use bench::analysis::overview::{COLUMNS, CommonColumn, Leader, RelativeColumn};
use bench::record::CaseFacts;
use bench::stats::{ROUNDS_FOR_INTERVAL, Verdict, geometric_mean};
use protocol::Phase;
use serde::Serialize;
use std::collections::BTreeMap;

/// The columns of the screen that a summary fits.
pub const WIDTH: usize = 80;
/// The lines of it: one of 24 is left for the prompt.
const LINES: usize = 23;
/// The most engines that are shown.
const MOST_ENGINES: usize = 14;
/// The heading, the table's header, the verdict and where the tables are.
const FIXED_LINES: usize = 1 + 3 + 2 + 2;
/// The most modules that are compared in a sentence.
const MOST_SENTENCES: usize = 2;

/// The summary of a run.
#[derive(Debug, Serialize)]
pub struct RunOverview {
    /// What was measured, in how many rounds, and where.
    pub heading: String,
    /// When the run began, in UTC.
    pub started_utc: String,
    /// Rounds that count.
    pub rounds: usize,
    /// The columns that have a value.
    pub columns: Vec<OverviewColumn>,
    /// The engines, in the order of every table.
    pub engines: Vec<OverviewEngine>,
    /// The names of those that are not shown, and do not count for the cases in common.
    pub not_shown: Vec<String>,
    /// Which engine is fastest, and whether that is told apart.
    pub verdict: String,
    /// Your own modules against the first of them, one sentence each.
    pub modules: Vec<String>,
    /// What failed, was skipped or disturbed, one line each.
    pub problems: Vec<String>,
    /// What to know about the modules.
    pub notes: Vec<String>,
    /// The command that prints every table.
    pub tables: String,
    /// The run's folder.
    pub files: String,
}

/// A column of the summary.
#[derive(Debug, Serialize)]
pub struct OverviewColumn {
    /// Its name.
    pub name: &'static str,
    /// What its numbers are of.
    pub of: &'static str,
    /// What they are: the times as ratios to the fastest, or bytes.
    pub unit: OverviewUnit,
    /// The cases that all engines with a number have in common, and that count.
    pub cases: usize,
    /// The samples of cases that do not count, since their call is too short.
    pub too_short: Vec<String>,
}

/// What the numbers of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OverviewUnit {
    /// The geometric mean of times, divided by that of the fastest engine.
    Ratio,
    /// Bytes.
    Bytes,
}

/// A line of the summary.
#[derive(Debug, Serialize)]
pub struct OverviewEngine {
    /// The engine's name.
    pub name: String,
    /// Its numbers, by the column's name; none where it takes no part.
    pub values: BTreeMap<&'static str, OverviewValue>,
}

/// A number of the summary.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OverviewValue {
    /// The number.
    pub value: f64,
    /// The lower end of its 95% interval, where there is one.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

impl OverviewValue {
    fn alone(value: f64) -> OverviewValue {
        OverviewValue { value, low: None, high: None }
    }
}

/// The names of the columns of times, and what they are of, in the order of [`COLUMNS`].
const TIMES: [(&str, &str); 4] =
    [("compile", "a+b"), ("instantiate", "c, warm"), ("AOT execute", "c'+c+d"), ("call", "d, warm")];

/// Where a run's tables and files are found again.
pub struct RunPlace {
    /// What `cargo xtask report` takes for this run.
    pub name: String,
    /// The run's folder, as a person would write it.
    pub files: String,
}

impl RunOverview {
    /// The summary of `report`, with as many engines as a screen shows.
    pub fn of(report: &RunReport, place: &RunPlace) -> RunOverview {
        let module_lines = modules(report).iter().flat_map(|one| wrapped(one, WIDTH, 2)).count();
        let left = LINES.saturating_sub(FIXED_LINES + problems(report).len() + module_lines);
        RunOverview::with(report, place, shown(&report.engine_names(), left))
    }

    /// The summary of `report` with every engine.
    pub fn of_every_engine(report: &RunReport, place: &RunPlace) -> RunOverview {
        RunOverview::with(report, place, (report.engine_names(), Vec::new()))
    }

    fn with(
        report: &RunReport,
        place: &RunPlace,
        (engines, not_shown): (Vec<&str>, Vec<&str>),
    ) -> RunOverview {
        let mut overview = RunOverview {
            heading: title(report),
            started_utc: report.run.started_utc.clone(),
            rounds: report.rounds,
            columns: Vec::new(),
            engines: engines.iter().map(|name| OverviewEngine::of(name)).collect(),
            not_shown: not_shown.iter().map(|name| (*name).to_owned()).collect(),
            verdict: String::new(),
            modules: modules(report),
            problems: problems(report),
            notes: lazy(report)
                .into_iter()
                .chain(not_steady(report))
                .chain(hints::of(report))
                .chain(report.run.notes.iter().cloned())
                .collect(),
            tables: format!("cargo xtask report {} --tables all", place.name),
            files: place.files.clone(),
        };
        let times = COLUMNS.map(|column| {
            let engines = report.comparable(&engines, column.0);
            RelativeColumn::of(&report.summary, &engines, &report.cases, column, report.equal_within())
        });
        for ((name, of), column) in TIMES.iter().zip(&times) {
            if let Some(column) = column {
                overview.add_times(name, of, column, &report.cases);
            }
        }
        overview.add_bytes("artifact", "mean", artifacts(report, &engines));
        overview.add_bytes("memory", "highest", peaks(report, &engines));
        overview.verdict = verdict(report, &times);
        overview
    }

    fn add_times(
        &mut self,
        name: &'static str,
        of: &'static str,
        column: &RelativeColumn,
        cases: &[CaseFacts],
    ) {
        self.columns.push(OverviewColumn {
            name,
            of,
            unit: OverviewUnit::Ratio,
            cases: column.cases.len(),
            too_short: column.too_short.iter().map(|case| cases[*case].sample.clone()).collect(),
        });
        for engine in &mut self.engines {
            let Some(time) = column.engine(&engine.name) else { continue };
            let (low, high) = (time.interval.map(|one| one.low), time.interval.map(|one| one.high));
            engine.values.insert(name, OverviewValue { value: time.ratio, low, high });
        }
    }

    fn add_bytes(&mut self, name: &'static str, of: &'static str, column: Option<CommonColumn>) {
        let Some(column) = column else { return };
        self.columns.push(OverviewColumn {
            name,
            of,
            unit: OverviewUnit::Bytes,
            cases: column.cases,
            too_short: Vec::new(),
        });
        for engine in &mut self.engines {
            let value = column.engine(&engine.name).map(OverviewValue::alone);
            engine.values.extend(value.map(|value| (name, value)));
        }
    }

    /// The lines that are left for notes on the screen.
    pub fn lines_left(&self, used: usize) -> usize {
        LINES.saturating_sub(used)
    }
}

impl OverviewEngine {
    fn of(name: &str) -> OverviewEngine {
        OverviewEngine { name: name.to_owned(), values: BTreeMap::new() }
    }
}

/// The engines that `lines` lines show, and the others; one line names how many these are.
fn shown<'a>(engines: &[&'a str], lines: usize) -> (Vec<&'a str>, Vec<&'a str>) {
    let most = if engines.len() <= lines.min(MOST_ENGINES) {
        engines.len()
    } else {
        MOST_ENGINES.min(lines.saturating_sub(1)).max(1)
    };
    let (shown, others) = engines.split_at(most.min(engines.len()));
    (shown.to_vec(), others.to_vec())
}

fn title(report: &RunReport) -> String {
    let plural = if report.rounds == 1 { "" } else { "s" };
    let interval = if report.rounds < ROUNDS_FOR_INTERVAL { "" } else { " (±: 95%)" };
    let machine = heading::machines(&report.run);
    let subject = heading::subject(report);
    cut(&format!("{subject}; {} round{plural}{interval}; {machine}", report.rounds), WIDTH)
}

/// The geometric mean of the artifacts' bytes.
fn artifacts(report: &RunReport, engines: &[&str]) -> Option<CommonColumn> {
    let bytes = |engine: &str, case: &CaseFacts| Some(report.artifact(engine, case)?.artifact_bytes as f64);
    CommonColumn::of(engines, &report.cases, bytes, |bytes| geometric_mean(bytes.iter().copied()))
}

/// The highest peak of memory over all phases.
fn peaks(report: &RunReport, engines: &[&str]) -> Option<CommonColumn> {
    let mut highest = BTreeMap::new();
    for peak in report.all_peaks() {
        if let Some(bytes) = peak.peak_bytes {
            let known = highest.entry(peak.cell()).or_insert(bytes);
            *known = bytes.max(*known);
        }
    }
    let peak = |engine: &str, case: &CaseFacts| highest.get(&case.subject(engine)).map(|bytes| *bytes as f64);
    CommonColumn::of(engines, &report.cases, peak, |peaks| peaks.iter().copied().max_by(f64::total_cmp))
}

/// Which engine is fastest at compiling and at calling, native code aside.
fn verdict(report: &RunReport, times: &[Option<RelativeColumn>]) -> String {
    let asked = [("compile", Phase::AbCompile), ("call", Phase::DCallWarm)];
    let runs_wasm = |engine: &str| !report.is_baseline(engine);
    let leaders = asked.iter().filter_map(|(name, phase)| {
        let place = COLUMNS.iter().position(|column| column.0 == *phase)?;
        Some((*name, times[place].as_ref()?.leader(runs_wasm)?))
    });
    let leaders: Vec<(&str, Leader<'_>)> = leaders.collect();
    let untested = |(_, leader): &(&str, Leader<'_>)| leader.verdict == Verdict::TooFewRounds;
    if !leaders.is_empty() && leaders.iter().all(untested) {
        let lowest: Vec<String> =
            leaders.iter().map(|(name, leader)| format!("{name} {}", leader.engine)).collect();
        let plural = if report.rounds == 1 { "" } else { "s" };
        return format!("lowest in {} round{plural}, not tested: {}", report.rounds, lowest.join(", "));
    }
    leaders.iter().map(|(name, leader)| sentence(name, leader)).collect::<Vec<_>>().join("; ")
}

fn sentence(name: &str, leader: &Leader<'_>) -> String {
    let Leader { engine, next, verdict } = leader;
    match verdict {
        Verdict::Faster { percent: by, .. } => {
            format!("{name}: {engine} is fastest, {next} takes {} more", percent(*by))
        }
        Verdict::TooFewRounds => format!("{name}: {engine} was lowest, not tested"),
        Verdict::Equal { within, .. } => {
            format!("{name}: {engine} and {next} are fastest, equal within {within:.0}%")
        }
        Verdict::NotResolved { .. } | Verdict::Slower { .. } => {
            format!("{name}: {engine} and {next} are fastest, not told apart")
        }
    }
}

fn modules(report: &RunReport) -> Vec<String> {
    let mut sentences = Modules::of(report).map_or_else(Vec::new, |modules| modules.sentences());
    if sentences.len() > MOST_SENTENCES {
        let more = sentences.len() - MOST_SENTENCES;
        sentences.truncate(MOST_SENTENCES);
        sentences.push(format!("and {more} more modules (--tables modules)"));
    }
    sentences
}

/// What a reader must not miss, one line each.
fn problems(report: &RunReport) -> Vec<String> {
    let run = &report.run;
    let mut problems = Vec::new();
    if let Some(why) = report.cut_short() {
        problems.push(format!(
            "cut short: {why}, after {} of {} planned rounds",
            report.rounds, run.rounds_planned
        ));
    }
    problems.extend(report.gaps.iter().cloned());
    let failed = report.failed_cells();
    if let Some(first) = failed.first() {
        let plural = if failed.len() == 1 { "cell" } else { "cells" };
        let (engine, sample, reason) = (&first.engine, &first.sample, &first.reason);
        problems.push(format!("failed: {} {plural}, first {engine} on {sample}: {reason}", failed.len()));
    }
    match run.skipped.as_slice() {
        [] => {}
        [one] => problems.push(format!("skipped: {}: {}", one.name, one.reason)),
        several => {
            let names: Vec<&str> = several.iter().map(|one| one.name.as_str()).collect();
            problems.push(format!("skipped (--tables notes says why): {}", names.join(", ")));
        }
    }
    if run.disturbed_rounds > 0 {
        let (disturbed, repeated) = (run.disturbed_rounds, run.repeated_rounds);
        let plural = if disturbed == 1 { "" } else { "s" };
        problems.push(format!(
            "disturbed by other work: {disturbed} round{plural}, {repeated} of them repeated (rounds.csv)"
        ));
    }
    problems.iter().map(|problem| cut(problem, WIDTH)).collect()
}
