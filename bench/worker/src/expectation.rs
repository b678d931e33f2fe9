//! What every call must end in and print.

use crate::Stdio;
use protocol::{Error, ErrorKind, OUTPUT_LIMIT_BYTES, Outcome, Result};

/// What is expected of a call; `None` accepts anything.
#[derive(Debug, Default)]
pub(crate) struct Expectation {
    /// How it ends.
    pub(crate) outcome: Option<Outcome>,
    /// What the guest's standard output holds.
    pub(crate) stdout: Option<Vec<u8>>,
    /// The same of its standard error.
    pub(crate) stderr: Option<Vec<u8>>,
}

impl Expectation {
    /// The outcome of a call, if it is the expected one and the guest printed what it should. Output that was cut
    /// off is reported first, since it may be why the call failed.
    pub(crate) fn checked(&self, outcome: Result<Outcome>, stdio: &Stdio) -> Result<Outcome> {
        if stdio.is_full()? {
            // Frees the memory of the output, which other workers need.
            stdio.rewind()?;
            let limit = OUTPUT_LIMIT_BYTES >> 20;
            let message = format!("the guest printed more than {limit} MiB, the most that is kept");
            return Err(Error::new(ErrorKind::Io, message));
        }
        let outcome = outcome?;
        if let Some(expected) = self.outcome.as_ref().filter(|expected| !outcome.agrees_with(expected)) {
            return Err(wrong(format!("wrong result: expected {expected}, got {outcome}")));
        }
        if let Some(expected) = &self.stdout {
            compare("output", expected, &stdio.stdout_bytes()?)?;
        }
        if let Some(expected) = &self.stderr {
            compare("standard error", expected, &stdio.stderr_bytes()?)?;
        }
        Ok(outcome)
    }
}

fn compare(stream: &str, expected: &[u8], printed: &[u8]) -> Result<()> {
    if printed == expected {
        return Ok(());
    }
    let (want, got) = (expected.len(), printed.len());
    Err(wrong(format!("wrong {stream}: {got} bytes differ from the expected {want}")))
}

fn wrong(message: String) -> Error {
    Error::new(ErrorKind::WrongResult, message)
}
