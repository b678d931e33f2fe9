//! The expected result of a module whose right result is not known: every engine runs it once, untimed,
//! and the majority result becomes the expected one.

use super::trial;
use super::trial::{Place, Trial};
use super::vote::{Fared, Printed, Said, Vote};
use crate::host::progress;
use crate::note;
use anyhow::{Context, Result, bail};
use bench::plan::{Case, EngineSpec};
use protocol::{Entry, Outcome};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is known of a module besides its case.
pub struct Subject<'a> {
    /// The user's file.
    pub file: &'a str,
    /// Whether it cannot run without WASI.
    pub needs_wasi: bool,
    /// What it must print: the user's file, and the run's copy of it.
    pub expected_stdout: Option<&'a ExpectedOutput>,
}

/// The output that the user expects.
#[derive(Clone, Debug)]
pub struct ExpectedOutput {
    /// The run's copy.
    pub file: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// How the vote on a module ended.
#[derive(Debug, Default)]
pub struct Settled {
    /// What a reader of the tables must know, a line each.
    pub notes: Vec<String>,
    /// Whether no call can be measured, because none ended.
    pub lost: bool,
}

/// A module counts as endless when this many engines did not finish and none did.
const HANGING_ENOUGH: usize = 2;

/// Runs `case` once on each of `engines`, and writes the expected result into it, and which engines
/// cannot call it or fail.
///
/// # Errors
/// When no call of it can be measured for a reason that the user must decide on: it does not end,
/// it prints too much, or no engine prints what is expected.
pub fn settle(
    case: &mut Case,
    subject: &Subject<'_>,
    engines: &[EngineSpec],
    place: &Place<'_>,
    interrupted: &AtomicBool,
) -> Result<Settled> {
    let mut settled = Settled::default();
    let trials = trials(case, subject, engines, place, interrupted);
    let mut votes = votes(case, &trials);
    if let Some(expected) = subject.expected_stdout {
        votes = those_that_print(expected, votes, case, subject)?;
        case.expected_stdout = Some(expected.file.clone());
    }
    let steady = Steady::of(&trials);
    steady.overlook(&mut votes);
    if let Some(vote) = Vote::of(&votes) {
        let call = call(&case.entry);
        settled.notes.push(format!("{}: {call} → {}", case.sample, vote.describe()));
        settled.lost = expect(case, subject, &vote, &steady)?;
        if let Some(reason) = case.compile_only.as_ref().filter(|_| settled.lost) {
            settled.notes.push(format!("{}: {reason}", case.sample));
        }
        tidy(&votes, &vote)?;
    }
    settled.notes.extend(steady.notes(case));
    settled.notes.extend(repeatable(case, &trials));
    if let Some(Outcome::Exit(code @ 1..)) = case.expected {
        let name = &case.sample;
        settled.notes.push(format!("{name}: exit code {code} is taken as its result, and it is measured"));
    }
    Ok(settled)
}

fn trials(
    case: &mut Case,
    subject: &Subject<'_>,
    engines: &[EngineSpec],
    place: &Place<'_>,
    interrupted: &AtomicBool,
) -> Vec<Trial> {
    note!("finding the expected result: each engine runs {} once, untimed", case.sample);
    let bar = progress::bar(engines.len() as u64, "");
    let mut trials: Vec<Trial> = Vec::new();
    for engine in engines {
        bar.set_message(format!("{} on {}", engine.name, case.sample));
        if let Some(reason) = engine.hello.can.wasi.reason().filter(|_| subject.needs_wasi) {
            case.uncallable.insert(engine.name.clone(), format!("no WASI: {reason}"));
        } else {
            trials.push(trial::run(engine, case, place));
        }
        bar.inc(1);
        if interrupted.load(Ordering::Relaxed) || hangs(&trials) {
            break;
        }
    }
    bar.finish_and_clear();
    trials
}

/// Whether enough engines did not finish and none did.
fn hangs(trials: &[Trial]) -> bool {
    let said = || trials.iter().filter_map(|trial| said(&trial.fared));
    said().filter(|said| matches!(said, Said::NeverEnded(_))).count() >= HANGING_ENOUGH
        && !said().any(|said| matches!(said, Said::Ended(..)))
}

fn said(fared: &Fared) -> Option<&Said> {
    match fared {
        Fared::Said(said) => Some(said),
        Fared::Unsupported(_) | Fared::Unlinked(_) | Fared::Broke(_) => None,
    }
}

/// The results of the engines that have one; the reasons of the others go into `case`. A module that an
/// engine rejects is rejected again when it is measured.
fn votes(case: &mut Case, trials: &[Trial]) -> Vec<(String, Said)> {
    let mut votes = Vec::new();
    for Trial { engine, fared, .. } in trials {
        match fared {
            Fared::Said(said) => votes.push((engine.clone(), said.clone())),
            Fared::Unlinked(words) => {
                case.uncallable.insert(engine.clone(), words.clone());
            }
            Fared::Broke(words) => {
                case.failing.insert(engine.clone(), words.clone());
            }
            Fared::Unsupported(_) => {}
        }
    }
    votes
}

/// The votes of the engines that print what is expected; the cells of the others fail.
fn those_that_print(
    expected: &ExpectedOutput,
    votes: Vec<(String, Said)>,
    case: &mut Case,
    subject: &Subject<'_>,
) -> Result<Vec<(String, Said)>> {
    let mut right = Vec::new();
    let mut wrong = Vec::new();
    for (engine, said) in votes {
        match &said {
            Said::Ended(_, Some(printed)) if printed.sha256 != expected.sha256 => {
                let (bytes, file) = (printed.bytes, printed.file.display());
                wrong.push(format!("{engine} printed {bytes} bytes ({file})"));
                let reason =
                    format!("wrong output: {bytes} bytes differ from the {} expected", expected.bytes);
                case.failing.insert(engine, reason);
            }
            _ => right.push((engine, said)),
        }
    }
    if right.is_empty() && !wrong.is_empty() {
        bail!(
            "{}: no engine prints the {} bytes of --expect-stdout: {}; correct the file, or leave the option \
             out to expect the majority output",
            subject.file,
            expected.bytes,
            wrong.join(", ")
        );
    }
    Ok(right)
}

/// Whether two runs on one engine end and print the same.
struct Steady {
    outcome: bool,
    output: bool,
}

impl Steady {
    fn of(trials: &[Trial]) -> Steady {
        Steady {
            outcome: trials.iter().all(|trial| trial.outcome_is_steady),
            output: trials.iter().all(|trial| trial.output_is_steady),
        }
    }

