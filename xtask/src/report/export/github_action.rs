//! github-action-benchmark's `customSmallerIsBetter`: a list of values with their range in words.

use super::super::units;
use super::entry::{ExportEntry, pretty};
use bench::stats::Ends;
use serde_json::{Value, json};

/// The list.
pub fn json(entries: &[ExportEntry<'_>]) -> String {
    pretty(&Value::Array(entries.iter().map(value).collect()))
}

fn value(entry: &ExportEntry<'_>) -> Value {
    let half = f64::midpoint(entry.time.high - entry.time.value, entry.time.value - entry.time.low);
    let ends = match entry.time.ends {
        Ends::T95 => "95% interval",
        Ends::Range => "least and greatest",
    };
    json!({
        "name": entry.id(),
        "unit": "ns",
        "value": entry.time.value,
        "range": format!("± {}", units::significant(half)),
        "extra": format!("{} rounds, {ends}: {}", entry.rounds_ns.len(), units::interval(&entry.time)),
    })
}
