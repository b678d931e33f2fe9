//! Agreement: the same cells measured by wasm-phases and by Criterion, whose schedules and statistics
//! differ; the times must agree. Criterion measures a cell within one second, in which the speed of a
//! shared machine may differ from its average, so the two measure alternately, several times.

use super::outcome::{CheckOutcome, CheckStatus};
use super::setup::Setup;
use crate::engines;
use crate::host::progress;
use crate::run::criterion::{self, CriterionChoice};
use anyhow::{Context, Result, ensure};
use bench::analysis::Summary;
use bench::plan::Effort;
use bench::record::{self, CellId, Reading};
use bench::stats;
use protocol::{Pass, Phase};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Cells that must be compared at least.
const CELLS: usize = 6;
/// Engines that take part at most.
const MOST_ENGINES: usize = 4;
/// By how much the two may differ, where their intervals do not overlap.
const ALLOWED: f64 = 0.03;
/// The difference in nanoseconds that says nothing: the two loops around the call are compiled apart, and a
/// call of an empty function takes four to ten cycles.
const ALLOWED_NS: f64 = 0.5;
/// The half width that ratios between the cells should have at most. Processes of one engine differ by
/// several percent on short calls, so ten of them would leave a median that is off by as much as
/// is allowed.
const PRECISION: f64 = 0.01;
/// How often each of the two measures.
const ALTERNATIONS: usize = 4;
/// The time budget of each run of wasm-phases.
const BUDGET: Duration = Duration::from_secs(10);
/// Criterion's name for the warm call.
const BENCHMARK: &str = "pure-execution";

/// A value and its 95% interval, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Value {
    low_ns: f64,
    median_ns: f64,
    high_ns: f64,
}

impl Value {
    /// Several measurements as one: the median of the medians, the lowest and the highest limit.
    fn of_several(values: &[Value]) -> Option<Value> {
        let all = |of: fn(&Value) -> f64| values.iter().map(of);
        Some(Value {
            low_ns: all(|one| one.low_ns).min_by(f64::total_cmp)?,
            median_ns: stats::median(&mut all(|one| one.median_ns).collect::<Vec<f64>>())?,
            high_ns: all(|one| one.high_ns).max_by(f64::total_cmp)?,
        })
    }
}

/// A cell as both have read it.
#[derive(Clone, Debug, Serialize)]
struct Pair {
    engine: String,
    sample: String,
    wasm_phases: Value,
    criterion: Value,
}

impl Pair {
    /// Criterion's value divided by ours, less 1.
    fn difference(&self) -> f64 {
        self.criterion.median_ns / self.wasm_phases.median_ns - 1.0
    }

    fn overlaps(&self) -> bool {
        self.wasm_phases.low_ns <= self.criterion.high_ns && self.criterion.low_ns <= self.wasm_phases.high_ns
    }

    fn within_a_loop(&self) -> bool {
        (self.criterion.median_ns - self.wasm_phases.median_ns).abs() <= ALLOWED_NS
    }

    fn agrees(&self) -> bool {
        self.difference().abs() <= ALLOWED || self.overlaps() || self.within_a_loop()
    }
}

/// Runs the check.
///
/// # Errors
/// When a run cannot be made, or cargo cannot run the benchmarks.
pub fn run(setup: &mut Setup<'_>) -> Result<CheckOutcome> {
    let mut engines: Vec<_> = setup.engines.iter().take(MOST_ENGINES - 1).cloned().collect();
    engines.extend(setup.native.clone());
    let cases = setup.cases(CELLS.div_ceil(engines.len()).max(2));
    let names: Vec<String> = engines.iter().map(|engine| engine.name.clone()).collect();
    let samples: Vec<String> = cases.iter().map(|case| case.sample.clone()).collect();
    engines::list(&setup.all, setup.paths)?;
    build(setup)?;
    let effort = Effort {
        precision: Some(PRECISION),
        time_budget: Some(BUDGET),
        passes: vec![Pass::WarmCall],
        ..Effort::full()
    };
    let (mut readings, mut read) = (Vec::new(), BTreeMap::<String, Vec<Value>>::new());
    for _ in 0..ALTERNATIONS {
        let measured = setup.measure("agreement", engines.clone(), cases.clone(), effort.clone())?;
        append(&mut readings, &measured.folder)?;
        let home = measured.folder.join("criterion");
        bench(setup, &names, &samples, &home)?;
        for (id, value) in estimates(&home)? {
            read.entry(id).or_default().push(value);
        }
    }
    let summary = Summary::of(&readings);
    let pairs: Vec<Pair> =
        read.iter().filter_map(|(id, values)| pair(&summary, id, &Value::of_several(values)?)).collect();
    ensure!(pairs.len() >= CELLS, "only {} cells were read by both, {CELLS} are needed", pairs.len());
    Ok(judge(&pairs))
}

