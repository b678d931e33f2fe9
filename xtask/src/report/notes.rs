//! What a reader of the tables must know, in full: what the brackets are, notes of the modules, skipped
//! engines, disturbed rounds, where the time went; and every cell that failed.

use super::hints;
use super::model::RunReport;
use super::rows;
use super::text::wrapped;
use bench::analysis::comparisons::EnginePair;
use bench::analysis::kinds::{self, CellKinds};
use bench::analysis::overview::{COLUMNS, RelativeColumn};
use bench::record::{CaseFacts, CellId, FailureKind};
use bench::stats::{ComparisonGroup, ROUNDS_FOR_INTERVAL, Verdict};
use protocol::{Pass, Phase};
use std::collections::{BTreeMap, BTreeSet};

/// The notes, in lines of at most `width` characters.
pub fn all(report: &RunReport, groups: &[ComparisonGroup<EnginePair>], width: usize) -> String {
    let mut notes = vec![brackets(report.rounds).to_owned()];
    notes.extend(sentences(report));
    notes.extend(not_resolved(groups));
    let lines = notes.iter().flat_map(|note| wrapped(note, width.saturating_sub(2), 2));
    let lines: String = lines.map(|line| format!("  {line}\n")).collect();
    format!("\nNotes\n{lines}")
}

/// The notes, one sentence each, without those on the brackets and on what is not resolved.
pub fn sentences(report: &RunReport) -> Vec<String> {
    let run = &report.run;
    let mut notes = vec![threads(report)];
    let cpus: BTreeSet<&str> = run.modules.iter().filter_map(|file| file.target_cpu.as_deref()).collect();
    if !cpus.is_empty() {
        let cpus: Vec<&str> = cpus.into_iter().collect();
        notes.push(format!("native code is compiled with target-cpu {}", cpus.join(" and ")));
    }
    notes.extend(lazy(report));
    notes.extend(not_steady(report));
    notes.extend(too_short(report));
    notes.extend(not_paired(report));
    notes.extend(report.gaps.iter().cloned());
    notes.extend(hints::of(report));
    notes.extend(run.notes.iter().cloned());
    for skipped in &run.skipped {
        notes.push(format!(
            "skipped: {}: {}; to enable it: {}",
            skipped.name, skipped.reason, skipped.command
        ));
    }
    notes.extend(two_kinds(report));
    if run.disturbed_rounds > 0 {
        notes.push(format!(
            "{} rounds were disturbed by other work on the machine (see rounds.csv); {} of them were repeated",
            run.disturbed_rounds, run.repeated_rounds
        ));
    }
    if let Some(duration_s) = run.duration_s {
        notes.push(format!("where the time went: {}", run.time_use));
        notes.push(format!("{} rounds in {duration_s:.0} s", report.rounds));
    }
    notes
}

/// Every cell that failed, with the reason.
pub fn failures(report: &RunReport, width: usize) -> String {
    let failed = report.failed_cells();
    if failed.is_empty() {
        return "\nNo cell failed.\n".to_owned();
    }
    let lines = failed.iter().flat_map(|one| wrapped(&rows::failed(one), width.saturating_sub(2), 2));
    let lines: String = lines.map(|line| format!("  {line}\n")).collect();
    format!("\nFailed cells: {}\n{lines}", failed.len())
}

/// The engines whose a+b is no whole compilation; `None` where there is none.
pub fn lazy(report: &RunReport) -> Option<String> {
    let engines = report.lazy_engines();
    (!engines.is_empty()).then(|| {
        format!(
            "not compared in compile: {}, where a function is compiled when it is called first; the JIT total holds it",
            engines.join(", ")
        )
    })
}

/// The engines that have warm calls which are not steady; `None` where there is none.
pub fn not_steady(report: &RunReport) -> Option<String> {
    let mut samples: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for failure in report.failures.iter().filter(|one| one.kind == FailureKind::NotSteady) {
        samples.entry(&failure.engine).or_default().insert(&failure.sample);
    }
    let of_engine = |(engine, samples): (&str, BTreeSet<&str>)| {
        format!("{engine} on {}", samples.into_iter().collect::<Vec<_>>().join(", "))
    };
    let engines: Vec<String> = samples.into_iter().map(of_engine).collect();
    (!engines.is_empty()).then(|| {
        format!("warm calls that are not steady are not compared: {} (--tables warm-up)", engines.join("; "))
    })
}

