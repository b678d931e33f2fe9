//! Wasmtime's errors as the protocol's: which sort, in Wasmtime's own words.

use protocol::{Error, ErrorKind, Outcome, Result};
use std::path::Path;
use wasmparser::{Validator, WasmFeatures};
use wasmtime::Trap;
use wasmtime_wasi::I32Exit;

/// A failure of the engine itself.
pub fn internal(error: &wasmtime::Error) -> Error {
    Error::internal(format!("{error:#}"))
}

/// An import or the entry that cannot be resolved.
pub fn link(error: &wasmtime::Error) -> Error {
    Error::link(format!("{error:#}"))
}

/// A module that Wasmtime does not take: by design where it is valid WebAssembly of some kind.
pub fn rejected(error: &wasmtime::Error, wasm: &[u8]) -> Error {
    let message = format!("{error:#}");
    let valid = Validator::new_with_features(WasmFeatures::all()).validate_all(wasm).is_ok();
    if valid { Error::unsupported(message) } else { Error::invalid(message) }
}

/// An artifact that cannot be read, or is none of this configuration.
pub fn not_loaded(error: &wasmtime::Error, artifact: &Path) -> Error {
    match std::fs::metadata(artifact) {
        Err(io) => Error::new(ErrorKind::Io, format!("cannot read {}: {io}", artifact.display())),
        Ok(_) => Error::invalid(format!("{error:#}")),
    }
}

/// An instantiation that failed: a trap, or a lack of resources.
pub fn instantiation(error: &wasmtime::Error) -> Error {
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
pub fn ended(error: &wasmtime::Error) -> Result<Outcome> {
    if let Some(exit) = error.downcast_ref::<I32Exit>() {
        return Ok(Outcome::Exit(exit.0));
    }
    match error.downcast_ref::<Trap>() {
        Some(trap) => Err(Error::trap(trap)),
        None => Err(Error::internal(format!("{error:#}"))),
    }
}
