//! The JSON of one baseline that critcmp exports and reads: `critcmp old.json new.json`. It shows the mean
//! over rounds and their standard deviation.

use super::entry::{ExportEntry, pretty};
use bench::stats;
use serde_json::{Map, Value, json};

/// The baseline `name`. Deviations have no interval of their own: both of its ends are the value.
pub fn json(entries: &[ExportEntry<'_>], name: &str) -> String {
    let benchmarks: Map<String, Value> =
        entries.iter().map(|entry| (entry.id(), benchmark(entry, name))).collect();
    pretty(&json!({ "name": name, "benchmarks": benchmarks }))
}

fn benchmark(entry: &ExportEntry<'_>, name: &str) -> Value {
    let (id, mean, half_width) = (entry.id(), entry.mean_ns(), entry.half_width_ns());
    let median = entry.median_ns();
    let standard_deviation = entry.standard_deviation_ns().unwrap_or(0.0);
    let error = standard_deviation / (entry.rounds_ns.len() as f64).sqrt();
    let (low, high) = (mean - half_width, mean + half_width);
    let group = id.rsplit_once('/').map_or(id.as_str(), |(group, _)| group);
    json!({
        "baseline": name,
        "fullname": format!("{name}/{id}"),
        "criterion_benchmark_v1": {
            "group_id": group,
            "function_id": entry.phase.name(),
            "value_str": null,
            "throughput": null,
            "full_id": id,
            "directory_name": id,
        },
        "criterion_estimates_v1": {
            "mean": statistic(mean, (low, high), error),
            "median": statistic(median, (low.min(median), high.max(median)), error),
            "median_abs_dev": alone(median_deviation(&entry.rounds_ns, median)),
            "slope": null,
            "std_dev": alone(standard_deviation),
        },
    })
}

fn statistic(value: f64, (low, high): (f64, f64), error: f64) -> Value {
    json!({
        "confidence_interval": { "confidence_level": 0.95, "lower_bound": low, "upper_bound": high },
        "point_estimate": value,
        "standard_error": error,
    })
}

fn alone(value: f64) -> Value {
    statistic(value, (value, value), 0.0)
}

/// The median distance from the median.
fn median_deviation(values: &[f64], median: f64) -> f64 {
    let mut distances: Vec<f64> = values.iter().map(|value| (value - median).abs()).collect();
    stats::median(&mut distances).unwrap_or(0.0)
}
