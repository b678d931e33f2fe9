//! The phases of WAMR where a module is run as it was loaded, which the workers of its interpreter and its LLVM JIT
//! share, and the description that all three begin with.

use crate::{Bytes, Instance, Module, Runtime, VERSION};
use std::marker::PhantomData;
use std::rc::Rc;
use worker::kit::{self, Ready};
use worker::protocol::{Hello, Result};
use worker::{Engine, Guest};

/// What holds for every way to run a module.
const NOTES: [&str; 3] = [
    "WAMR has one runtime for the process: while a module is held, further engines only count up its users",
    "all exports are called with cells of 32 bits (wasm_runtime_call_wasm): there are no typed calls",
    "the stack for wasm's frames has 1 MiB; iwasm takes 64 KiB",
];

/// A description with what holds for every way to run a module behind `notes`.
pub fn hello(name: &str, compiler: &str, flags: &str, notes: &[&str]) -> Hello {
    let all: Vec<&str> = notes.iter().copied().chain(NOTES).collect();
    kit::hello(name, VERSION, compiler.to_owned(), flags.to_owned(), &all)
}

/// A way to run a module as it was loaded.
pub trait Way {
    /// The name that the worker can be started with.
    const NAMES: &'static [&'static str];

    /// What the configuration `name` is and can do.
    fn describe(name: &str) -> Hello;
}

/// A user of WAMR's runtime.
pub struct InMemory<W>(Rc<Runtime>, PhantomData<W>);

impl<W: Way> Engine for InMemory<W> {
    const CONFIGURATIONS: &'static [&'static str] = W::NAMES;

    type Configuration = ();
    type Module = Rc<Module>;
    type Instance = Ready<Instance>;

    fn describe(name: &str) -> Result<Hello> {
        Ok(W::describe(name))
    }

    fn configure(_: &str) -> Result<()> {
        Ok(())
    }

    fn create((): &()) -> Result<InMemory<W>> {
        Ok(InMemory(Runtime::new()?, PhantomData))
    }

    fn compile(&mut self, wasm: &[u8]) -> Result<Rc<Module>> {
        Ok(Rc::new(Module::load(&self.0, Bytes::copied(wasm)?)?))
    }

    fn instantiate(&mut self, module: &Rc<Module>, guest: &Guest) -> Result<Ready<Instance>> {
        let instance = Instance::owned(module.instantiate(guest)?, Rc::clone(module));
        Ready::find(instance, guest)
    }
}
