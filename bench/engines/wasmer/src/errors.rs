//! Wasmer's errors, sorted into the protocol's.

use wasmer::{CompileError, InstantiationError, LinkError, RuntimeError};
use worker::protocol::{Error, ErrorKind};

/// The guest's trap in Wasmer's words, without the stack trace.
pub fn trap(error: &RuntimeError) -> Error {
    if error.is_exception() {
        return Error::trap("ended by an uncaught exception");
    }
    Error::trap(error.message())
}

/// A module that was not compiled: bad, or not of Wasmer's kind.
pub fn compile_error(error: CompileError) -> Error {
    match error {
        CompileError::Wasm(_) | CompileError::Validate(_) => Error::rejected(error),
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
