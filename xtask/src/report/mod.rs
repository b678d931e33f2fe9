//! The end of `cargo xtask bench`: from the readings on disk to the tables, what may be claimed,
//! and the files that hold both.

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
use bench::claims;
use bench::forecast;
use bench::plan::{Plan, twin_of};
use bench::results;
use bench::run_file::Run;
use bench::schedule::Outcome;
use bench::summary::Summary;
use modules::Modules;
use std::collections::BTreeSet;
use std::path::Path;

/// Summarises what is on disk, prints the tables, and says what is missing. Returns whether a pass failed
/// while its memory or its instructions were looked at.
///
/// # Errors
/// When a result file cannot be read or written.
pub fn print(folder: &Path, file: &mut Run, plan: &Plan, outcome: &Outcome) -> Result<bool> {
    let readings = results::read_used(folder)?;
    let sizes: Vec<results::Size> = results::read_all(&folder.join(results::SIZES_FILE))?;
    let missing: Vec<results::Missing> = results::read_all(&folder.join(results::MISSING_FILE))?;
    let failed = missing.iter().filter(|one| one.verdict == results::Verdict::Failed);
    let summary = Summary::of(&readings).without(&failed.map(results::Missing::cell).collect());
    file.calibration_ns = forecast::level_ns(&summary);
    file.write(folder)?;
    let drift = forecast::drift(&summary, &forecast::earlier_ns(folder));
    results::write_all(&folder.join(results::SUMMARY_FILE), &summary.rows(drift))?;
    let cases: Vec<(&str, &str, &str)> = plan
        .cases
        .iter()
        .map(|case| (case.sample.as_str(), case.variant.as_str(), case.size.as_str()))
        .collect();
    // The twin is a control, not a choice; its readings are in the files.
    let engines = plan.engines.iter().map(|engine| engine.name.as_str());
    let engines = engines.filter(|name| twin_of(name).is_none()).collect();
    let results = phases::Results {
        engines,
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
    claim(folder, &summary, &cases, &fresh_instance.map(|case| case.sample.as_str()).collect())?;
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
    if let Some(widest) =
        outcome.widest.filter(|_| outcome.wide_blocks > 0 && plan.effort.precision.is_some())
    {
        let (blocks, percent) = (outcome.wide_blocks, 100.0 * widest);
        outln!(
            "{blocks} blocks have a ratio wider than asked for, the widest ±{percent:.1}%; more time narrows them"
        );
    }
    if outcome.disturbed_rounds > 0 {
        let (disturbed, repeated) = (outcome.disturbed_rounds, outcome.repeated_rounds);
        outln!(
            "{disturbed} rounds shared the machine with other work (rounds.csv says how); {repeated} of them were made again"
        );
    }
    outln!("where the time went: {}", outcome.spent);
    outln!(
        "{} rounds in {:.0} s; readings in {}",
        outcome.rounds,
        file.duration_s.unwrap_or(0.0),
        folder.display()
    );
    Ok(probes::failed(&missing))
}

/// Judges what has rounds enough, and writes and prints it.
fn claim(
    folder: &Path,
    summary: &Summary,
    cases: &[(&str, &str, &str)],
    fresh_instance: &BTreeSet<&str>,
) -> Result<()> {
    let judgements = claims::judgements(summary);
    results::write_all(&folder.join(claims::COMPARISONS_FILE), &claims::comparison_rows(&judgements))?;
    results::write_all(
        &folder.join(claims::BREAK_EVEN_FILE),
        &claims::break_even_rows(summary, fresh_instance),
    )?;
    if judgements.iter().any(|judgement| judgement.findings.iter().any(|one| one.comparison.is_some())) {
        out!("{}", ranking::rankings(&judgements, cases, summary));
    }
    Ok(())
}

fn legend(file: &Run) -> String {
    let threads: Vec<String> =
        file.engines.iter().map(|engine| format!("{} {}", engine.name, engine.hello.threads)).collect();
    let brackets = if usize::try_from(file.rounds).unwrap_or(0) < bench::stats::ROUNDS_FOR_INTERVAL {
        "[least median greatest] over rounds: too few for intervals, so no verdicts"
    } else {
        "[low median high]: 95% Student-t interval on the logarithms of the rounds; times have the machine's drift in theirs"
    };
    let mut text = format!("{brackets}\nthreads that compilation may use: {}", threads.join(", "));
    let cpus: BTreeSet<&str> = file.modules.iter().filter_map(|file| file.target_cpu.as_deref()).collect();
    if !cpus.is_empty() {
        let cpus: Vec<&str> = cpus.into_iter().collect();
        text.push_str(&format!("\nnative code is compiled with target-cpu {}", cpus.join(" and ")));
    }
    text
}
