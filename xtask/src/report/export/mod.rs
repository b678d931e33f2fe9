//! A run in the formats of other tools: one entry for each engine, case and compared quantity, made of one
//! value a round.

mod bencher;
mod benchstat;
mod critcmp;
mod entry;
mod github_action;
mod hyperfine;

use super::model::RunReport;
use clap::ValueEnum;
use entry::entries;

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
