//! A store with one instance in it, and what its errors mean.

use submilli_wasm::{ThrownException, Trap};
use worker::in_a_store;
use worker::kit::{self, Bits};
use worker::protocol::Error;

in_a_store!(submilli_wasm, (), Bits, Bits);

impl kit::Trap for Stop {
    fn exit_code(&self) -> Option<i32> {
        None
    }

    fn error(&self) -> Error {
        if let Some(trap) = self.0.downcast_ref::<Trap>() {
            return Error::trap(trap);
        }
        if self.0.is::<ThrownException>() {
            return Error::trap("ended by an uncaught exception");
        }
        kit::refusal_or_internal(&format!("{:#}", self.0))
    }
}
