//! Agreement: the same cells measured by wasm-phases and by Criterion, whose schedules and statistics
//! differ, and by the loops that engines bring themselves; the times must agree. Criterion measures a cell within one second, in which the speed of a
//! shared machine may differ from its average, so the two measure alternately, several times, and what is judged
//! is the ratio of the two in each repetition.

use super::outcome::{CheckOutcome, CheckStatus};
use super::own_loop;
use super::setup::Setup;
use crate::engines;
use crate::host::progress;
use crate::run::criterion::{self, CriterionChoice};
use anyhow::{Context, Result, ensure};
use bench::analysis::Summary;
use bench::plan::{Case, Effort, EngineSpec};
use bench::record::CellId;
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
/// By how much the two may differ.
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

/// What Criterion reads of one cell, in nanoseconds by benchmark id.
type Medians = BTreeMap<String, f64>;

/// What stands after the cell's name where the engine's own loop read it.
const OWN_LOOP: &str = "own loop";

/// A cell as both have read it, once in each repetition, in nanoseconds.
#[derive(Clone, Debug, Default, Serialize)]
struct Pair {
    wasm_phases_ns: Vec<f64>,
    theirs_ns: Vec<f64>,
}

/// What the repetitions of a cell say together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
enum Agreement {
    /// The two read the same.
    Agrees,
    /// They do not, in repetitions that agree with each other.
    Differs,
    /// The repetitions differ among themselves by more than is allowed.
    Unknown,
}

impl Pair {
    /// The other's value divided by ours, less 1, and the half width of its interval over repetitions.
    fn difference(&self) -> Option<(f64, f64)> {
        let repetitions = self.theirs_ns.iter().zip(&self.wasm_phases_ns);
        let logs: Vec<f64> = repetitions.map(|(theirs, ours)| (theirs / ours).ln()).collect();
        let (mean, half_width) = stats::t_interval(&logs, 0.95)?;
        Some((mean.exp_m1(), half_width.exp_m1()))
    }

    /// The middle of all repetitions, ours and the other's.
    fn medians_ns(&self) -> Option<(f64, f64)> {
        Some((stats::median(&mut self.wasm_phases_ns.clone())?, stats::median(&mut self.theirs_ns.clone())?))
    }

    fn within_a_loop(&self) -> bool {
        self.medians_ns().is_some_and(|(ours, theirs)| (theirs - ours).abs() <= ALLOWED_NS)
    }

