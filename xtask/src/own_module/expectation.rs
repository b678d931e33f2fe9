//! What the user expects of a module: the results that count are those that are as expected, and cells with
//! others fail.

use super::fared::{Output, Printed, Said};
use super::vote::Ballot;
use anyhow::{Result, bail};
use bench::plan::Case;
use protocol::Outcome;
use std::path::PathBuf;

/// What the user expects; `None` where the vote decides.
#[derive(Clone, Debug, Default)]
pub struct Expectations {
    /// How a call ends, and the option that says so.
    pub outcome: Option<(Outcome, &'static str)>,
    /// What a command prints.
    pub stdout: Option<ExpectedOutput>,
    /// What it writes to its standard error.
    pub stderr: Option<ExpectedOutput>,
}

/// The output that the user expects on one stream.
#[derive(Clone, Debug)]
pub struct ExpectedOutput {
    /// The run's copy.
    pub file: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// Writes what is `expected` into `case`, and gives the ballots that are as expected, besides those without a
/// result; the cells of the other engines fail.
///
/// # Errors
/// When no engine of those that have a result gives what is expected.
pub fn keep_right(
    expected: &Expectations,
    ballots: Vec<Ballot>,
    case: &mut Case,
    file: &str,
) -> Result<Vec<Ballot>> {
    case.expected = expected.outcome.as_ref().map(|(outcome, _)| outcome.clone());
    case.expected_stdout = expected.stdout.as_ref().map(|output| output.file.clone());
    case.expected_stderr = expected.stderr.as_ref().map(|output| output.file.clone());
    let (mut right, mut wrong) = (Vec::new(), Vec::new());
    for ballot in ballots {
        match expected.objection(&ballot.said) {
            None => right.push(ballot),
            Some(Objection { reason, got, wanted }) => {
                wrong.push((format!("{} {got}", ballot.engine), wanted));
                case.failing.insert(ballot.engine, reason);
            }
        }
    }
    let has_result = right.iter().any(|ballot| matches!(ballot.said, Said::Ended(..)));
    if let (Some((_, wanted)), false) = (wrong.first(), has_result) {
        let got: Vec<&str> = wrong.iter().map(|(got, _)| got.as_str()).collect();
        bail!(
            "{file}: no engine {wanted}: {}; correct what is expected, or leave the option out to expect the \
             majority result",
            got.join(", ")
        );
    }
    Ok(right)
}

/// What is wrong with a result.
struct Objection {
    /// For the cell.
    reason: String,
    /// What the engine did, and what no engine did.
    got: String,
    wanted: String,
}

impl Expectations {
    fn objection(&self, said: &Said) -> Option<Objection> {
        let Said::Ended(outcome, output) = said else { return None };
        if let Some((expected, option)) =
            self.outcome.as_ref().filter(|(expected, _)| !outcome.agrees_with(expected))
        {
            return Some(Objection {
                reason: format!("wrong result: expected {expected}, got {outcome}"),
                got: format!("has {outcome}"),
                wanted: format!("has the {expected} of {option}"),
            });
        }
        let Output { stdout, stderr } = output.as_ref()?;
        let stdout = objection("output", "--expect-stdout", self.stdout.as_ref(), stdout);
        stdout.or_else(|| objection("standard error", "--expect-stderr", self.stderr.as_ref(), stderr))
    }
}

fn objection(
    stream: &str,
    option: &str,
    expected: Option<&ExpectedOutput>,
    printed: &Printed,
) -> Option<Objection> {
    let expected = expected.filter(|expected| expected.sha256 != printed.sha256)?;
    let (bytes, wanted) = (printed.bytes, expected.bytes);
    Some(Objection {
        reason: format!("wrong {stream}: {bytes} bytes differ from the expected {wanted}"),
        got: format!("printed {bytes} bytes ({})", printed.file.display()),
        wanted: format!("prints the {wanted} bytes of {option}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{Entry, Value};

    fn ballot(engine: &str, result: i32) -> Ballot {
        let said = Said::Ended(Outcome::One(Value::I32(result)), None);
        Ballot { engine: engine.to_owned(), runtime: engine.to_owned(), said }
    }

    fn kept(ballots: Vec<Ballot>) -> (Result<Vec<Ballot>>, Case) {
        let entry = Entry::Export { name: "f".to_owned(), args: Vec::new() };
        let mut case = Case::own("m", std::path::Path::new("/none"), entry);
        let outcome = Some((Outcome::One(Value::I32(5)), "--expect"));
        let expected = Expectations { outcome, ..Expectations::default() };
        (keep_right(&expected, ballots, &mut case, "m.wasm"), case)
    }

    #[test]
    fn an_engine_that_gives_another_result_than_the_user_expects_fails_even_in_the_majority() {
        let (right, case) = kept(vec![ballot("a", 6), ballot("b", 6), ballot("c", 5)]);
        assert_eq!(right.unwrap(), [ballot("c", 5)]);
        assert_eq!(case.failing["a"], "wrong result: expected 5, got 6");
        assert_eq!(case.expected, Some(Outcome::One(Value::I32(5))));
    }

    #[test]
    fn a_result_that_no_engine_has_is_an_error_that_says_what_they_have() {
        let error = kept(vec![ballot("a", 6)]).0.unwrap_err().to_string();
        assert!(error.starts_with("m.wasm: no engine has the 5 of --expect: a has 6; correct"), "{error}");
    }
}
