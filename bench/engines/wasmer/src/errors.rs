//! Wasmer's errors, sorted into the protocol's.

use protocol::{Error, ErrorKind};
use wasmer::{CompileError, InstantiationError, LinkError, RuntimeError};

/// The guest's trap in Wasmer's words, without the stack trace.
pub fn trap(error: &RuntimeError) -> Error {
    Error::trap(error.message())
}

/// A module that was not compiled: bad, or not of Wasmer's kind.
pub fn compile_error(error: CompileError) -> Error {
    match error {
        CompileError::Wasm(_) | CompileError::Validate(_) => Error::invalid(error),
        CompileError::UnsupportedFeature(_) | CompileError::UnsupportedTarget(_) => Error::unsupported(error),
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
