//! The Bencher Metric Format: `bencher run --adapter json --file FILE`. The measure is `latency`, in
//! nanoseconds.

use super::entry::{ExportEntry, pretty};
use serde_json::{Map, Value, json};

/// The benchmarks by name.
pub fn json(entries: &[ExportEntry<'_>]) -> String {
    let metric = |entry: &ExportEntry<'_>| {
        json!({
            "latency": {
                "value": entry.time.value,
                "lower_value": entry.time.low,
                "upper_value": entry.time.high,
            }
        })
    };
    let benchmarks: Map<String, Value> = entries.iter().map(|entry| (entry.id(), metric(entry))).collect();
    pretty(&Value::Object(benchmarks))
}
