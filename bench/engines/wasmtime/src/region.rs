//! `bench.start` and `bench.end`, for modules that mark the stretch to be timed.

use crate::{State, errors};
use protocol::{Result, region};
use wasmtime::Linker;

/// Defines the two functions, once for an engine.
///
/// # Errors
/// When Wasmtime refuses one of them.
pub fn define(linker: &mut Linker<State>) -> Result<()> {
    let defined = linker
        .func_wrap(region::MODULE, region::START, region::start)
        .and_then(|linker| linker.func_wrap(region::MODULE, region::END, region::end));
    defined.map(drop).map_err(|error| errors::internal(&error))
}