/// Adds the readings in `folder` to `readings`, as rounds that came after them.
fn append(readings: &mut Vec<Reading>, folder: &Path) -> Result<()> {
    let rounds = readings.iter().map(|reading| reading.round).max().unwrap_or(0);
    let read =
        record::read_used(folder).with_context(|| format!("reading the readings in {}", folder.display()))?;
    readings.extend(read.into_iter().map(|one| Reading { round: rounds + one.round, ..one }));
    Ok(())
}

/// Builds the benchmarks before anything is measured.
fn build(setup: &Setup<'_>) -> Result<()> {
    let spinner = progress::spinner("building the Criterion benchmarks");
    let built = criterion::cargo_bench(setup.paths).arg("--no-run").stderr(Stdio::piped()).output();
    spinner.finish_and_clear();
    let output = built.context("running cargo bench --no-run")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the Criterion benchmarks cannot be built: {}", said.trim());
    Ok(())
}

fn bench(setup: &Setup<'_>, engines: &[String], samples: &[String], home: &Path) -> Result<()> {
    let arguments = ["--noplot".to_owned(), BENCHMARK.to_owned()];
    let choice = CriterionChoice { engines, samples, arguments: &arguments };
    let spinner = progress::spinner(format!("Criterion on {} cells", engines.len() * samples.len()));
    let mut command: Command = criterion::command(choice, home, setup.paths);
    let output = command.stdout(Stdio::null()).stderr(Stdio::piped()).output();
    spinner.finish_and_clear();
    let output = output.context("running cargo bench")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cargo bench ended with {}: {}", output.status, said.trim());
    Ok(())
}

/// What Criterion writes beside each benchmark's data.
#[derive(Debug, Deserialize)]
struct Benchmark {
    full_id: String,
}

/// The part of Criterion's `estimates.json` that is needed.
#[derive(Debug, Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Debug, Deserialize)]
struct Estimate {
    point_estimate: f64,
    confidence_interval: Interval,
}

#[derive(Debug, Deserialize)]
struct Interval {
    lower_bound: f64,
    upper_bound: f64,
}

/// Every benchmark under `home` with its median.
fn estimates(home: &Path) -> Result<Vec<(String, Value)>> {
    let mut found = Vec::new();
    let read = |file: &Path| std::fs::read(file).with_context(|| format!("reading {}", file.display()));
    for group in folders(home)? {
        for function in folders(&group)? {
            let new = function.join("new");
            let file = new.join("benchmark.json");
            if !file.is_file() {
                continue;
            }
            let benchmark: Benchmark = serde_json::from_slice(&read(&file)?)?;
            let Estimates { median } = serde_json::from_slice(&read(&new.join("estimates.json"))?)?;
            let interval = median.confidence_interval;
            let value = Value {
                low_ns: interval.lower_bound,
                median_ns: median.point_estimate,
                high_ns: interval.upper_bound,
            };
            found.push((benchmark.full_id, value));
        }
    }
    Ok(found)
}

