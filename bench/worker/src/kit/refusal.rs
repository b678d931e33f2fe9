//! What a WASI implementation refuses a guest: its errors have words and no type.

use protocol::Error;

/// Words of the implementation that several runtimes share, each followed by its source's other text.
const EXIT_CODE: &str = "exit with invalid exit status";
const NO_MEMORY: &str = "missing required memory export";

/// The error of a call that neither trapped nor exited, from the runtime's `words`: a refusal of WASI, or a
/// failure of the engine itself. Only the part that says it stays of a refusal.
pub fn refusal_or_internal(words: &str) -> Error {
    let from = |known: &str| words.find(known).map(|at| words[at..].lines().next().unwrap_or_default());
    if let Some(words) = from(EXIT_CODE) {
        return Error::unsupported(words);
    }
    match from(NO_MEMORY) {
        Some(words) => Error::link(words),
        None => Error::internal(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::ErrorKind;

    #[test]
    fn refusals_are_told_from_failures_and_keep_their_words() {
        let of = |words: &str| {
            let error = refusal_or_internal(words);
            (error.kind, error.message)
        };
        let refused = "exit with invalid exit status outside of [0..126)";
        assert_eq!(
            of(&format!("error while executing at wasm backtrace: 1: {refused}\nmore")),
            (ErrorKind::Unsupported, refused.to_owned())
        );
        assert_eq!(of(NO_MEMORY), (ErrorKind::Link, NO_MEMORY.to_owned()));
        assert_eq!(of("out of files"), (ErrorKind::Internal, "out of files".to_owned()));
    }
}
