//! Lucet's errors as the protocol's: which sort, in Lucet's own words.

use lucet_module::Error as BindingError;
use lucet_runtime::{FaultDetails, TerminationDetails};
use protocol::{Error, ErrorKind, Outcome, Result};
use wasmparser::{Validator, WasmFeatures};

/// An error with its causes in one line, without those that it has quoted itself.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}

/// A module that lucetc does not take: by design where it is valid WebAssembly of some kind.
pub fn rejected(error: &lucetc::Error, wasm: &[u8]) -> Error {
    let message = chain(error);
    let kind = match error {
        lucetc::Error::LucetModule(
            BindingError::UnknownSymbol { .. } | BindingError::UnknownModule { .. },
        ) => ErrorKind::Link,
        lucetc::Error::IOError(_) => ErrorKind::Io,
        _ if Validator::new_with_features(WasmFeatures::all()).validate_all(wasm).is_ok() => {
            ErrorKind::Unsupported
        }
        _ => ErrorKind::Invalid,
    };
    Error::new(kind, message)
}

/// An instantiation that failed: its start function, or a limit.
pub fn instantiation(error: &lucet_runtime::Error) -> Error {
    match ended(error) {
        Ok(outcome) => Error::trap(format!("the start function ended the program: {outcome}")),
        Err(error) => error,
    }
}

/// How a call ended that did not return: by leaving the program, or by a trap.
///
/// # Errors
/// [`ErrorKind::Trap`] for traps; anything else is internal.
#[cold]
pub fn ended(error: &lucet_runtime::Error) -> Result<Outcome> {
    match error {
        lucet_runtime::Error::RuntimeFault(fault) => Err(Error::trap(describe(fault))),
        lucet_runtime::Error::RuntimeTerminated(TerminationDetails::Provided(details)) => {
            match details.downcast_ref::<lucet_wasi::__wasi_exitcode_t>() {
                Some(code) => Ok(Outcome::Exit(code.cast_signed())),
                None => Err(Error::internal("the guest was ended without an exit code")),
            }
        }
        lucet_runtime::Error::RuntimeTerminated(TerminationDetails::CtxNotFound) => {
            Err(Error::unsupported("the export calls WASI, which Lucet's worker gives to commands only"))
        }
        error => Err(Error::internal(chain(error))),
    }
}

fn describe(fault: &FaultDetails) -> String {
    match fault.trapcode {
        Some(code) => format!("{code:?}"),
        None => fault.to_string(),
    }
}