/// The engines whose compilation is read in another pass than that of the others; `None` where there is none.
fn not_paired(report: &RunReport) -> Option<String> {
    let compiles_in = |engine: &str, pass: Pass| {
        let cells = report.cases.iter().filter_map(|case| report.summary.cell(&case.subject(engine)));
        cells.into_iter().any(|cell| cell.wall(pass, Phase::AbCompile).is_some())
    };
    let (jit, aot_alone): (Vec<&str>, Vec<&str>) = report
        .engine_names()
        .into_iter()
        .filter(|engine| compiles_in(engine, Pass::Jit) || compiles_in(engine, Pass::Aot))
        .partition(|engine| compiles_in(engine, Pass::Jit));
    (!jit.is_empty() && !aot_alone.is_empty()).then(|| {
        format!(
            "not paired: {} compiles in AOT passes alone, so its ratios of a+b to the others, and those of the AOT \
             total to JIT, are not between neighbours in time",
            aot_alone.join(", ")
        )
    })
}

/// Which samples do not count for the calls of the summary; `None` where all do.
fn too_short(report: &RunReport) -> Option<String> {
    let calls = COLUMNS.into_iter().find(|column| column.0 == Phase::DCallWarm)?;
    let calls = RelativeColumn::of(
        &report.summary,
        &report.engine_names(),
        &report.cases,
        calls,
        report.equal_within(),
    )?;
    let samples: BTreeSet<&str> =
        calls.too_short.iter().map(|case| report.cases[*case].sample.as_str()).collect();
    let note =
        "a call of less than 1 µs shows what the way into the module costs, so the summary's calls leave out";
    (!samples.is_empty()).then(|| format!("{note} {}", samples.into_iter().collect::<Vec<_>>().join(", ")))
}

fn brackets(rounds: usize) -> &'static str {
    if rounds < ROUNDS_FOR_INTERVAL {
        "[least value greatest] over rounds: too few for intervals, so no verdicts"
    } else {
        "[low value high]: the geometric mean over rounds, of more than ten without the lowest and the highest tenth, in \
         its 95% Student-t interval on their logarithms"
    }
}

fn threads(report: &RunReport) -> String {
    let of_engine =
        report.run.engines.iter().map(|engine| format!("{} {}", engine.name, engine.hello.threads));
    format!("threads that compilation may use: {}", of_engine.collect::<Vec<_>>().join(", "))
}

/// The most cells of two kinds that are named.
const KINDS_NAMED: usize = 5;

/// The cells whose processes come in two kinds, one note for each.
fn two_kinds(report: &RunReport) -> Vec<String> {
    let of_case = |case: &CaseFacts| report.engine_names().iter().map(|name| case.subject(name)).collect();
    let cases: Vec<Vec<CellId>> = report.cases.iter().map(of_case).collect();
    let found = kinds::of_two_kinds(&report.summary, &cases);
    let note = |CellKinds { cell, phase, kinds }: &CellKinds| {
        format!(
            "{}, {phase} of {}: {} of {} processes took {:.2} times as long as the others, so the value stands for \
             neither kind; samples.csv has every round",
            cell.engine, cell.sample, kinds.slow, kinds.rounds, kinds.factor
        )
    };
    let more = found.len().saturating_sub(KINDS_NAMED);
    let more = (more > 0).then(|| format!("and {more} more cells whose processes come in two kinds"));
    found.iter().take(KINDS_NAMED).map(note).chain(more).collect()
}

/// How many pairs were not resolved; `None` where all were, or none was tested.
fn not_resolved(groups: &[ComparisonGroup<EnginePair>]) -> Option<String> {
    let tested: Vec<Verdict> = groups
        .iter()
        .flat_map(|group| &group.pairs)
        .filter(|pair| pair.comparison.is_some())
        .map(|pair| pair.verdict)
        .collect();
    let open = tested.iter().filter(|verdict| matches!(verdict, Verdict::NotResolved { .. })).count();
    (open > 0).then(|| {
        format!(
            "{open} of {} pairs are not resolved: raise --time-budget; comparisons.csv says how many more rounds each would take",
            tested.len()
        )
    })
}
