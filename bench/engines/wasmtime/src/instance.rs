//! A store with one instance in it, how its exports are called, and what its errors mean.

use wasmtime::{ThrownException, Trap};
use wasmtime_wasi::I32Exit;
use wasmtime_wasi::p1::WasiP1Ctx;
use worker::in_a_store;
use worker::kit::Bits;
use worker::protocol::Error;

/// What a store carries: a WASI context, for guests that need one.
pub type State = Option<WasiP1Ctx>;

in_a_store!(wasmtime, State, Bits, Bits);

impl worker::kit::Trap for Stop {
    fn exit_code(&self) -> Option<i32> {
        self.0.downcast_ref::<I32Exit>().map(|exit| exit.0)
    }

    fn error(&self) -> Error {
        if let Some(trap) = self.0.downcast_ref::<Trap>() {
            return Error::trap(trap);
        }
        if self.0.is::<ThrownException>() {
            return Error::trap("ended by an uncaught exception");
        }
        worker::kit::refusal_or_internal(&format!("{:#}", self.0))
    }
}

/// A failure of the engine itself.
pub fn failure(error: &wasmtime::Error) -> Error {
    Error::internal(format!("{error:#}"))
}

/// An import that cannot be resolved.
pub fn link(error: &wasmtime::Error) -> Error {
    Error::link(format!("{error:#}"))
}

/// An instantiation that failed: a trap, an exit, or a lack of resources.
pub fn instantiation(error: wasmtime::Error) -> Error {
    worker::kit::Trap::at_start(&Stop(error))
}