fn folders(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

/// Criterion's estimate beside ours of the same cell; `None` where we have none.
fn pair(summary: &Summary, id: &str, criterion: &Value) -> Option<Pair> {
    let (sample, rest) = id.split_once('/')?;
    let engine = rest.strip_suffix(BENCHMARK)?.strip_suffix('/')?;
    let is_cell = |cell: &&CellId| cell.is_subject() && cell.sample == sample && cell.engine == engine;
    let cell = summary.cells().find(is_cell)?;
    let ours = summary.cell(cell)?.wall(Pass::WarmCall, Phase::DCallWarm)?.estimate()?;
    let wasm_phases = Value { low_ns: ours.low, median_ns: ours.value, high_ns: ours.high };
    Some(Pair { engine: engine.to_owned(), sample: sample.to_owned(), wasm_phases, criterion: *criterion })
}

fn judge(pairs: &[Pair]) -> CheckOutcome {
    let agreeing = pairs.iter().filter(|pair| pair.agrees()).count();
    let detail = |pair: &Pair| {
        let percent = 100.0 * pair.difference();
        let overlap = match (pair.overlaps(), pair.within_a_loop()) {
            (true, _) => ", within the intervals",
            (false, true) => ", as the loops around it",
            (false, false) => "",
        };
        let (ours, theirs) = (pair.wasm_phases.median_ns, pair.criterion.median_ns);
        format!(
            "{} on {}: {ours:.1} ns, Criterion {theirs:.1} ns ({percent:+.1}%{overlap})",
            pair.sample, pair.engine
        )
    };
    CheckOutcome {
        status: CheckStatus::of(agreeing == pairs.len()),
        measured: format!("{agreeing} of {} warm calls agree with Criterion", pairs.len()),
        bar: format!(
            "all within {:.0}%, within {ALLOWED_NS} ns, or within the two intervals",
            100.0 * ALLOWED
        ),
        details: pairs.iter().map(detail).collect(),
        raw: json!({ "cells": pairs }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(low_ns: f64, median_ns: f64, high_ns: f64) -> Value {
        Value { low_ns, median_ns, high_ns }
    }

    fn pair_of(wasm_phases: Value, criterion: Value) -> Pair {
        Pair { engine: "e".into(), sample: "s".into(), wasm_phases, criterion }
    }

    #[test]
    fn three_percent_or_overlapping_intervals_agree() {
        let ours = value(99.0, 100.0, 101.0);
        assert!(pair_of(ours, value(102.5, 102.9, 103.1)).agrees());
        assert!(pair_of(ours, value(100.9, 105.0, 109.0)).agrees());
        let apart = pair_of(ours, value(103.5, 104.0, 104.5));
        assert!(!apart.agrees());
        assert!(
            pair_of(value(1.1, 1.2, 1.3), value(1.4, 1.45, 1.5)).agrees(),
            "less than the loops differ by"
        );
        assert!(!pair_of(value(1.1, 1.2, 1.3), value(1.7, 1.8, 1.9)).agrees());
        assert_eq!(judge(&[pair_of(ours, ours), apart]).status, CheckStatus::Failed);
    }

    #[test]
    fn several_values_have_the_middle_median_and_the_outermost_limits() {
        let values = [value(9.0, 10.0, 10.5), value(11.0, 12.0, 13.0), value(9.5, 10.4, 11.0)];
        assert_eq!(Value::of_several(&values), Some(value(9.0, 10.4, 13.0)));
        assert_eq!(Value::of_several(&[]), None);
    }

    #[test]
    fn estimates_are_read_where_criterion_leaves_them() {
        let home = tempfile::tempdir().unwrap();
        let new = home.path().join("nop_engine/pure-execution/new");
        std::fs::create_dir_all(&new).unwrap();
        std::fs::create_dir_all(home.path().join("report")).unwrap();
        std::fs::write(
            new.join("benchmark.json"),
            r#"{"group_id":"nop/e","full_id":"nop/e/pure-execution"}"#,
        )
        .unwrap();
        let estimates_json = r#"{"mean":{},"median":{"confidence_interval":{"confidence_level":0.95,
            "lower_bound":1.5,"upper_bound":2.5},"point_estimate":2.0,"standard_error":0.1}}"#;
        std::fs::write(new.join("estimates.json"), estimates_json).unwrap();
        let found = estimates(home.path()).unwrap();
        assert_eq!(found, [("nop/e/pure-execution".to_owned(), value(1.5, 2.0, 2.5))]);
    }
}
