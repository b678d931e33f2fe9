//! The Bencher Metric Format: `bencher run --adapter json --file FILE`. The measure is `latency`, in
//! nanoseconds.

use super::{Entry, pretty};
use serde_json::{Map, Value, json};

/// The benchmarks by name.
pub fn json(entries: &[Entry<'_>]) -> String {
    let metric = |entry: &Entry<'_>| {
        json!({
            "latency": {
                "value": entry.time.median,
                "lower_value": entry.time.low,
                "upper_value": entry.time.high,
            }
        })
    };
    let benchmarks: Map<String, Value> = entries.iter().map(|entry| (entry.id(), metric(entry))).collect();
    pretty(&Value::Object(benchmarks))
}
