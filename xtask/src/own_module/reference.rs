//! The expected result of a module whose right result is not known: every engine runs it, untimed, and the
//! majority result becomes the expected one.

use super::differences;
use super::expectation::{Expectations, keep_right};
use super::fared::{Fared, Output, Said};
use super::steady::{Instances, Steady, choose_instances};
use super::trial::{self, Place, Trial};
use super::vote::{Ballot, Vote};
use crate::host::output::{Verbosity, is_at_least};
use crate::host::progress;
use crate::note;
use anyhow::{Context, Result, bail};
use bench::plan::{Case, EngineSpec};
use protocol::{Entry, Outcome};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

/// What is known of a module besides its case.
pub struct Subject<'a> {
    /// The user's file.
    pub file: &'a str,
    /// Whether it cannot run without WASI.
    pub needs_wasi: bool,
    /// The WASI functions that it imports.
    pub wasi_functions: &'a [String],
    /// Whether it has instructions whose results may differ from engine to engine.
    pub results_may_differ: bool,
    /// What the user expects.
    pub expected: &'a Expectations,
    /// Which instances warm calls are made on.
    pub instances: Instances,
}

/// The engines that take part, and the runtime of each by its name.
pub struct Voters<'a> {
    /// The engines.
    pub engines: &'a [EngineSpec],
    /// The name of each one's runtime.
    pub runtimes: &'a BTreeMap<String, String>,
}

impl Voters<'_> {
    fn runtime(&self, engine: &str) -> String {
        self.runtimes.get(engine).cloned().unwrap_or_else(|| engine.to_owned())
    }
}

/// How the vote on a module ended.
#[derive(Debug, Default)]
pub struct Settled {
    /// What a reader of the tables must know, a line each.
    pub notes: Vec<String>,
    /// Whether no call can be measured, because none ended.
    pub lost: bool,
}

/// A module counts as endless when engines of this many runtimes did not finish and none did.
const HANGING_ENOUGH: usize = 2;

/// Runs `case` on each of the engines, and writes the expected result into it, which instances it is called
/// on, and which engines cannot call it or fail.
///
/// # Errors
/// When no call of it can be measured for a reason that the user must decide on: it does not end,
/// it prints too much, it marks no stretch, or no engine gives what is expected.
pub fn settle(
    case: &mut Case,
    subject: &Subject<'_>,
    voters: &Voters<'_>,
    place: &Place<'_>,
    interrupted: &AtomicBool,
) -> Result<Settled> {
    let mut settled = Settled::default();
    let trials = trials(case, subject, voters, place, interrupted);
    let ballots = ballots(case, &trials, voters);
    if let (true, Some(words)) = (ballots.is_empty(), unmarked(&trials)) {
        bail!(
            "{}: {words}; correct the marks, or leave their imports out to time the whole call",
            subject.file
        );
    }
    let steady = Steady::of(&trials);
    let mut ballots = keep_right(subject.expected, ballots, case, subject.file)?;
    steady.overlook(&mut ballots);
    settled.notes.extend(not_called(case, &trials, ballots.is_empty()));
    if let Some(vote) = Vote::of(&ballots) {
        if steady.outcome || case.expected.is_some() {
            let call = call(&case.entry);
            settled.notes.push(format!("{}: {call} → {}", case.sample, vote.describe()));
        }
        let differing = expect(case, subject, &vote, &steady, (voters, &ballots))?;
        settled.lost = matches!(vote.reference, Said::Trapped(_));
        settled.notes.extend(differing);
        settled.notes.extend(errors(&ballots, &vote, case)?);
        tidy(&ballots, &vote)?;
    }
    settled.notes.extend(steady.notes(case));
    settled.notes.extend(choose_instances(case, &trials, subject.instances));
    if let Some(Outcome::Exit(code @ 1..)) =
        case.expected.as_ref().filter(|_| subject.expected.outcome.is_none())
    {
        let name = &case.sample;
        settled.notes.push(format!("{name}: exit code {code} is taken as its result, and it is measured"));
    }
    Ok(settled)
}

