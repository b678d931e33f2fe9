//! How an engine's trial of a module ended, as far as engines can agree on it.

use bench::plan::Case;
use bench::process::WorkerError;
use bench::record::FailureKind;
use protocol::message::RequestFailed;
use protocol::{ErrorKind, Outcome, Phase};
use std::path::PathBuf;
use std::time::Duration;

/// What a guest wrote to one of its streams, and where that is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Printed {
    /// The file.
    pub file: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// What a command wrote.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// To its standard output.
    pub stdout: Printed,
    /// To its standard error.
    pub stderr: Printed,
}

/// How a call ended, as far as engines can agree on it.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// It ended, and a command printed this.
    Ended(Outcome, Option<Output>),
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
    /// The engine does not compile such a module, by design.
    Refused,
    /// The engine compiles it and cannot call it: it lacks an import, or refuses what the guest asks for.
    Uncallable(String),
    /// The call does not mark the stretch that is timed.
    Unmarked(String),
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
        let is_compiled = matches!(phase, Some(Phase::CInstantiateFirst | Phase::DCallFirst));
        match error.kind {
            ErrorKind::Link | ErrorKind::Unsupported if is_compiled => Fared::Uncallable(words),
            kind if FailureKind::of(kind, *phase, || case.is_mvp()) == FailureKind::Unsupported => {
                Fared::Refused
            }
            ErrorKind::Link => Fared::Uncallable(words),
            // A feature that compiles and is switched off where instances are made.
            ErrorKind::Internal
                if *phase == Some(Phase::CInstantiateFirst) && words.contains("is disabled") =>
            {
                Fared::Uncallable(words)
            }
            ErrorKind::Trap => Fared::Said(Said::Trapped(words)),
            // Nothing is expected yet but marks.
            ErrorKind::WrongResult => Fared::Unmarked(words),
            // Calls do no input or output of their own but for what the guest prints.
            ErrorKind::Io if *phase == Some(Phase::DCallFirst) => Fared::Said(Said::PrintedTooMuch(words)),
            _ => Fared::Broke(words),
        }
    }
}

impl Said {
    /// Whether the two are the same. The messages of traps are not compared, since every engine has its own,
    /// and neither is what a command writes to its standard error.
    pub fn agrees_with(&self, other: &Said) -> bool {
        match (self, other) {
            (Said::Ended(outcome, printed), Said::Ended(others, others_printed)) => {
                let content =
                    |printed: &Option<Output>| printed.as_ref().map(|one| one.stdout.sha256.clone());
                outcome.agrees_with(others) && content(printed) == content(others_printed)
            }
            (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
        }
    }

    /// What counts more in a vote: a result, then an end without one, then none.
    pub fn worth(&self) -> u8 {
        match self {
            Said::Ended(..) => 2,
            Said::Trapped(_) | Said::PrintedTooMuch(_) => 1,
            Said::NeverEnded(_) => 0,
        }
    }

    /// Where its output is kept, for a message.
    pub fn kept(&self) -> Option<String> {
        match self {
            Said::Ended(_, Some(output)) => Some(format!(" ({})", output.stdout.file.display())),
            _ => None,
        }
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Said::Ended(Outcome::Exit(code), Some(Output { stdout, stderr })) => {
                write!(f, "exit code {code}, {} bytes printed", stdout.bytes)?;
                match stderr.bytes {
                    0 => Ok(()),
                    bytes => write!(f, ", {bytes} bytes on standard error"),
                }
            }
            Said::Ended(outcome, _) => write!(f, "{outcome}"),
            Said::Trapped(words) => write!(f, "a trap ({words})"),
            Said::NeverEnded(limit) => write!(f, "no end within {}", humantime::format_duration(*limit)),
            Said::PrintedTooMuch(words) => f.write_str(words),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Error;

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
        assert_eq!(of(ErrorKind::Rejected, Phase::AbCompile), Fared::Refused);
        assert_eq!(of(ErrorKind::Link, Phase::AbCompile), Fared::Refused);
        assert!(matches!(of(ErrorKind::Link, Phase::CInstantiateFirst), Fared::Uncallable(_)));
        // Such as an exit code that it does not give.
        assert!(matches!(of(ErrorKind::Unsupported, Phase::DCallFirst), Fared::Uncallable(_)));
        assert!(matches!(of(ErrorKind::WrongResult, Phase::DCallFirst), Fared::Unmarked(_)));
        assert!(matches!(of(ErrorKind::Trap, Phase::CInstantiateFirst), Fared::Said(Said::Trapped(_))));
        assert!(matches!(of(ErrorKind::Io, Phase::DCallFirst), Fared::Said(Said::PrintedTooMuch(_))));
        assert!(matches!(of(ErrorKind::Internal, Phase::CInstantiateFirst), Fared::Broke(_)));
        let disabled = Error::new(ErrorKind::Internal, "shared memory support is disabled for this engine");
        let failure = RequestFailed { phase: Some(Phase::CInstantiateFirst), error: disabled };
        let fared = Fared::of(&WorkerError::Failed(failure), Doing::Running, &unread_case());
        assert!(matches!(fared, Fared::Uncallable(_)));
    }
}
