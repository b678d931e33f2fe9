//! A run in the formats of other tools: one entry for each engine, case and compared quantity, made of one
//! value a round.

mod bencher;
mod benchstat;
mod critcmp;
mod github_action;
mod hyperfine;

use super::model::RunReport;
use bench::analysis::Series;
use bench::analysis::comparisons::COMPARED;
use bench::plan::OWN;
use bench::record::CaseFacts;
use bench::stats::{self, Estimate};
use clap::ValueEnum;
use protocol::{Pass, Phase};

/// A format of another tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// The JSON of hyperfine --export-json
    Hyperfine,
    /// Tables as of hyperfine --export-markdown, one for each case and phase
    HyperfineMarkdown,
    /// The JSON that critcmp reads and --export writes
    Critcmp,
    /// Go's benchmark format, which benchstat reads
    Benchstat,
    /// github-action-benchmark's customSmallerIsBetter
    GithubAction,
    /// The Bencher Metric Format, which bencher reads with --adapter json
    Bencher,
}

/// One entry of an export.
struct Entry<'a> {
    engine: &'a str,
    case: &'a CaseFacts,
    phase: Phase,
    /// One value a round, in nanoseconds.
    rounds_ns: Vec<f64>,
    /// Their median, with the ends that the run's own tables show.
    time: Estimate,
    /// Processor time of one repetition, in nanoseconds, where it is read.
    cpu_ns: Option<f64>,
}

impl Entry<'_> {
    /// The entry's name, which stays the same from run to run: `sample/engine/phase`, as in `cargo bench`,
    /// with variant and size behind the sample where they are not the usual ones.
    fn id(&self) -> String {
        let CaseFacts { sample, variant, size, .. } = self.case;
        let usual = [("stripped", "small"), (OWN, OWN)].contains(&(variant.as_str(), size.as_str()));
        let case = if usual { sample.clone() } else { format!("{sample}:{variant}:{size}") };
        format!("{case}/{}/{}", self.engine, self.phase)
    }

    fn mean_ns(&self) -> f64 {
        self.rounds_ns.iter().sum::<f64>() / self.rounds_ns.len() as f64
    }

    /// The standard deviation over rounds; `None` for a single one.
    fn standard_deviation_ns(&self) -> Option<f64> {
        let (mean, count) = (self.mean_ns(), self.rounds_ns.len() as f64);
        let squares: f64 = self.rounds_ns.iter().map(|ns| (ns - mean).powi(2)).sum();
        (count > 1.0).then(|| (squares / (count - 1.0)).sqrt())
    }

    fn least_ns(&self) -> f64 {
        self.rounds_ns.iter().copied().fold(f64::INFINITY, f64::min)
    }

    fn greatest_ns(&self) -> f64 {
        self.rounds_ns.iter().copied().fold(0.0, f64::max)
    }

    /// The half width of the mean's 95% Student-t interval; zero for a single round.
    fn half_width_ns(&self) -> f64 {
        stats::t_interval(&self.rounds_ns, 0.95).map_or(0.0, |(_, half_width)| half_width)
    }
}

/// The run in `format`; `name` is what its folder is called.
pub fn export(report: &RunReport, format: ExportFormat, name: &str) -> String {
    let entries = entries(report);
    match format {
        ExportFormat::Hyperfine => hyperfine::json(&entries),
        ExportFormat::HyperfineMarkdown => hyperfine::markdown(&entries),
        ExportFormat::Critcmp => critcmp::json(&entries, name),
        ExportFormat::Benchstat => benchstat::text(&entries, &report.run),
        ExportFormat::GithubAction => github_action::json(&entries),
        ExportFormat::Bencher => bencher::json(&entries),
    }
}

/// Every subject's times, in the order of the tables.
fn entries(report: &RunReport) -> Vec<Entry<'_>> {
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
) -> Option<Entry<'a>> {
    let cell = case.subject(engine);
    let phases = report.summary.cell(&cell)?;
    let series = phases.wall(pass, phase)?;
    let rounds_ns: Vec<f64> = series.by_round().values().copied().collect();
    let time = series.time(report.drift)?;
    let cpu_ns = phases.cpu(pass, phase).and_then(Series::estimate).map(|cpu| cpu.median);
    Some(Entry { engine, case, phase, rounds_ns, time, cpu_ns })
}

/// `value` as JSON for a file.
fn pretty(value: &serde_json::Value) -> String {
    // Serde writes the alternative form of a value as indented JSON.
    format!("{value:#}\n")
}
