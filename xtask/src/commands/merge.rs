//! `cargo xtask merge`: joins the runs of several machines, the shares of one set of cases, to one run.

use super::like::command_line;
use super::report::shown;
use crate::cli::exit::Exit;
use crate::cli::flags::MergeArgs;
use crate::cli::measure::BenchArgs;
use crate::host::paths::Paths;
use crate::note;
use crate::report::{self, RunReport};
use crate::run::describe::arguments;
use crate::run::folder;
use crate::run::merged::{self, Part};
use anyhow::{Result, bail, ensure};
use std::fmt::Debug;

/// Runs the task.
///
/// # Errors
/// When a run is not there or cannot be read, when the runs cannot be joined, or when nothing can be written.
pub fn run(args: &MergeArgs, paths: &Paths) -> Result<Exit> {
    let find = |run| report::find(Some(run), &paths.results(), |_| true);
    let mut reports = Vec::new();
    for run in &args.runs {
        reports.push(RunReport::read(&find(run)?)?);
    }
    reports.sort_by_key(|one| one.run.shard.as_ref().map(|shard| shard.number));
    check(&reports)?;
    if let Some(folder) = &args.output {
        super::check_output_folder(folder)?;
    }
    let folder = match &args.output {
        Some(folder) => folder::chosen_folder(folder)?,
        None => folder::new_run_folder(paths, "")?,
    };
    let parts: Vec<Part<'_>> =
        reports.iter().map(|one| Part { folder: &one.folder, run: &one.run }).collect();
    merged::write(&parts, arguments(), &folder)?;
    let missing = merged::missing(&parts);
    for share in &missing {
        note!("share {share} is missing; merge all shares again once it is there");
    }
    let found = report::finish(&folder)?;
    let is_written = super::report::show(&found, &[], paths);
    let is_whole = missing.is_empty() && found.cut_short().is_none() && !report::has_failures(&found);
    Ok(if is_written && is_whole { Exit::Done } else { Exit::SomeFailed })
}

/// Refuses runs that differ in more than their machine and their cases.
fn check(reports: &[RunReport]) -> Result<()> {
    for one in reports {
        let name = shown(&one.folder);
        ensure!(!one.run.is_merged(), "{name} is merged already; name the runs that it was merged from");
        ensure!(
            !one.cases.is_empty(),
            "{name} has no cases: nothing was measured, or an older version made it"
        );
    }
    let lines: Vec<BenchArgs> = reports.iter().map(command_line).collect::<Result<_>>()?;
    if let Some((_, own)) = lines.iter().zip(reports).find(|(line, _)| line.own.is_asked()) {
        bail!("{} measures modules of your own; only runs of samples can be joined", shown(&own.folder));
    }
    for (place, (report, line)) in reports.iter().zip(&lines).enumerate() {
        for (earlier, earlier_line) in reports.iter().zip(&lines).take(place) {
            let mut found = report::refusals(earlier, report);
            found.extend(settings(earlier_line, line));
            if !found.is_empty() {
                return Err(refused(earlier, report, &found));
            }
        }
    }
    Ok(())
}

fn refused(first: &RunReport, second: &RunReport, found: &[String]) -> anyhow::Error {
    let (first, second) = (shown(&first.folder), shown(&second.folder));
    anyhow::anyhow!(
        "{first} and {second} cannot be joined. {}. Measure the shares anew, from one checkout and one set of built \
         modules",
        found.join(". ")
    )
}

/// What two command lines ask for differently, apart from which cases and where to.
fn settings(first: &BenchArgs, second: &BenchArgs) -> Vec<String> {
    fn text(value: &impl Debug) -> String {
        format!("{value:?}")
    }
    type Value = fn(&BenchArgs) -> String;
    let values: [(&str, Value); 11] = [
        ("--variants", |args| text(&args.variants)),
        ("--size", |args| text(&args.size)),
        ("--quick", |args| text(&args.quick)),
        ("--precision", |args| text(&args.precision)),
        ("--time-budget", |args| text(&args.time_budget)),
        ("--limit", |args| text(&args.limit)),
        ("--phases", |args| text(&args.phases)),
        ("--no-memory", |args| text(&args.no_memory)),
        ("--counters", |args| text(&args.counters)),
        ("--keep-disturbed", |args| text(&args.keep_disturbed)),
        ("--warm-up", |args| text(&args.warm_up)),
    ];
    let differs = |(name, value): &(&str, Value)| {
        let (first, second) = (value(first), value(second));
        (first != second).then(|| format!("settings: {name} {first} → {second}"))
    };
    values.iter().filter_map(differs).collect()
}
