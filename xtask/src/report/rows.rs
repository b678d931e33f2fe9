//! One row of a table of times: an engine on a case, with a value or a reason in every cell.

use super::model::RunReport;
use super::sheet::{Sheet, SheetCell};
use super::units::{duration, interval, significant, unit};
use bench::analysis::{CellSeries, Series};
use bench::record::{ArtifactSize, CaseFacts, CellId, Failure, FailureKind};
use protocol::{Pass, Phase};

/// What names the rows of most tables.
pub const KEYS: [&str; 2] = ["sample", "engine"];

/// Stands before a call that takes less than a hundred empty ones.
pub const SHORT: &str = "†";

/// What [`SHORT`] means, for below a table of calls; `None` where nothing is marked.
pub fn short_calls(report: &RunReport) -> Option<String> {
    let calls = (Pass::WarmCall, Phase::DCallWarm);
    let is_short = |cell: &CellId| {
        let value = report.summary.cell(cell).and_then(|phases| phases.wall(calls.0, calls.1)?.estimate());
        value.is_some_and(|value| report.is_short(&cell.engine, value.value))
    };
    report.summary.cells().any(is_short).then(|| {
        format!("{SHORT} less than 100 empty calls: what the way into the module costs is a part of it")
    })
}

/// Adds a row for every case and engine; `cells` gives what stands beside the two names.
pub fn fill(sheet: &mut Sheet, report: &RunReport, mut cells: impl FnMut(&CellId) -> Vec<SheetCell>) {
    let several_variants = report.cases.iter().any(|case| case.variant != report.cases[0].variant);
    for case in &report.cases {
        let CaseFacts { sample, variant, .. } = case;
        let mut label = if several_variants { format!("{sample} {variant}") } else { sample.clone() };
        for engine in &report.engines {
            // The sample's name stands once, at the first of its rows.
            sheet.row(vec![std::mem::take(&mut label), engine.clone()], cells(&case.subject(engine)));
        }
    }
}

/// The table `heading` with these columns; `fill_row` fills a row for every case and engine.
pub fn times(
    report: &RunReport,
    heading: String,
    columns: &[String],
    fill_row: impl Fn(&mut PhaseRow<'_>),
) -> Sheet {
    let mut sheet = Sheet::new(heading, &KEYS, columns);
    fill(&mut sheet, report, |cell| {
        let phases = report.summary.cell(cell);
        let mut row = PhaseRow { report, id: cell.clone(), phases, cells: Vec::new() };
        fill_row(&mut row);
        row.cells
    });
    sheet
}

/// One row under construction.
pub struct PhaseRow<'a> {
    report: &'a RunReport,
    id: CellId,
    pub phases: Option<&'a CellSeries>,
    pub cells: Vec<SheetCell>,
}

