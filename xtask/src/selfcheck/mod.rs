//! `cargo xtask selfcheck`: proves the instrument on the user's own machine, a line at a time. Each
//! line asks a question whose answer is known and holds what was measured against a bar.

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

use crate::cli::exit::Exit;
use crate::cli::flags::SelfcheckArgs;
use crate::cli::select;
use crate::commands::bench::{now_utc, seed_of_now};
use crate::host::paths::Paths;
use crate::run::exclusive;
use ::bench::machine::Machine;
use anyhow::{Context, Result};
use outcome::{Finding, Line, Verdict};
use serde::Serialize;
use setup::{Lab, RunNote};
use std::path::Path;
use std::time::Instant;

/// The file that holds the results, in the folder of all output.
const FILE: &str = "selfcheck.json";

/// A line of the check.
struct Check {
    name: &'static str,
    question: &'static str,
    run: fn(&mut Lab<'_>) -> Result<Finding>,
    /// Whether it takes so long that it must be asked for.
    long: bool,
}

/// Every line, in order: those that look at all runs come last.
const CHECKS: [Check; 8] = [
    Check { name: "control", question: "does an engine differ from itself?", run: control::run, long: false },
    Check { name: "planted", question: "is 3% more work found?", run: injected::run, long: false },
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
    Check { name: "spent", question: "where did the time go?", run: time_use::run, long: false },
];

/// `selfcheck.json`.
#[derive(Serialize)]
struct Report<'a> {
    started_utc: String,
    duration_s: f64,
    arguments: Vec<String>,
    seed: u64,
    machine: Machine,
    /// The engines that took part, the cheapest first, with their versions.
    engines: Vec<(String, String)>,
    lines: &'a [Line],
    runs: &'a [RunNote],
}

/// Runs the task.
///
/// # Errors
/// When nothing can be measured here, or results cannot be written.
pub fn run(args: &SelfcheckArgs, paths: &Paths) -> Result<Exit> {
    let checks = chosen(args)?;
    let seed = args.seed.unwrap_or_else(seed_of_now);
    let mut lab = Lab::prepare(args, seed, paths)?;
    let _alone = exclusive::wait(paths)?;
    let (started_utc, start) = (now_utc(), Instant::now());
    lab.keep_the_cheapest()?;
    let names: Vec<&str> = lab.engines.iter().map(|engine| engine.name.as_str()).collect();
    println!("{} lines with {} (seed {seed})", checks.len(), names.join(", "));
    let machine = Machine::read();
    let mut lines = Vec::new();
    for (place, check) in checks.iter().enumerate() {
        eprintln!("line {} of {}, {}: {}", place + 1, checks.len(), check.name, check.question);
        let line = ask(check, &mut lab);
        if lab.is_interrupted() {
            break;
        }
        print!("{}", line.render());
        lines.push(line);
        let report = Report {
            started_utc: started_utc.clone(),
            duration_s: start.elapsed().as_secs_f64(),
            arguments: std::env::args().skip(1).collect(),
            seed,
            machine: machine.clone(),
            engines: lab.engines.iter().map(|one| (one.name.clone(), one.hello.version.clone())).collect(),
            lines: &lines,
            runs: &lab.runs,
        };
        write(&report, &paths.generated.join(FILE))?;
    }
    Ok(conclude(&lines, lab.is_interrupted(), start, &paths.generated.join(FILE)))
}

/// The lines that are asked for: by name, or all but the long ones.
fn chosen(args: &SelfcheckArgs) -> Result<Vec<&'static Check>> {
    let names: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
    let named = select::select("line", &args.only, &names)?;
    let is_chosen = |check: &&Check| match args.only.is_empty() {
        true => args.long || !check.long,
        false => named.contains(&check.name),
    };
    Ok(CHECKS.iter().filter(is_chosen).collect())
}

fn ask(check: &Check, lab: &mut Lab<'_>) -> Line {
    let start = Instant::now();
    let finding = (check.run)(lab).unwrap_or_else(|error| Finding::broken(&error));
    Line { name: check.name, finding, took_s: start.elapsed().as_secs() }
}

fn write(report: &Report<'_>, file: &Path) -> Result<()> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    std::fs::write(file, text).with_context(|| format!("writing {}", file.display()))
}

fn conclude(lines: &[Line], interrupted: bool, start: Instant, file: &Path) -> Exit {
    let with = |verdict| lines.iter().filter(|line| line.finding.verdict == verdict).count();
    let (ok, failed, skipped) = (with(Verdict::Ok), with(Verdict::Failed), with(Verdict::Skipped));
    let took = start.elapsed().as_secs_f64();
    println!(
        "{ok} ok, {failed} failed, {skipped} skipped in {took:.0} s; every number is in {}",
        file.display()
    );
    match (interrupted, ok, failed) {
        (true, ..) => Exit::Interrupted,
        (false, 0, 0) => Exit::NothingUseful,
        (false, _, 0) => Exit::Done,
        (false, ..) => Exit::SomeFailed,
    }
}
