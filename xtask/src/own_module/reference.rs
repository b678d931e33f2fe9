//! What is expected of a module that nobody knows: every engine runs it before any time counts, and
//! what most of them come to is what all must come to.

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

/// A module as messages speak of it.
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

/// What came of it.
#[derive(Debug, Default)]
pub struct Settled {
    /// What a reader of the tables must know, a line each.
    pub notes: Vec<String>,
    /// Whether no call can be measured because none ended.
    pub lost: bool,
}

/// A module that hangs does so on every engine; so many are believed.
const HANGING_ENOUGH: usize = 2;

/// Has every one of `engines` run `case`, and writes into it what is expected and of whom nothing
/// is.
///
/// # Errors
/// When no call of it can be measured for a reason that the user must decide on: it does not end,
/// it prints too much, or not what it was said to.
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
        tidy(&votes, &vote)?;
    }
    settled.notes.extend(steady.notes(case));
    settled.notes.extend(repeatable(case, &trials));
    if let Some(Outcome::Exit(code @ 1..)) = case.expected {
        let name = &case.sample;
        settled
            .notes
            .push(format!("{name}: exit code {code} is its result, and it is measured all the same"));
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
    note!("taking the reference: each engine runs {} once, before any time counts", case.sample);
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

/// Whether enough engines found no end, and none did.
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

/// What the engines said; what is known of the others goes into `case`. A module that an engine
/// does not take is refused again when it is measured.
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
            "{}: no engine prints the {} bytes of --expect-stdout: {}; correct the file, or leave it out to \
             have the engines' agreement",
            subject.file,
            expected.bytes,
            wrong.join(", ")
        );
    }
    Ok(right)
}

/// Whether runs on one engine end and print alike.
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

    /// Makes alike what differs from run to run, so that nothing is made of it.
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
        let differs = |what: &str| {
            format!("{}: its {what} differs from run to run, so no particular one is expected", case.sample)
        };
        let outcome = (!self.outcome).then(|| differs("exit code"));
        let output = (!self.output && case.expected_stdout.is_none()).then(|| differs("output"));
        outcome.into_iter().chain(output).collect()
    }
}

/// Writes the vote into `case`; says whether no call can be measured.
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
            "{}: {words} (seen on {by}); have it print less, or measure what needs no call with --compile-only",
            subject.file
        ),
        Said::Trapped(words) => {
            case.compile_only = Some(format!("the guest traps, so that no call can be timed: {words}"));
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

/// Gives each warm call an instance of its own where one cannot be called again, and says so.
fn repeatable(case: &mut Case, trials: &[Trial]) -> Option<String> {
    let trial = trials.iter().find(|trial| !trial.is_repeatable)?;
    case.fresh_instance = true;
    let (name, engine) = (&case.sample, &trial.engine);
    Some(format!(
        "{name}: an instance cannot be called again to the same result (seen on {engine}), so each warm call \
         has a fresh one"
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
