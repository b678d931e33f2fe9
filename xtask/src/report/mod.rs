//! The report at the end of `cargo xtask bench`: from the readings on disk to the tables, the
//! verdicts, and the files that hold both.

pub mod first_look;
mod instructions;
mod memory;
mod modules;
mod phases;
mod probes;
mod ranking;
mod rows;
mod scaling;
pub mod sheet;
mod units;

use crate::host::output::{WARNING, styled};
use crate::{out, outln};
use anyhow::Result;
use bench::analysis::Summary;
use bench::analysis::comparisons::EnginePair;
use bench::analysis::drift as bench_drift;
use bench::analysis::{break_even, comparisons};
use bench::plan::Plan;
use bench::record;
use bench::record::Run;
use bench::record::RunOutcome;
use bench::stats::ComparisonGroup;
use modules::Modules;
use std::collections::BTreeSet;
use std::path::Path;

/// Summarises the readings on disk, prints the tables, and lists what has no time. Gives whether a pass
/// failed while its memory was read or its instructions were counted.
///
/// # Errors
/// When a result file cannot be read or written.
pub fn print(folder: &Path, file: &mut Run, plan: &Plan, outcome: &RunOutcome) -> Result<bool> {
    let readings = record::read_used(folder)?;
    let sizes: Vec<record::ArtifactSize> = record::read_all(&folder.join(record::SIZES_FILE))?;
    let missing: Vec<record::Failure> = record::read_all(&folder.join(record::FAILURES_FILE))?;
    let failed = missing.iter().filter(|one| one.kind == record::FailureKind::Failed);
    let summary = Summary::of(&readings).without(&failed.map(record::Failure::cell).collect());
    file.calibration_ns = bench_drift::level_ns(&summary);
    file.write(folder)?;
    let drift = bench_drift::drift(&summary, &bench_drift::earlier_ns(folder));
    record::write_all(&folder.join(::bench::analysis::SUMMARY_FILE), &summary.rows(drift))?;
    let cases: Vec<(&str, &str, &str)> = plan
        .cases
        .iter()
        .map(|case| (case.sample.as_str(), case.variant.as_str(), case.size.as_str()))
        .collect();
    // A control is not shown; its readings are in the files.
    let engines = || plan.engines.iter().filter(|engine| engine.is_subject());
    let results = phases::Results {
        engines: engines().map(|engine| engine.name.as_str()).collect(),
        baselines: engines().filter(|engine| engine.baseline).map(|engine| engine.name.as_str()).collect(),
        cases: cases.clone(),
        summary: &summary,
        sizes: &sizes,
        missing: &missing,
        drift,
    };
    out!("{}", phases::all(&results));
    out!(
        "{}",
        scaling::tables(&cases, &file.modules, &results.engines, &summary, &sizes, &probes::peaks(folder)?)
    );
    out!("{}", probes::tables(folder, &cases, &results.engines)?);
    let fresh_instance = plan.cases.iter().filter(|case| case.fresh_instance);
    let groups = write_comparisons(
        folder,
        &summary,
        &cases,
        &fresh_instance.map(|case| case.sample.as_str()).collect(),
    )?;
    if let Some(modules) = Modules::of(&cases, &results.engines, &summary, &sizes, &missing) {
        out!("{}", modules.report(folder)?);
    }
    outln!("{}", legend(file));
    for note in &file.notes {
        outln!("{note}");
    }
    for skipped in &file.skipped {
        let label = styled(WARNING, "skipped:");
        outln!("{label} {}: {}\n         to enable it: {}", skipped.name, skipped.reason, skipped.command);
    }
    if let Some(text) = plan.effort.precision.and_then(|precision| wide_ratios(&groups, precision)) {
        outln!("{text}");
    }
    if outcome.disturbed_rounds > 0 {
        let (disturbed, repeated) = (outcome.disturbed_rounds, outcome.repeated_rounds);
        outln!(
            "{disturbed} rounds were disturbed by other work on the machine (see rounds.csv); {repeated} of them were repeated"
        );
    }
    outln!("where the time went: {}", outcome.time_use);
    outln!(
        "{} rounds in {:.0} s; readings in {}",
        outcome.rounds,
        file.duration_s.unwrap_or(0.0),
        folder.display()
    );
    Ok(probes::failed(&missing))
}

/// Compares engines, writes the comparisons and the break-even points, and prints the rankings
/// where there are enough rounds for any verdict.
fn write_comparisons(
    folder: &Path,
    summary: &Summary,
    cases: &[(&str, &str, &str)],
    fresh_instance: &BTreeSet<&str>,
) -> Result<Vec<ComparisonGroup<EnginePair>>> {
    let groups = comparisons::comparison_groups(summary);
    record::write_all(&folder.join(comparisons::COMPARISONS_FILE), &comparisons::comparison_rows(&groups))?;
    record::write_all(
        &folder.join(break_even::BREAK_EVEN_FILE),
        &break_even::break_even_rows(summary, fresh_instance),
    )?;
    if groups.iter().any(|group| group.pairs.iter().any(|one| one.comparison.is_some())) {
        out!("{}", ranking::rankings(&groups, cases, summary));
    }
    Ok(groups)
}

/// How many ratios have an interval wider than the `precision` that was asked for; `None` where none
/// has.
fn wide_ratios(groups: &[ComparisonGroup<EnginePair>], precision: f64) -> Option<String> {
    let compared = groups.iter().flat_map(|group| &group.pairs).filter_map(|pair| pair.comparison);
    let widths: Vec<f64> = compared.map(|comparison| comparison.half_width()).collect();
    let wide = widths.iter().filter(|width| **width > precision).count();
    let widest = 100.0 * widths.iter().copied().fold(0.0, f64::max);
    let requested = format!("{:.1}", 100.0 * precision);
    let requested = requested.trim_end_matches(".0");
    (wide > 0).then(|| {
        format!(
            "{wide} of {} ratios are wider than the requested ±{requested}% (widest ±{widest:.1}%); raise --time-budget to narrow them",
            widths.len()
        )
    })
}

fn legend(file: &Run) -> String {
    let threads: Vec<String> =
        file.engines.iter().map(|engine| format!("{} {}", engine.name, engine.hello.threads)).collect();
    let brackets = if usize::try_from(file.rounds).unwrap_or(0) < bench::stats::ROUNDS_FOR_INTERVAL {
        "[least median greatest] over rounds: too few for intervals, so no verdicts"
    } else {
        "[low median high]: 95% Student-t interval on the logarithms of the rounds; for times it includes the machine's drift"
    };
    let mut text = format!("{brackets}\nthreads that compilation may use: {}", threads.join(", "));
    let cpus: BTreeSet<&str> = file.modules.iter().filter_map(|file| file.target_cpu.as_deref()).collect();
    if !cpus.is_empty() {
        let cpus: Vec<&str> = cpus.into_iter().collect();
        text.push_str(&format!("\nnative code is compiled with target-cpu {}", cpus.join(" and ")));
    }
    text
}
