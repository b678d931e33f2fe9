//! Wasmer's errors, sorted into the protocol's.

use protocol::{Error, ErrorKind, Outcome, Result};
use wasmer::{CompileError, InstantiationError, LinkError, RuntimeError};
use wasmer_wasix::{WasiError, WasiRuntimeError, WasiThreadError};

/// How a call ended that did not return: by leaving the program, or by a trap.
///
/// # Errors
/// [`ErrorKind::Trap`] for traps; anything else is internal.
#[cold]
pub fn ended(error: &RuntimeError) -> Result<Outcome> {
    match error.downcast_ref::<WasiError>() {
        Some(WasiError::Exit(code)) => Ok(Outcome::Exit(code.raw())),
        Some(other) => Err(Error::internal(other)),
        None => Err(trap(error)),
    }
}

/// The guest's trap in Wasmer's words, without the stack trace.
fn trap(error: &RuntimeError) -> Error {
    Error::trap(error.message())
}

/// A module that was not compiled: bad, or not of Wasmer's kind.
pub fn compile_error(error: CompileError) -> Error {
    match error {
        CompileError::Wasm(_) | CompileError::Validate(_) => Error::invalid(error),
        CompileError::UnsupportedFeature(_) | CompileError::UnsupportedTarget(_) => Error::unsupported(error),
        // Singlepass' way to say that it has no such instruction.
        CompileError::Codegen(words) if words.starts_with("not yet implemented") => Error::unsupported(words),
        other => Error::new(ErrorKind::Internal, other),
    }
}

/// An instance that was not made.
pub fn instantiation_error(error: InstantiationError) -> Error {
    match error {
        InstantiationError::Start(error) | InstantiationError::Link(LinkError::Trap(error)) => trap(&error),
        InstantiationError::Link(error @ LinkError::Import(..)) => Error::link(error),
        other => Error::internal(other),
    }
}

/// An instance with WASI that was not made.
pub fn wasi_instantiation_error(error: WasiRuntimeError) -> Error {
    match error {
        WasiRuntimeError::Thread(WasiThreadError::InstanceCreateFailed(error)) => instantiation_error(*error),
        WasiRuntimeError::Thread(WasiThreadError::ExportError(error)) => Error::link(error),
        WasiRuntimeError::Thread(WasiThreadError::InitFailed(error)) => match error.downcast_ref() {
            Some(error) => trap(error),
            None => Error::internal(error),
        },
        other => Error::internal(other),
    }
}