    fn agreement(&self) -> Agreement {
        let Some((difference, half_width)) = self.difference() else { return Agreement::Unknown };
        if difference.abs() <= ALLOWED || self.within_a_loop() {
            Agreement::Agrees
        } else if half_width > ALLOWED && difference.abs() <= half_width {
            Agreement::Unknown
        } else {
            Agreement::Differs
        }
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
    let mut pairs = BTreeMap::<String, Pair>::new();
    for _ in 0..ALTERNATIONS {
        let measured = setup.measure("agreement", engines.clone(), cases.clone(), effort.clone())?;
        let home = measured.folder.join("criterion");
        bench(setup, &names, &samples, &home)?;
        for (id, criterion_ns) in estimates(&home)? {
            if let Some(ours_ns) = our_value_ns(&measured.summary, &id) {
                let pair = pairs.entry(id).or_default();
                pair.wasm_phases_ns.push(ours_ns);
                pair.theirs_ns.push(criterion_ns);
            }
        }
        own_loops(&measured.summary, (&engines, &cases), &mut pairs)?;
    }
    ensure!(pairs.len() >= CELLS, "only {} cells were read by both, {CELLS} are needed", pairs.len());
    Ok(judge(&pairs))
}

/// Adds what the loops read that engines bring themselves, of calls that are long enough.
fn own_loops(
    summary: &Summary,
    (engines, cases): (&[EngineSpec], &[Case]),
    pairs: &mut BTreeMap<String, Pair>,
) -> Result<()> {
    for (engine, case) in engines.iter().flat_map(|engine| cases.iter().map(move |case| (engine, case))) {
        let cell = format!("{}/{}", case.sample, engine.name);
        let Some(ours_ns) = our_value_ns(summary, &format!("{cell}/{BENCHMARK}")) else { continue };
        if ours_ns < own_loop::SHORTEST_CALL_NS {
            continue;
        }
        if let Some(theirs_ns) = own_loop::read_ns(engine, case)? {
            let pair = pairs.entry(format!("{cell}/{OWN_LOOP}")).or_default();
            pair.wasm_phases_ns.push(ours_ns);
            pair.theirs_ns.push(theirs_ns);
        }
    }
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
}

/// Every benchmark under `home` with its median.
fn estimates(home: &Path) -> Result<Medians> {
    let mut found = Medians::new();
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
            found.insert(benchmark.full_id, median.point_estimate);
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

/// Our value of the cell that Criterion calls `id`; `None` where we have none.
fn our_value_ns(summary: &Summary, id: &str) -> Option<f64> {
    let (sample, rest) = id.split_once('/')?;
    let engine = rest.strip_suffix(BENCHMARK)?.strip_suffix('/')?;
    let is_cell = |cell: &&CellId| cell.is_subject() && cell.sample == sample && cell.engine == engine;
    let cell = summary.cells().find(is_cell)?;
    Some(summary.cell(cell)?.wall(Pass::WarmCall, Phase::DCallWarm)?.estimate()?.value)
}

fn judge(pairs: &BTreeMap<String, Pair>) -> CheckOutcome {
    let with = |wanted| pairs.values().filter(|pair| pair.agreement() == wanted).count();
    let (agreeing, unknown) = (with(Agreement::Agrees), with(Agreement::Unknown));
    let own_loops = pairs.keys().filter(|id| id.ends_with(OWN_LOOP)).count();
    let mut measured = format!("{agreeing} of {} warm calls agree with Criterion", pairs.len());
    if own_loops > 0 {
        measured += &format!(" or, {own_loops} of them, with the engine's own loop");
    }
    if unknown > 0 {
        measured += &format!("; the machine moved too much to tell of {unknown}");
    }
    CheckOutcome {
        status: CheckStatus::of(agreeing == pairs.len()),
        measured,
        bar: format!("all within {:.0}% or {ALLOWED_NS} ns", 100.0 * ALLOWED),
        details: pairs.iter().filter_map(|(id, pair)| detail(id, pair)).collect(),
        raw: json!({ "cells": pairs }),
    }
}

fn detail(id: &str, pair: &Pair) -> Option<String> {
    let ((ours, theirs), (difference, half_width)) = (pair.medians_ns()?, pair.difference()?);
    let (cell, instrument) = id.rsplit_once('/')?;
    let other = if instrument == OWN_LOOP { "its own loop" } else { "Criterion" };
    let remark = match pair.agreement() {
        Agreement::Agrees if difference.abs() > ALLOWED => ", as the loops around it",
        Agreement::Agrees => "",
        Agreement::Differs => ", which is too much",
        Agreement::Unknown => ", too wide to tell",
    };
    let (difference, half_width) = (100.0 * difference, 100.0 * half_width);
    Some(format!(
        "{cell}: {ours:.1} ns, {other} {theirs:.1} ns ({difference:+.1}% ±{half_width:.1}%{remark})"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair_of(repetitions: [(f64, f64); 4]) -> Pair {
        let (wasm_phases_ns, theirs_ns) = repetitions.into_iter().unzip();
        Pair { wasm_phases_ns, theirs_ns }
    }

    #[test]
    fn three_percent_in_repetitions_agree_and_more_does_not() {
        let machine_moves = pair_of([(100.0, 102.0), (160.0, 164.0), (120.0, 121.0), (90.0, 92.0)]);
        assert_eq!(machine_moves.agreement(), Agreement::Agrees);
        let apart = pair_of([(100.0, 105.0), (160.0, 168.0), (120.0, 126.5), (90.0, 94.5)]);
        assert_eq!(apart.agreement(), Agreement::Differs);
        let pairs = BTreeMap::from([("s/a/x".to_owned(), machine_moves), ("s/b/x".to_owned(), apart)]);
        assert_eq!(judge(&pairs).status, CheckStatus::Failed);
    }

    #[test]
    fn less_than_the_loops_differ_by_agrees() {
        let once = (1.2, 1.45);
        assert_eq!(pair_of([once; 4]).agreement(), Agreement::Agrees);
        assert_eq!(pair_of([(1.2, 1.8); 4]).agreement(), Agreement::Differs);
    }

    #[test]
    fn repetitions_that_contradict_each_other_say_nothing_and_are_not_ok() {
        let pair = pair_of([(100.0, 130.0), (100.0, 80.0), (100.0, 150.0), (100.0, 95.0)]);
        assert_eq!(pair.agreement(), Agreement::Unknown);
        let outcome = judge(&BTreeMap::from([("s/e/pure-execution".to_owned(), pair)]));
        assert_eq!(outcome.status, CheckStatus::Failed);
        assert!(outcome.measured.contains("too much to tell of 1"), "{}", outcome.measured);
        assert!(outcome.details[0].starts_with("s/e: 100.0 ns"), "{:?}", outcome.details);
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
        assert_eq!(found, Medians::from([("nop/e/pure-execution".to_owned(), 2.0)]));
    }
}