fn trials(
    case: &mut Case,
    subject: &Subject<'_>,
    voters: &Voters<'_>,
    place: &Place<'_>,
    interrupted: &AtomicBool,
) -> Vec<Trial> {
    note!("finding the expected result: each engine runs {} a few times, untimed", case.sample);
    let bar = progress::bar(voters.engines.len() as u64, "");
    let repeats = subject.instances == Instances::AsFound;
    let mut trials: Vec<Trial> = Vec::new();
    for engine in voters.engines {
        bar.set_message(format!("{} on {}", engine.name, case.sample));
        if let Some(reason) = engine.hello.can.wasi.reason().filter(|_| subject.needs_wasi) {
            case.uncallable.insert(engine.name.clone(), format!("no WASI: {reason}"));
        } else {
            trials.push(trial::run(engine, case, place, repeats));
        }
        bar.inc(1);
        if interrupted.load(Ordering::Relaxed) || hangs(&trials, voters) {
            break;
        }
    }
    bar.finish_and_clear();
    trials
}

/// Whether engines of enough runtimes did not finish and no engine did.
fn hangs(trials: &[Trial], voters: &Voters<'_>) -> bool {
    let (mut hanging, mut others) = (BTreeSet::new(), 0);
    for trial in trials {
        match &trial.fared {
            Fared::Said(Said::NeverEnded(_)) => drop(hanging.insert(voters.runtime(&trial.engine))),
            Fared::Said(_) => others += 1,
            _ => {}
        }
    }
    hanging.len() >= HANGING_ENOUGH && others == 0
}

/// The results of the engines that have one; the reasons of the others go into `case`. A module that an
/// engine refuses to compile is refused again when it is measured.
fn ballots(case: &mut Case, trials: &[Trial], voters: &Voters<'_>) -> Vec<Ballot> {
    let mut ballots = Vec::new();
    for Trial { engine, fared, .. } in trials {
        match fared {
            Fared::Said(said) => {
                let runtime = voters.runtime(engine);
                ballots.push(Ballot { engine: engine.clone(), runtime, said: said.clone() });
            }
            Fared::Uncallable(words) => drop(case.uncallable.insert(engine.clone(), words.clone())),
            Fared::Unmarked(words) | Fared::Broke(words) => {
                case.failing.insert(engine.clone(), words.clone());
            }
            Fared::Refused => {}
        }
    }
    ballots
}

/// What an engine says of calls that do not mark the stretch that is timed, where one does.
fn unmarked(trials: &[Trial]) -> Option<&String> {
    trials.iter().find_map(|trial| match &trial.fared {
        Fared::Unmarked(words) => Some(words),
        _ => None,
    })
}

/// A line for each reason for which engines that compile the module do not call it.
fn not_called(case: &Case, trials: &[Trial], nobody_calls: bool) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for trial in trials {
        let Fared::Uncallable(words) = &trial.fared else { continue };
        match reasons.iter_mut().find(|(known, _)| known == words) {
            Some((_, engines)) => engines.push(&trial.engine),
            None => reasons.push((words, vec![&trial.engine])),
        }
    }
    let name = &case.sample;
    let measured = "parse, compile, save and load are measured there, and no instance or call";
    let line = |(words, engines): &(&str, Vec<&str>)| format!("{name}: {}: {words}", engines.join(", "));
    let mut lines: Vec<String> = reasons.iter().map(line).collect();
    if let Some(last) = lines.last_mut() {
        let who = if nobody_calls { "no engine can call it: " } else { "" };
        last.push_str(&format!("; {who}{measured}"));
    }
    lines
}

