//! One table of times under construction: a row for every case and engine, a value or a reason in
//! every cell.

use super::sheet;
use super::units::{duration, interval, significant, unit};
use bench::analysis::{CellSeries, Series, Summary};
use bench::record::{ArtifactSize, CellId, Failure, FailureKind};
use bench::stats::Drift;
use protocol::{Pass, Phase};
use std::fmt::Write;

/// Everything that the tables show.
pub struct Results<'a> {
    /// The engines' names, in the order of their rows; native code first.
    pub engines: Vec<&'a str>,
    /// Those of them that the others' calls are compared with.
    pub baselines: Vec<&'a str>,
    /// Sample, variant and size of each case, in order.
    pub cases: Vec<(&'a str, &'a str, &'a str)>,
    /// The times.
    pub summary: &'a Summary,
    /// The artifacts' bytes.
    pub sizes: &'a [ArtifactSize],
    /// What has no time, and why.
    pub missing: &'a [Failure],
    /// The drift of the machine's speed, where there are rounds enough to compute it.
    pub drift: Option<Drift>,
}

/// One table under construction.
pub struct Sheet<'a> {
    results: &'a Results<'a>,
    heading: &'a str,
    columns: Vec<String>,
    notes: Vec<String>,
}

impl<'a> Sheet<'a> {
    pub fn new(results: &'a Results<'a>, heading: &'a str, columns: &[&str]) -> Sheet<'a> {
        let columns = columns.iter().map(|&column| column.to_owned()).collect();
        Sheet { results, heading, columns, notes: Vec::new() }
    }

    /// Fills a row for every case and engine, and renders the table with its notes.
    pub fn rows(mut self, fill: impl Fn(&mut PhaseRow<'a, '_>)) -> String {
        let mut table =
            sheet::table(["sample", "engine"].into_iter().chain(self.columns.iter().map(String::as_str)));
        let several_variants = self.results.cases.iter().any(|case| case.1 != self.results.cases[0].1);
        for &(sample, variant, size) in &self.results.cases {
            let mut label = if several_variants { format!("{sample} {variant}") } else { sample.to_owned() };
            for &engine in &self.results.engines {
                let id = CellId {
                    engine: engine.to_owned(),
                    entry: bench::record::EngineEntry::Subject,
                    sample: sample.to_owned(),
                    variant: variant.to_owned(),
                    size: size.to_owned(),
                };
                let phases = self.results.summary.cell(&id);
                let mut row =
                    PhaseRow { results: self.results, id, phases, notes: &mut self.notes, cells: Vec::new() };
                fill(&mut row);
                let cells = std::mem::take(&mut row.cells);
                // The sample's name stands once, at the first of its rows.
                table.add_row([std::mem::take(&mut label), engine.to_owned()].into_iter().chain(cells));
            }
        }
        sheet::numbers_from(&mut table, 2);
        let mut text = format!("\n{}\n{table}\n", self.heading);
        for (number, note) in self.notes.iter().enumerate() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  [{}] {note}", number + 1);
        }
        text
    }
}

/// One row under construction.
pub struct PhaseRow<'a, 'n> {
    results: &'a Results<'a>,
    id: CellId,
    pub phases: Option<&'a CellSeries>,
    notes: &'n mut Vec<String>,
    pub cells: Vec<String>,
}

impl<'a> PhaseRow<'a, '_> {
    pub fn other(&self, engine: &str) -> Option<&'a CellSeries> {
        self.results.summary.cell(&CellId { engine: engine.to_owned(), ..self.id.clone() })
    }

    pub fn size(&self) -> Option<&'a ArtifactSize> {
        self.failure()
            .is_none()
            .then(|| {
                self.results.sizes.iter().find(|size| {
                    size.engine == self.id.engine
                        && size.sample == self.id.sample
                        && size.variant == self.id.variant
                })
            })
            .flatten()
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

    /// Where the next run will find its value.
    pub fn next(&mut self, pass: Pass, phase: Phase) {
        let series = self.phases.and_then(|phases| phases.wall(pass, phase));
        let Some(series) = series.filter(|_| self.failure().is_none()) else {
            return self.empty(&[pass]);
        };
        match self.results.drift.and_then(|drift| series.predict(drift)) {
            Some(next) => {
                let (divisor, unit) = unit(next.median);
                let digits = |value: f64| significant(value / divisor);
                self.cells.push(format!("[{} {}] {unit}", digits(next.next_low), digits(next.next_high)));
            }
            None => self.cells.push("from 10 rounds on".to_owned()),
        }
    }

    pub fn cpu(&mut self, pass: Pass, phase: Phase) {
        let series = self.phases.and_then(|phases| phases.cpu(pass, phase));
        match series.and_then(Series::estimate) {
            Some(estimate) if self.failure().is_none() => self.cells.push(duration(estimate.median)),
            _ => self.empty(&[pass]),
        }
    }

    pub fn series(&mut self, series: Option<&Series>, passes: &[Pass]) {
        match series.and_then(|series| series.time(self.results.drift)) {
            Some(estimate) if self.failure().is_none() => self.cells.push(interval(&estimate)),
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
                self.cells.push(format!("[{:.2} {:.2} {:.2}]", ratio.low, ratio.median, ratio.high));
            }
            // Where this engine has a time, the other one has none.
            _ if ours.is_some() => self.empty(&[]),
            _ => self.empty(&[pass]),
        }
    }

    pub fn failure(&self) -> Option<&'a Failure> {
        self.results
            .missing
            .iter()
            .find(|missing| missing.kind == FailureKind::Failed && missing.cell() == self.id)
    }

    /// A cell without a value: its mark, and the reason among the notes, from the first of
    /// `passes` that has one.
    pub fn empty(&mut self, passes: &[Pass]) {
        let failure = self.failure();
        let reason_of = |pass: &Pass| {
            let here = |missing: &&Failure| missing.cell() == self.id && missing.pass == *pass;
            self.results.missing.iter().find(here)
        };
        let (mark, note) = match failure.or_else(|| passes.iter().find_map(reason_of)) {
            Some(missing) if missing.kind == FailureKind::Failed => {
                let phase = missing.phase.map(|phase| format!(" in {phase}")).unwrap_or_default();
                ("failed", format!("{} on {}{phase}: {}", missing.engine, missing.sample, missing.reason))
            }
            Some(missing) => ("n/a", missing.reason.clone()),
            None => ("n/a", "not measured in this run, or nothing to compare with".to_owned()),
        };
        let number = self.notes.iter().position(|known| *known == note).unwrap_or_else(|| {
            self.notes.push(note);
            self.notes.len() - 1
        });
        self.cells.push(format!("{mark} [{}]", number + 1));
    }
}