    /// Removes from the votes what differs from run to run, so that it is not compared.
    fn overlook(&self, votes: &mut [(String, Said)]) {
        let first = votes.iter().find_map(|(_, said)| match said {
            Said::Ended(outcome, _) => Some(outcome.clone()),
            _ => None,
        });
        for (_, said) in votes {
            if let Said::Ended(outcome, printed) = said {
                if !self.output {
                    *printed = None;
                }
                if let (false, Some(first)) = (self.outcome, &first) {
                    *outcome = first.clone();
                }
            }
        }
    }

    fn notes(&self, case: &Case) -> Vec<String> {
        let differs =
            |what: &str| format!("{}: its {what} differs from run to run and is not compared", case.sample);
        let outcome = (!self.outcome).then(|| differs("exit code"));
        let output = (!self.output && case.expected_stdout.is_none()).then(|| differs("output"));
        outcome.into_iter().chain(output).collect()
    }
}

/// Writes the result of the vote into `case`; gives whether no call can be measured.
fn expect(case: &mut Case, subject: &Subject<'_>, vote: &Vote, steady: &Steady) -> Result<bool> {
    let by = vote.by.join(", ");
    match &vote.reference {
        Said::NeverEnded(limit) => bail!(
            "{}: {} did not end within {} (tried on {by}); give it more time with --limit, or measure what \
             needs no call with --compile-only",
            subject.file,
            if matches!(case.entry, Entry::Command { .. }) { "it".to_owned() } else { call(&case.entry) },
            humantime::format_duration(*limit)
        ),
        Said::PrintedTooMuch(words) => bail!(
            "{}: {words} (on {by}); make it print less, or measure what needs no call with --compile-only",
            subject.file
        ),
        Said::Trapped(words) => {
            case.compile_only = Some(format!("the guest traps, so no call can be timed: {words}"));
            return Ok(true);
        }
        Said::Ended(outcome, printed) => {
            case.expected = steady.outcome.then(|| outcome.clone());
            if let (None, Some(printed)) = (&case.expected_stdout, printed) {
                let kept = printed.file.with_file_name(format!("{}.expected", case.sample));
                std::fs::copy(&printed.file, &kept).with_context(|| format!("writing {}", kept.display()))?;
                case.expected_stdout = Some(kept);
            }
            for (said, engines) in &vote.odd {
                let reason = format!("{said}, where {} is expected", vote.reference);
                case.failing.extend(engines.iter().map(|engine| (engine.clone(), reason.clone())));
            }
        }
    }
    Ok(false)
}

/// Removes the outputs that are the same as the one that is kept.
fn tidy(votes: &[(String, Said)], vote: &Vote) -> Result<()> {
    for (_, said) in votes.iter().filter(|(engine, _)| vote.by.contains(engine)) {
        if let Said::Ended(_, Some(Printed { file, .. })) = said {
            std::fs::remove_file(file).with_context(|| format!("removing {}", file.display()))?;
        }
    }
    Ok(())
}

/// Gives each warm call a fresh instance where an instance cannot be called again; gives a note about
/// it.
fn repeatable(case: &mut Case, trials: &[Trial]) -> Option<String> {
    let trial = trials.iter().find(|trial| !trial.is_repeatable)?;
    case.fresh_instance = true;
    let (name, engine) = (&case.sample, &trial.engine);
    Some(format!(
        "{name}: a second call of an instance has another result (on {engine}), so each warm call has a \
         fresh instance"
    ))
}

/// The call as a person would write it.
pub fn call(entry: &Entry) -> String {
    match entry {
        Entry::Export { name, args } => {
            let args: Vec<String> = args.iter().map(ToString::to_string).collect();
            format!("{name}({})", args.join(", "))
        }
        Entry::Command { args, .. } => args.join(" "),
    }
}