/// Writes the result of the vote into `case`; gives notes about results that differ and may.
fn expect(
    case: &mut Case,
    subject: &Subject<'_>,
    vote: &Vote,
    steady: &Steady,
    (voters, ballots): (&Voters<'_>, &[Ballot]),
) -> Result<Vec<String>> {
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
        Said::Trapped(_) => Ok(vec![trapped(case, ballots)]),
        Said::Ended(outcome, output) => {
            let may_differ = subject.results_may_differ && vote.odd.iter().any(|camp| camp.said.worth() == 2);
            if case.expected.is_none() && steady.outcome && !may_differ {
                case.expected = Some(outcome.clone());
            }
            if let (None, true, Some(output)) = (&case.expected_stdout, steady.output, output) {
                let kept = output.stdout.file.with_file_name(format!("{}.expected", case.sample));
                std::fs::copy(&output.stdout.file, &kept)
                    .with_context(|| format!("writing {}", kept.display()))?;
                case.expected_stdout = Some(kept);
            }
            if may_differ {
                let name = &case.sample;
                return Ok(vec![format!(
                    "{name}: it uses relaxed SIMD, whose results may differ from engine to engine, so none is expected"
                )]);
            }
            Ok(differences::fail_or_excuse(case, subject.wasi_functions, vote, voters.engines))
        }
    }
}

/// Has every engine that traps call nothing, for its own reason, and those that do not end fail; gives a
/// note about it.
fn trapped(case: &mut Case, ballots: &[Ballot]) -> String {
    for Ballot { engine, said, .. } in ballots {
        match said {
            Said::NeverEnded(_) => drop(case.failing.insert(engine.clone(), said.to_string())),
            Said::Trapped(words) => {
                let reason = format!("the guest traps, so no call can be timed: {words}");
                case.uncallable.insert(engine.clone(), reason);
            }
            other => drop(case.uncallable.insert(engine.clone(), other.to_string())),
        }
    }
    format!(
        "{}: the guest traps, so no call can be timed; parse, compile, save and load are measured",
        case.sample
    )
}

/// Keeps what the guest writes to its standard error on the first engine of the majority; gives a note about it.
fn errors(ballots: &[Ballot], vote: &Vote, case: &Case) -> Result<Option<String>> {
    let outputs = ballots.iter().filter(|ballot| vote.by.contains(&ballot.engine)).filter_map(|ballot| {
        match &ballot.said {
            Said::Ended(_, Some(output)) if output.stderr.bytes > 0 => Some(&output.stderr),
            _ => None,
        }
    });
    let Some(stderr) = outputs.into_iter().next() else { return Ok(None) };
    let kept = stderr.file.with_file_name(format!("{}.stderr", case.sample));
    std::fs::copy(&stderr.file, &kept).with_context(|| format!("writing {}", kept.display()))?;
    if is_at_least(Verbosity::Verbose) {
        let text = std::fs::read(&kept).unwrap_or_default();
        let start = String::from_utf8_lossy(&text[..text.len().min(SHOWN_BYTES)]).into_owned();
        note!("standard error of {}:\n{start}", case.sample);
    }
    let compared =
        if case.expected_stderr.is_some() { "compared" } else { "not compared (--expect-stderr FILE)" };
    Ok(Some(format!(
        "{}: it writes {} bytes to its standard error, which are kept in {} and {compared}",
        case.sample,
        stderr.bytes,
        kept.display()
    )))
}

/// How much of standard error `--verbose` shows.
const SHOWN_BYTES: usize = 4096;

/// Removes the outputs that are the same as the one that is kept.
fn tidy(ballots: &[Ballot], vote: &Vote) -> Result<()> {
    let remove = |file: &std::path::Path| {
        std::fs::remove_file(file).with_context(|| format!("removing {}", file.display()))
    };
    for Ballot { engine, said, .. } in ballots {
        let Said::Ended(_, Some(Output { stdout, stderr })) = said else { continue };
        if vote.by.contains(engine) {
            remove(&stdout.file)?;
        }
        if stderr.bytes == 0 || vote.by.contains(engine) {
            remove(&stderr.file)?;
        }
    }
    Ok(())
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
