//! Checks that measurements on this machine can be trusted, a check at a time. Each
//! asks a question whose answer is known and holds what was measured against a bar.

mod cheapest;
mod control;
pub mod cpu_hog;
mod criterion;
mod drift;
mod idle;
mod injected;
mod outcome;
mod overhead;
mod reproducibility;
mod setup;
mod time_use;

use crate::host::paths::Paths;
use crate::run::describe::now_utc;
use crate::run::exclusive;
use anyhow::{Context, Result};
use bench::machine::MachineFacts;
use outcome::{CheckOutcome, CheckReport, CheckStatus};
use serde::Serialize;
pub use setup::CheckOptions;
use setup::{RunNote, Setup};
use std::path::Path;
use std::time::Instant;

/// The file that holds the results, in the folder of all output.
const FILE: &str = "selfcheck.json";

/// One question.
struct Check {
    name: &'static str,
    question: &'static str,
    run: fn(&mut Setup<'_>) -> Result<CheckOutcome>,
    /// Whether it takes so long that it must be asked for.
    long: bool,
}

/// Every check, in order: those that look at all runs come last.
const CHECKS: [Check; 8] = [
    Check { name: "control", question: "does an engine differ from itself?", run: control::run, long: false },
    Check { name: "injected", question: "is 3% more work found?", run: injected::run, long: false },
    Check {
        name: "overhead",
        question: "what does the instrument add to a call?",
        run: overhead::run,
        long: false,
    },
    Check { name: "agreement", question: "does Criterion read the same?", run: criterion::run, long: false },
    Check {
        name: "drift",
        question: "does a load on the machine become a difference?",
        run: drift::run,
        long: false,
    },
    Check {
        name: "reproducibility",
        question: "does what a run says hold for the next?",
        run: reproducibility::run,
        long: true,
    },
    Check { name: "idle", question: "do stopped workers stand still?", run: idle::run, long: false },
    Check { name: "time-use", question: "where did the time go?", run: time_use::run, long: false },
];

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

/// The names of all checks, and whether each takes so long that it must be asked for.
pub fn names() -> [(&'static str, bool); CHECKS.len()] {
    CHECKS.map(|check| (check.name, check.long))
}

/// Makes the checks called `names`.
///
/// # Errors
/// When nothing can be measured here, or results cannot be written.
pub fn run(names: &[&str], asked: CheckOptions<'_>, paths: &Paths) -> Result<Tally> {
    let checks: Vec<&Check> = CHECKS.iter().filter(|check| names.contains(&check.name)).collect();
    let mut setup = Setup::prepare(asked, paths)?;
    let _alone = exclusive::wait(paths)?;
    let (started_utc, start) = (now_utc(), Instant::now());
    setup.keep_the_cheapest()?;
    let engines: Vec<&str> = setup.engines.iter().map(|engine| engine.name.as_str()).collect();
    println!("{} checks with {} (seed {})", checks.len(), engines.join(", "), asked.seed);
    let machine = MachineFacts::read();
    let mut reports = Vec::new();
    for (place, check) in checks.iter().enumerate() {
        eprintln!("check {} of {}, {}: {}", place + 1, checks.len(), check.name, check.question);
        let made = ask(check, &mut setup);
        if setup.is_interrupted() {
            break;
        }
        print!("{}", made.render());
        reports.push(made);
        let report = Report {
            started_utc: started_utc.clone(),
            duration_s: start.elapsed().as_secs_f64(),
            arguments: std::env::args().skip(1).collect(),
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
    CheckReport { name: check.name, outcome, took_s: start.elapsed().as_secs() }
}

fn write(report: &Report<'_>, file: &Path) -> Result<()> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    std::fs::write(file, text).with_context(|| format!("writing {}", file.display()))
}

fn conclude(reports: &[CheckReport], interrupted: bool, start: Instant, file: &Path) -> Tally {
    let with = |status| reports.iter().filter(|report| report.outcome.status == status).count();
    let (ok, failed, skipped) =
        (with(CheckStatus::Ok), with(CheckStatus::Failed), with(CheckStatus::Skipped));
    let took = start.elapsed().as_secs_f64();
    println!(
        "{ok} ok, {failed} failed, {skipped} skipped in {took:.0} s; every number is in {}",
        file.display()
    );
    Tally { interrupted, ok, failed }
}
