//! What an export has an entry for: an engine on a case, in one of the quantities that are compared.

use super::super::model::RunReport;
use bench::analysis::Series;
use bench::analysis::comparisons::COMPARED;
use bench::plan::OWN;
use bench::record::CaseFacts;
use bench::stats::{self, Estimate};
use protocol::{Pass, Phase};

/// One entry of an export.
pub struct ExportEntry<'a> {
    /// The engine.
    pub engine: &'a str,
    /// The case.
    pub case: &'a CaseFacts,
    /// The quantity.
    pub phase: Phase,
    /// One value a round, in nanoseconds.
    pub rounds_ns: Vec<f64>,
    /// Their value, with the ends that the run's own tables show.
    pub time: Estimate,
    /// Processor time of one repetition, in nanoseconds, where it is read.
    pub cpu_ns: Option<f64>,
}

impl ExportEntry<'_> {
    /// The entry's name, which stays the same from run to run: `sample/engine/phase`, as in `cargo bench`,
    /// with variant and size behind the sample where they are not the usual ones.
    pub fn id(&self) -> String {
        let CaseFacts { sample, variant, size, .. } = self.case;
        let usual = [("stripped", "small"), (OWN, OWN)].contains(&(variant.as_str(), size.as_str()));
        let case = if usual { sample.clone() } else { format!("{sample}:{variant}:{size}") };
        format!("{case}/{}/{}", self.engine, self.phase)
    }

    /// The median of the rounds.
    pub fn median_ns(&self) -> f64 {
        stats::median(&mut self.rounds_ns.clone()).unwrap_or(f64::NAN)
    }

    /// Their arithmetic mean, which the other tools show.
    pub fn mean_ns(&self) -> f64 {
        self.rounds_ns.iter().sum::<f64>() / self.rounds_ns.len() as f64
    }

    /// The standard deviation over rounds; `None` for a single one.
    pub fn standard_deviation_ns(&self) -> Option<f64> {
        let (mean, count) = (self.mean_ns(), self.rounds_ns.len() as f64);
        let squares: f64 = self.rounds_ns.iter().map(|ns| (ns - mean).powi(2)).sum();
        (count > 1.0).then(|| (squares / (count - 1.0)).sqrt())
    }

    /// The least.
    pub fn least_ns(&self) -> f64 {
        self.rounds_ns.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// The greatest.
    pub fn greatest_ns(&self) -> f64 {
        self.rounds_ns.iter().copied().fold(0.0, f64::max)
    }

    /// The half width of the mean's 95% Student-t interval; zero for a single round.
    pub fn half_width_ns(&self) -> f64 {
        stats::t_interval(&self.rounds_ns, 0.95).map_or(0.0, |(_, half_width)| half_width)
    }
}

/// Every subject's times, in the order of the tables.
pub fn entries(report: &RunReport) -> Vec<ExportEntry<'_>> {
    let mut entries = Vec::new();
    for case in &report.cases {
        for (pass, phase) in COMPARED {
            entries.extend(
                report.engines.iter().filter_map(|engine| entry(report, case, engine, (pass, phase))),
            );
        }
    }
    entries
}

fn entry<'a>(
    report: &'a RunReport,
    case: &'a CaseFacts,
    engine: &'a str,
    (pass, phase): (Pass, Phase),
) -> Option<ExportEntry<'a>> {
    let cell = case.subject(engine);
    let phases = report.summary.cell(&cell)?;
    let series = phases.wall(pass, phase)?;
    let rounds_ns: Vec<f64> = series.by_round().values().copied().collect();
    let time = series.estimate()?;
    let cpu_ns = phases.cpu(pass, phase).and_then(Series::estimate).map(|cpu| cpu.value);
    Some(ExportEntry { engine, case, phase, rounds_ns, time, cpu_ns })
}

/// `value` as JSON for a file.
pub fn pretty(value: &serde_json::Value) -> String {
    // Serde writes the alternative form of a value as indented JSON.
    format!("{value:#}\n")
}