impl<'a> PhaseRow<'a> {
    pub fn other(&self, engine: &str) -> Option<&'a CellSeries> {
        self.report.summary.cell(&CellId { engine: engine.to_owned(), ..self.id.clone() })
    }

    pub fn size(&self) -> Option<&'a ArtifactSize> {
        self.report.artifact(&self.id.engine, &CaseFacts::of_cell(&self.id))
    }

    /// The time of the first of `choices` that was read.
    pub fn time(&mut self, choices: &[(Pass, Phase)]) {
        let phases = self.phases;
        let found = choices.iter().find_map(|&(pass, phase)| phases?.wall(pass, phase));
        let mut passes: Vec<Pass> = choices.iter().map(|choice| choice.0).collect();
        if choices.iter().any(|choice| choice.1 == Phase::CInstantiateFirst) {
            // The failure of the warm pass has the reason where instances are no phase of their own.
            passes.push(Pass::WarmInstantiate);
        }
        self.series(found, &passes);
    }

    /// The warm call, marked where the way into the module is a large part of it.
    pub fn call(&mut self) {
        let call = (Pass::WarmCall, Phase::DCallWarm);
        self.time(&[call]);
        let value = self.phases.and_then(|phases| phases.wall(call.0, call.1)?.estimate());
        let is_short = value.is_some_and(|value| self.report.is_short(&self.id.engine, value.value));
        if let (true, Some(SheetCell::Value(text))) = (is_short, self.cells.last_mut()) {
            *text = format!("{SHORT} {text}");
        }
    }

    /// What the engine's empty call takes.
    pub fn empty_call(&mut self) {
        let time = self.report.empty_calls.get(&self.id.engine).map(|time_ns| duration(*time_ns));
        let native = self.report.is_baseline(&self.id.engine);
        let reason = if native { "native code has no empty module" } else { "no empty call was read" };
        self.cells.push(SheetCell::or_without(time, reason));
    }

    /// Where the next run will find its value.
    pub fn next(&mut self, pass: Pass, phase: Phase) {
        let series = self.phases.and_then(|phases| phases.wall(pass, phase));
        let Some(series) = series.filter(|_| self.failure().is_none()) else {
            return self.empty(&[pass]);
        };
        let next = self.report.drift.and_then(|drift| series.predict(drift)).map(|next| {
            let (divisor, unit) = unit(next.value);
            let digits = |value: f64| significant(value / divisor);
            format!("[{} {}] {unit}", digits(next.next_low), digits(next.next_high))
        });
        self.cells.push(SheetCell::or_without(next, "from 10 rounds on"));
    }

    pub fn cpu(&mut self, pass: Pass, phase: Phase) {
        let series = self.phases.and_then(|phases| phases.cpu(pass, phase));
        match series.and_then(Series::estimate) {
            Some(estimate) if self.failure().is_none() => self.value(duration(estimate.value)),
            _ => self.empty(&[pass]),
        }
    }

    pub fn series(&mut self, series: Option<&Series>, passes: &[Pass]) {
        match series.and_then(Series::estimate) {
            Some(estimate) if self.failure().is_none() => self.value(interval(&estimate)),
            _ => self.empty(passes),
        }
    }

    pub fn sum(&self, one: (Pass, Phase), other: (Pass, Phase)) -> Option<Series> {
        let phases = self.phases?;
        Some(phases.wall(one.0, one.1)?.plus(phases.wall(other.0, other.1)?))
    }

    pub fn ratio(&mut self, ours: Option<&Series>, theirs: Option<&Series>, pass: Pass) {
        let ratio = ours.zip(theirs).and_then(|(ours, theirs)| ours.ratio_to(theirs).estimate());
        match ratio {
            Some(ratio) if self.failure().is_none() => {
                self.value(format!("[{:.2} {:.2} {:.2}]", ratio.low, ratio.value, ratio.high));
            }
            // Where this engine has a time, the other one has none.
            _ if ours.is_some() => self.empty(&[]),
            _ => self.empty(&[pass]),
        }
    }

    /// A cell with a value.
    pub fn value(&mut self, text: String) {
        self.cells.push(SheetCell::Value(text));
    }

    fn failure(&self) -> Option<&'a Failure> {
        self.report.failure_of(&self.id)
    }

    /// A cell without a value: its mark, and the reason of the first of `passes` that has one.
    pub fn empty(&mut self, passes: &[Pass]) {
        let reason_of = |pass: &Pass| {
            let here = |one: &&Failure| one.cell() == self.id && one.pass == *pass;
            self.report.failures.iter().find(here)
        };
        self.cells.push(match self.failure().or_else(|| passes.iter().find_map(reason_of)) {
            Some(failure) if failure.kind == FailureKind::Failed => {
                SheetCell::Without { mark: "failed", reason: failed(failure) }
            }
            Some(Failure { kind: FailureKind::NotSteady, reason, .. }) => {
                SheetCell::Without { mark: "not steady", reason: reason.clone() }
            }
            Some(unsupported) => SheetCell::without(&unsupported.reason),
            None => SheetCell::without("not measured in this run, or nothing to compare with"),
        });
    }
}

/// What failed where, and why.
pub fn failed(failure: &Failure) -> String {
    let phase = failure.phase.map(|phase| format!(" in {phase}")).unwrap_or_default();
    format!("{} on {}{phase}: {}", failure.engine, failure.sample, failure.reason)
}
