//! github-action-benchmark's `customSmallerIsBetter`: a list of values with their range in words.

use super::super::units;
use super::{Entry, pretty};
use bench::stats::Ends;
use serde_json::{Value, json};

/// The list.
pub fn json(entries: &[Entry<'_>]) -> String {
    pretty(&Value::Array(entries.iter().map(value).collect()))
}

fn value(entry: &Entry<'_>) -> Value {
    let half = f64::midpoint(entry.time.high - entry.time.median, entry.time.median - entry.time.low);
    let ends = match entry.time.ends {
        Ends::T95 => "95% interval",
        Ends::Range => "least and greatest",
    };
    json!({
        "name": entry.id(),
        "unit": "ns",
        "value": entry.time.median,
        "range": format!("± {}", units::significant(half)),
        "extra": format!("{} rounds, {ends}: {}", entry.rounds_ns.len(), units::interval(&entry.time)),
    })
}
