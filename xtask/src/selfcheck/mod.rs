//! Checks that measurements on this machine can be trusted. Each check measures something whose answer
//! is known and compares the result with a limit.

mod cheapest;
mod control;
pub mod cpu_hog;
mod criterion;
mod drift;
mod idle;
mod injected;
mod isolation;
mod name;
mod outcome;
mod overhead;
mod own_loop;
mod reproducibility;
mod setup;
mod time_use;

use crate::host::paths::Paths;
use crate::run::describe::{arguments, now_utc};
use crate::run::exclusive;
use crate::{note, out, outln};
use anyhow::{Context, Result};
use bench::files::replace_file;
use bench::machine::MachineFacts;
pub use name::CheckName;
use outcome::{CheckOutcome, CheckReport, CheckStatus};
use serde::Serialize;
pub use setup::{CheckOptions, RUN_PREFIX};
use setup::{RunNote, Setup};
use std::path::Path;
use std::time::Instant;

/// The file that holds the results, in the folder of all output.
const FILE: &str = "selfcheck.json";

/// One question.
struct Check {
    name: CheckName,
    question: &'static str,
    run: fn(&mut Setup<'_>) -> Result<CheckOutcome>,
}

impl Check {
    fn of(name: CheckName) -> Check {
        let (question, run): (_, fn(&mut Setup<'_>) -> _) = match name {
            CheckName::Control => ("does an engine differ from itself?", control::run),
            CheckName::Injected => ("is 3% more work found?", injected::run),
            CheckName::Overhead => ("what does wasm-phases add to a call?", overhead::run),
            CheckName::Agreement => ("does Criterion read the same?", criterion::run),
            CheckName::Drift => ("does a load on the machine appear as a difference?", drift::run),
            CheckName::Reproducibility => ("do the results of a run hold in the next?", reproducibility::run),
            CheckName::Isolation => ("does a time depend on what else is measured?", isolation::run),
            CheckName::Idle => ("do stopped workers stand still?", idle::run),
            CheckName::TimeUse => ("where did the time go?", time_use::run),
        };
        Check { name, question, run }
    }
}

/// `selfcheck.json`.
#[derive(Serialize)]
struct Report<'a> {
    started_utc: String,
    duration_s: f64,
    arguments: Vec<String>,
    seed: u64,
    machine: MachineFacts,
    /// The engines that took part, the cheapest first, with their versions.
    engines: Vec<(String, String)>,
    checks: &'a [CheckReport],
    runs: &'a [RunNote],
}

/// How it ended.
#[derive(Clone, Copy, Debug)]
pub struct Tally {
    /// Whether the user ended it early.
    pub interrupted: bool,
    /// Checks that are ok.
    pub ok: usize,
    /// Checks that failed.
    pub failed: usize,
}

/// Makes the checks called `names`.
///
/// # Errors
/// When nothing can be measured here, or results cannot be written.
pub fn run(names: &[CheckName], asked: CheckOptions<'_>, paths: &Paths) -> Result<Tally> {
    // Those that look at all runs come last, in whatever order they are asked for.
    let chosen = CheckName::ALL.into_iter().filter(|name| names.contains(name));
    let checks: Vec<Check> = chosen.map(Check::of).collect();
    let mut setup = Setup::prepare(asked, paths)?;
    let _alone = exclusive::wait(paths)?;
    let (started_utc, start) = (now_utc(), Instant::now());
    setup.keep_the_cheapest()?;
    let engines: Vec<&str> = setup.engines.iter().map(|engine| engine.name.as_str()).collect();
    outln!("{} checks with {} (seed {})", checks.len(), engines.join(", "), asked.seed);
    let machine = MachineFacts::read();
    let mut reports = Vec::new();
    for (place, check) in checks.iter().enumerate() {
        note!("check {} of {}, {}: {}", place + 1, checks.len(), check.name.name(), check.question);
        let made = ask(check, &mut setup);
        if setup.is_interrupted() {
            break;
        }
        out!("{}", made.render());
        reports.push(made);
        let report = Report {
            started_utc: started_utc.clone(),
            duration_s: start.elapsed().as_secs_f64(),
            arguments: arguments(),
            seed: asked.seed,
            machine: machine.clone(),
            engines: setup.engines.iter().map(|one| (one.name.clone(), one.hello.version.clone())).collect(),
            checks: &reports,
            runs: &setup.runs,
        };
        write(&report, &paths.generated.join(FILE))?;
    }
    Ok(conclude(&reports, setup.is_interrupted(), start, &paths.generated.join(FILE)))
}

fn ask(check: &Check, setup: &mut Setup<'_>) -> CheckReport {
    let start = Instant::now();
    let outcome = (check.run)(setup).unwrap_or_else(|error| CheckOutcome::broken(&error));
    CheckReport { name: check.name.name(), outcome, took_s: start.elapsed().as_secs() }
}

fn write(report: &Report<'_>, file: &Path) -> Result<()> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    replace_file(file, text.as_bytes()).with_context(|| format!("writing {}", file.display()))
}

fn conclude(reports: &[CheckReport], interrupted: bool, start: Instant, file: &Path) -> Tally {
    let with = |status| reports.iter().filter(|report| report.outcome.status == status).count();
    let (ok, failed, skipped) =
        (with(CheckStatus::Ok), with(CheckStatus::Failed), with(CheckStatus::Skipped));
    let took = start.elapsed().as_secs_f64();
    outln!(
        "{ok} ok, {failed} failed, {skipped} skipped in {took:.0} s; every number is in {}",
        file.display()
    );
    Tally { interrupted, ok, failed }
}
