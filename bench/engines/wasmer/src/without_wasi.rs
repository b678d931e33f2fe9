//! What stands in the place of WASI in the worker for modules that do not import it. No value of [`Wasi`]
//! exists, so none of its methods is in the program.

use wasmer::{Instance, Module, RuntimeError, Store};
use worker::Guest;
use worker::protocol::{Ability, Error, Hello, Result};

const REASON: &str = "built without WASI: modules that import it are measured with the other worker";

/// What the guests of one engine would share.
pub enum Wasi {}

/// The context that calls would be made in; nothing makes one.
pub struct Context(());

impl Wasi {
    /// Says that there is none.
    pub fn new(_: &wasmer::Engine) -> Result<Wasi> {
        Err(Error::unsupported(REASON))
    }

    /// The context of what there is none of.
    pub fn context(&self) -> Context {
        match *self {}
    }

    /// An instance of what there is none of.
    pub fn instantiate(&self, _: &mut Store, _: &Module, _: &Guest) -> Result<Instance> {
        match *self {}
    }
}

impl Context {
    /// Enters what there is none of.
    pub fn enter(&self) {
        let Context(()) = self;
    }
}

/// Says that there is no WASI.
pub fn describe(hello: &mut Hello) {
    hello.can.wasi = Ability::no(REASON);
}

/// No trap is a WASI program's end.
pub fn exit_code(_: &RuntimeError) -> Option<i32> {
    None
}

/// No trap is a failure of WASI.
pub fn failure(_: &RuntimeError) -> Option<Error> {
    None
}
