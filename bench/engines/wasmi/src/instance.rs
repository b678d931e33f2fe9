//! A store with one instance in it, and what its errors mean.

use wasmi_wasi::WasiCtx;
use worker::in_a_store;
use worker::kit::{self, Trap};
use worker::protocol::Error;

/// What a store carries: a WASI context, for guests that need one.
pub type State = Option<WasiCtx>;

in_a_store!(wasmi, State, wasmi::F32, wasmi::F64);

impl Trap for Stop {
    fn exit_code(&self) -> Option<i32> {
        self.0.i32_exit_status()
    }

    fn error(&self) -> Error {
        match self.0.kind() {
            wasmi::errors::ErrorKind::Linker(error) => Error::link(error),
            _ if self.0.as_trap_code().is_some() => Error::trap(&self.0),
            _ => kit::refusal_or_internal(&self.0.to_string()),
        }
    }
}
