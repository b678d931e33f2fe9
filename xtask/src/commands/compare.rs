//! `cargo xtask compare`: what changed from one run to another, for people, for programs, and as an exit
//! status.

use super::report::shown;
use crate::cli::compare::CompareArgs;
use crate::cli::exit::Exit;
use crate::cli::values::{wrong_usage, wrong_value};
use crate::host::output;
use crate::host::paths::Paths;
use crate::report::{self, DifferenceName, Question, RunComparison, RunReport};
use crate::run::baseline;
use crate::{out, outln, selfcheck};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// The change that counts as none where nothing else is asked for.
const USUAL_MARGIN: f64 = 0.05;

/// Runs the task.
///
/// # Errors
/// When there are no two such runs, when they cannot be compared, or when nothing could be tested that a
/// gate asks for.
pub fn run(args: &CompareArgs, paths: &Paths) -> Result<Exit> {
    let (base, new) = folders(args, paths)?;
    let (base, new) = (RunReport::read(&base)?, RunReport::read(&new)?);
    check_reference(args, &base, &new)?;
    let question = Question {
        margin: args.margin.or(args.fail_if_slower).unwrap_or(USUAL_MARGIN),
        reference: args.reference.as_deref(),
        slower_than: args.fail_if_slower,
    };
    let differences = report::differences(&base, &new);
    refuse(&differences, &args.allow_different)?;
    let names = (shown(&base.folder), shown(&new.folder));
    let comparison = RunComparison::of((&base, &new), names, differences, &question);
    if comparison.changes.is_empty() {
        bail!("the two runs have no time of the same engine on the same case in common");
    }
    print(args, &comparison)?;
    if comparison.tests == 0 && (args.fail_if_slower.is_some() || args.fail_if_unresolved) {
        bail!("nothing was tested, so nothing can pass: {}", comparison.notes.join("; "));
    }
    Ok(exit(args, &comparison))
}

/// The folders of the two runs.
fn folders(args: &CompareArgs, paths: &Paths) -> Result<(PathBuf, PathBuf)> {
    // The runs of selfcheck are parts of its checks.
    let counts = |name: &str| !name.starts_with(selfcheck::RUN_PREFIX);
    let find = |run: Option<&Path>| report::find(run, &paths.results(), counts);
    let runs: Vec<&Path> = args.runs.iter().map(PathBuf::as_path).collect();
    let (base, new) = match (&args.baseline, runs.as_slice()) {
        (Some(name), [] | [_]) => (baseline::find(name, paths)?, find(runs.first().copied())?),
        (Some(_), _) => {
            return Err(wrong_usage("--baseline takes the place of BASE: name one run, or none").into());
        }
        (None, [base, new]) => (find(Some(base))?, find(Some(new))?),
        (None, [base]) => (find(Some(base))?, find(None)?),
        (None, _) => return Err(wrong_usage("name the run to compare with, or --baseline NAME").into()),
    };
    let same = |one: &Path| std::fs::canonicalize(one).ok();
    if same(&base) == same(&new) {
        bail!("{} is compared with itself; name two runs", base.display());
    }
    Ok((base, new))
}

fn check_reference(args: &CompareArgs, base: &RunReport, new: &RunReport) -> Result<(), clap::Error> {
    let Some(name) = &args.reference else { return Ok(()) };
    let both: Vec<&str> = base
        .engine_names()
        .into_iter()
        .filter(|engine| new.engines.iter().any(|other| other == engine))
        .collect();
    if both.contains(&name.as_str()) {
        return Ok(());
    }
    let reason = format!("it is not in both runs; these are: {}", both.join(", "));
    Err(wrong_value("--reference <ENGINE>", name, &reason))
}

/// Refuses runs that differ in more than what is `allowed`.
fn refuse(differences: &[report::RunDifference], allowed: &[DifferenceName]) -> Result<()> {
    let refused: Vec<&report::RunDifference> =
        differences.iter().filter(|one| !allowed.contains(&one.what)).collect();
    if refused.is_empty() {
        return Ok(());
    }
    let texts: Vec<String> = refused.iter().map(|one| format!("{}: {}", one.what, one.how)).collect();
    let names: Vec<String> = differences.iter().map(|one| one.what.to_string()).collect();
    bail!(
        "the runs differ, so a change would mean nothing: {}. If that is what you compare, add --allow-different {}",
        texts.join(". "),
        names.join(",")
    )
}

fn print(args: &CompareArgs, comparison: &RunComparison) -> Result<()> {
    if args.json {
        outln!("{}", serde_json::to_string_pretty(comparison).context("writing the comparison as JSON")?);
    } else if args.csv {
        out!("{}", super::csv_text(&comparison.changes).context("writing the comparison as CSV")?);
    } else {
        out!("{}", comparison.text(args.all, output::width()));
    }
    Ok(())
}

/// What stops a gate comes before what failed.
fn exit(args: &CompareArgs, comparison: &RunComparison) -> Exit {
    let is_open = args.fail_if_unresolved && comparison.counts.open() > 0;
    if comparison.counts.too_slow > 0 || is_open {
        Exit::Slower
    } else if comparison.failed.is_empty() {
        Exit::Done
    } else {
        Exit::SomeFailed
    }
}
