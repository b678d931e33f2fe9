//! The vote of the engines on the result of a module: the majority result becomes the expected one, and
//! a note says how many engines it comes from.

use bench::plan::Case;
use bench::process::WorkerError;
use bench::record::FailureKind;
use protocol::message::RequestFailed;
use protocol::{ErrorKind, Outcome, Phase};
use std::path::PathBuf;
use std::time::Duration;

/// What a guest wrote to its standard output, and where that is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Printed {
    /// The file.
    pub file: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// How a call ended, as far as engines can agree on it.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// It ended, and a command printed this.
    Ended(Outcome, Option<Printed>),
    /// The guest trapped.
    Trapped(String),
    /// It did not end within the limit.
    NeverEnded(Duration),
    /// It printed more than is kept.
    PrintedTooMuch(String),
}

/// How an engine's trial ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Fared {
    /// The call ended in something that engines can agree on.
    Said(Said),
    /// The engine does not take such a module, by design.
    Unsupported(String),
    /// The engine lacks an import of the module; it may still compile it.
    Unlinked(String),
    /// It should have worked.
    Broke(String),
}

/// What an engine was doing when a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// It was compiling.
    Compiling,
    /// The guest was running.
    Running,
}

impl Fared {
    /// The trial of an engine whose request ended with `error` while it was `doing`.
    pub fn of(error: &WorkerError, doing: Doing, case: &Case) -> Fared {
        match error {
            WorkerError::Hung(limit) if doing == Doing::Running => Fared::Said(Said::NeverEnded(*limit)),
            WorkerError::Failed(failure) => Fared::of_failure(failure, case),
            _ => Fared::Broke(error.to_string()),
        }
    }

    fn of_failure(RequestFailed { phase, error }: &RequestFailed, case: &Case) -> Fared {
        let words = error.message.clone();
        match error.kind {
            kind if FailureKind::of(kind, *phase, || case.is_mvp()) == FailureKind::Unsupported => {
                Fared::Unsupported(words)
            }
            ErrorKind::Link => Fared::Unlinked(words),
            ErrorKind::Trap => Fared::Said(Said::Trapped(words)),
            // Calls do no input or output of their own but for what the guest prints.
            ErrorKind::Io if *phase == Some(Phase::DCallFirst) => Fared::Said(Said::PrintedTooMuch(words)),
            _ => Fared::Broke(words),
        }
    }
}

impl Said {
    /// Whether the two are the same; the messages of traps are not compared, since every engine has its own.
    fn agrees_with(&self, other: &Said) -> bool {
        match (self, other) {
            (Said::Ended(outcome, printed), Said::Ended(others, others_printed)) => {
                let content = |printed: &Option<Printed>| printed.as_ref().map(|one| one.sha256.clone());
                outcome.agrees_with(others) && content(printed) == content(others_printed)
            }
            (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
        }
    }

    fn is_result(&self) -> bool {
        matches!(self, Said::Ended(..))
    }

    /// Where its output is kept, for a message.
    fn kept(&self) -> Option<String> {
        match self {
            Said::Ended(_, Some(printed)) => Some(format!(" ({})", printed.file.display())),
            _ => None,
        }
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Said::Ended(Outcome::Exit(code), Some(printed)) => {
                write!(f, "exit code {code}, {} bytes printed", printed.bytes)
            }
            Said::Ended(outcome, _) => write!(f, "{outcome}"),
            Said::Trapped(words) => write!(f, "a trap ({words})"),
            Said::NeverEnded(limit) => write!(f, "no end within {}", humantime::format_duration(*limit)),
            Said::PrintedTooMuch(words) => f.write_str(words),
        }
    }
}

/// The engines' results, equal ones together.
#[derive(Clone, Debug, PartialEq)]
pub struct Vote {
    /// The result of most of them.
    pub reference: Said,
    /// The engines that have this result.
    pub by: Vec<String>,
    /// The other results, with the engines that have them.
    pub odd: Vec<(Said, Vec<String>)>,
}

impl Vote {
    /// Counts `votes`, the engines with their results; `None` without any. In a tie, a call that ended
    /// comes before one that did not, and then the first in the list.
    pub fn of(votes: &[(String, Said)]) -> Option<Vote> {
        let mut camps: Vec<(Said, Vec<String>)> = Vec::new();
        for (engine, said) in votes {
            match camps.iter_mut().find(|(known, _)| known.agrees_with(said)) {
                Some((_, engines)) => engines.push(engine.clone()),
                None => camps.push((said.clone(), vec![engine.clone()])),
            }
        }
        let weight = |(said, engines): &(Said, Vec<String>)| (engines.len(), said.is_result());
        // Of equals, `max_by_key` takes the last.
        let (place, _) = camps.iter().enumerate().rev().max_by_key(|(_, camp)| weight(camp))?;
        let (reference, by) = camps.remove(place);
        Some(Vote { reference, by, odd: camps })
    }

    /// How a tie was decided.
    fn settled(&self) -> String {
        let by = self.by.join(", ");
        let rival = self.odd.iter().any(|(said, engines)| said.is_result() && engines.len() == self.by.len());
        match self.reference.is_result() && !rival {
            true => format!("the result of {by} is used, because the others have none"),
            false => format!("the result of {by} is used, the first in the list"),
        }
    }

