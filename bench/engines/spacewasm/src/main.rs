//! SpaceWasm as a worker: NASA's interpreter for programs on board of spacecraft, which takes WebAssembly 1.0.

mod decoded;
mod instance;

use decoded::Decoded;
use instance::Instance;
use std::cell::Cell;
use worker::kit::{self, Ready, Trap};
use worker::protocol::{Ability, Entry, Error, Hello, Result};
use worker::{Engine, Guest, locked_version};

const NOTES: [&str; 4] = [
    "a+b decodes the module, resolves its imports and fills its memory: the runtime has no module apart from an \
     instance, so a module's first c only runs the start function",
    "a warm c decodes the module again: that is what another instance costs",
    "all exports are called with dynamic values: there are no typed calls",
    "a call counts its instructions, as the interpreter's loop does, up to 2^64",
];

const NO_WASI: &str = "the crate has no WASI";

fn main() -> std::io::Result<()> {
    worker::serve::<SpaceWasm>()
}

/// The interpreter, which has no state of its own: each instance has a store.
struct SpaceWasm;

/// A module, and its first instance as long as nobody has it.
struct Module {
    wasm: Box<[u8]>,
    first: Cell<Option<Decoded>>,
}

impl Engine for SpaceWasm {
    const CONFIGURATIONS: &'static [&'static str] = &["spacewasm"];

    type Configuration = ();
    type Module = Module;
    type Instance = Ready<Instance>;

    fn describe(name: &str) -> Result<Hello> {
        let version = locked_version!("spacewasm");
        let compiler = format!("SpaceWasm {version}'s own code, interpreted");
        let flags = "fat LTO, one codegen unit; memory.grow allowed; 1 MiB stack; at most 1,024 nested blocks and \
                     operands of a function";
        let mut hello = kit::hello(name, version, compiler, flags.to_owned(), &NOTES);
        hello.can.parse = Ability::no("the runtime offers no validation apart from decoding");
        hello.can.aot = Ability::no("the runtime cannot save a module");
        hello.can.wasi = Ability::no(NO_WASI);
        Ok(hello)
    }

    fn configure(_: &str) -> Result<()> {
        Ok(())
    }

    fn create((): &()) -> Result<SpaceWasm> {
        Ok(SpaceWasm)
    }

    fn compile(&mut self, wasm: &[u8]) -> Result<Module> {
        let first = Cell::new(Some(Decoded::new(wasm)?));
        Ok(Module { wasm: Box::from(wasm), first })
    }

    fn instantiate(&mut self, module: &Module, guest: &Guest) -> Result<Ready<Instance>> {
        if matches!(guest.entry, Entry::Command { .. }) {
            return Err(Error::unsupported(NO_WASI));
        }
        let decoded = module.first.take().map_or_else(|| Decoded::new(&module.wasm), Ok)?;
        let instance = Instance::started(decoded).map_err(|stop| stop.at_start())?;
        Ready::find(instance, guest)
    }
}
