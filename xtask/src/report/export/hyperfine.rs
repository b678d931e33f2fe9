//! hyperfine's JSON and Markdown. A "command" is an entry, its "times" are the values of the rounds.

use super::super::units;
use super::entry::{ExportEntry, pretty};
use serde_json::{Value, json};

const NS_IN_S: f64 = 1e9;

/// As of `--export-json`. Processor time is not divided into user and system time, so all of it is
/// `user`.
pub fn json(entries: &[ExportEntry<'_>]) -> String {
    let results: Vec<Value> = entries.iter().map(result).collect();
    pretty(&json!({ "results": results }))
}

fn result(entry: &ExportEntry<'_>) -> Value {
    let seconds = |ns: f64| ns / NS_IN_S;
    json!({
        "command": entry.id(),
        "mean": seconds(entry.mean_ns()),
        "stddev": entry.standard_deviation_ns().map(seconds),
        "median": seconds(entry.median_ns()),
        "user": seconds(entry.cpu_ns.unwrap_or(0.0)),
        "system": 0.0,
        "min": seconds(entry.least_ns()),
        "max": seconds(entry.greatest_ns()),
        "times": entry.rounds_ns.iter().map(|ns| seconds(*ns)).collect::<Vec<f64>>(),
        "exit_codes": vec![0; entry.rounds_ns.len()],
        "parameters": {
            "engine": entry.engine,
            "sample": entry.case.sample,
            "variant": entry.case.variant,
            "size": entry.case.size,
            "phase": entry.phase.name(),
        },
    })
}

/// As of `--export-markdown`, one table for each case and phase: what is relative to the fastest is
/// relative to the same work.
pub fn markdown(entries: &[ExportEntry<'_>]) -> String {
    let same = |a: &ExportEntry<'_>, b: &ExportEntry<'_>| a.case == b.case && a.phase == b.phase;
    entries.chunk_by(same).map(table).collect::<Vec<_>>().join("\n")
}

fn table(entries: &[ExportEntry<'_>]) -> String {
    let fastest = entries.iter().map(ExportEntry::mean_ns).fold(f64::INFINITY, f64::min);
    let (divisor, unit) = units::unit(fastest);
    let digits = |ns: f64| units::significant(ns / divisor);
    let mut lines = vec![
        format!("| Command | Mean [{unit}] | Min [{unit}] | Max [{unit}] | Relative |"),
        "|:---|---:|---:|---:|---:|".to_owned(),
    ];
    for entry in entries {
        let deviation = entry.standard_deviation_ns().map(|ns| format!(" ± {}", digits(ns)));
        lines.push(format!(
            "| {} | {}{} | {} | {} | {:.2} |",
            code(&entry.id()),
            digits(entry.mean_ns()),
            deviation.unwrap_or_default(),
            digits(entry.least_ns()),
            digits(entry.greatest_ns()),
            entry.mean_ns() / fastest
        ));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// `text` as code in a cell of a table, whatever is in it.
fn code(text: &str) -> String {
    let text = text.replace('|', "\\|").replace(['\n', '\r'], " ");
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leaves_its_cell() {
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("<script>\n|x`y"), "`` <script> \\|x`y ``");
    }
}