    /// The reference and the engines that it comes from, in a sentence.
    pub fn describe(&self) -> String {
        let (reference, by) = (&self.reference, self.by.join(", "));
        let rests = match (self.by.len(), self.odd.iter().map(|(_, engines)| engines.len()).max()) {
            (1, None) => format!("the result of {by} alone; no other engine confirms it"),
            (count, None) => format!("all {count} engines agree ({by})"),
            (count, Some(others)) if count == others => {
                format!("no majority; {}; check it yourself", self.settled())
            }
            (_, Some(_)) => format!("the majority result ({by})"),
        };
        let odd = self.odd.iter().map(|(said, engines)| {
            format!("; different: {}: {said}{}", engines.join(", "), said.kept().unwrap_or_default())
        });
        format!("{reference}: {rests}{}", odd.collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{Error, Value};

    fn ended(result: i32) -> Said {
        Said::Ended(Outcome::One(Value::I32(result)), None)
    }

    fn vote(votes: &[(&str, Said)]) -> Vote {
        let votes: Vec<_> = votes.iter().map(|(name, said)| ((*name).to_owned(), said.clone())).collect();
        Vote::of(&votes).unwrap()
    }

    #[test]
    fn the_majority_result_is_expected_and_the_others_are_named() {
        let found = vote(&[("odd", ended(6)), ("a", ended(5)), ("b", ended(5))]);
        assert_eq!((&found.reference, found.by.join(" ").as_str()), (&ended(5), "a b"));
        assert_eq!(found.describe(), "5: the majority result (a, b); different: odd: 6");
    }

    #[test]
    fn all_alike_and_one_alone_are_told_apart() {
        assert_eq!(vote(&[("a", ended(5)), ("b", ended(5))]).describe(), "5: all 2 engines agree (a, b)");
        let alone = vote(&[("a", ended(5))]).describe();
        assert_eq!(alone, "5: the result of a alone; no other engine confirms it");
    }

    #[test]
    fn in_a_tie_a_result_comes_before_a_trap_and_the_first_before_the_second() {
        let trap = Said::Trapped("unreachable".to_owned());
        let found = vote(&[("a", trap.clone()), ("b", ended(5))]);
        assert_eq!(found.reference, ended(5));
        assert!(found.describe().starts_with(
            "5: no majority; the result of b is used, because the others have none; check it yourself"
        ));
        let text = vote(&[("a", ended(1)), ("b", ended(2))]).describe();
        assert_eq!(
            text,
            "1: no majority; the result of a is used, the first in the list; check it yourself; different: b: 2"
        );
        // The words differ from engine to engine, the trap does not.
        let other_words = Said::Trapped("wasm trap".to_owned());
        assert_eq!(vote(&[("a", trap), ("b", other_words), ("c", ended(5))]).by, ["a", "b"]);
    }

    #[test]
    fn commands_that_print_differently_disagree() {
        let printed = |sha256: &str| {
            let printed = Printed { file: "x".into(), bytes: 2, sha256: sha256.to_owned() };
            Said::Ended(Outcome::Exit(0), Some(printed))
        };
        let found = vote(&[("a", printed("1")), ("b", printed("2")), ("c", printed("1"))]);
        assert_eq!(
            found.describe(),
            "exit code 0, 2 bytes printed: the majority result (a, c); different: b: exit code 0, 2 bytes printed (x)"
        );
    }

    /// A case whose module is not there, so that it is not of the first release.
    fn unread_case() -> Case {
        let entry = protocol::Entry::Export { name: "run".into(), args: vec![] };
        Case::own("none", std::path::Path::new("/none"), entry)
    }

    #[test]
    fn a_time_out_counts_as_endless_while_the_guest_runs_and_as_a_failure_while_compiling() {
        let hung = WorkerError::Hung(Duration::from_secs(10));
        let case = unread_case();
        let Fared::Said(said) = Fared::of(&hung, Doing::Running, &case) else { panic!("it is a vote") };
        assert_eq!(said.to_string(), "no end within 10s");
        assert!(matches!(Fared::of(&hung, Doing::Compiling, &case), Fared::Broke(_)));
    }

    #[test]
    fn failures_of_the_guest_and_of_the_engine_are_told_apart() {
        let of = |kind, phase| {
            let failure = RequestFailed { phase: Some(phase), error: Error::new(kind, "words") };
            Fared::of(&WorkerError::Failed(failure), Doing::Running, &unread_case())
        };
        assert!(matches!(of(ErrorKind::Rejected, Phase::AbCompile), Fared::Unsupported(_)));
        assert!(matches!(of(ErrorKind::Link, Phase::CInstantiateFirst), Fared::Unlinked(_)));
        assert!(matches!(of(ErrorKind::Trap, Phase::CInstantiateFirst), Fared::Said(Said::Trapped(_))));
        assert!(matches!(of(ErrorKind::Io, Phase::DCallFirst), Fared::Said(Said::PrintedTooMuch(_))));
        assert!(matches!(of(ErrorKind::Internal, Phase::CInstantiateFirst), Fared::Broke(_)));
    }
}
