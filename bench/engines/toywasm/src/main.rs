//! toywasm as a worker: an interpreter in C that runs a module's bytecode in place, with tables beside it that
//! validation leaves behind.

mod api;
mod instance;

use api::Module;
use instance::{Instance, Stop};
use std::rc::Rc;
use worker::kit::{self, Ready, Trap};
use worker::protocol::{Ability, Entry, Error, Hello, Result};
use worker::{Engine, Guest};

/// Of the crate that carries the C sources, which do not name their own version.
const VERSION: &str = "toywasmx-sys 0.2.0";

const NOTES: [&str; 4] = [
    "a+b copies the module's bytes, which toywasm points into, parses and validates them, and notes where blocks end; they \
     are run as they are",
    "each call makes an execution context with a stack of its own, as toywasm's own program does",
    "at most 65,536 frames and 4 Mi cells of stack: toywasm itself sets no bound",
    "SIMD is in, in plain C; exceptions, tail calls, threads and more than one memory are off, as by default",
];

const NO_WASI: &str = "this worker leaves out toywasm's WASI";

fn main() -> std::io::Result<()> {
    worker::serve::<Toywasm>()
}

/// What modules and instances belong to.
struct Toywasm(Rc<api::Engine>);

impl Engine for Toywasm {
    const CONFIGURATIONS: &'static [&'static str] = &["toywasm"];

    type Configuration = ();
    type Module = Rc<Module>;
    type Instance = Ready<Instance>;

    fn describe(name: &str) -> Result<Hello> {
        let compiler = "toywasm's bytecode in place, interpreted".to_owned();
        let flags = "the system's C compiler with -O3 -fshort-enums; toywasm's defaults";
        let mut hello = kit::hello(name, VERSION, compiler, flags.to_owned(), &NOTES);
        hello.can.parse = Ability::no("the runtime offers no validation apart from loading a module");
        hello.can.aot = Ability::no("the runtime cannot save a module");
        hello.can.wasi = Ability::no(NO_WASI);
        Ok(hello)
    }

    fn configure(_: &str) -> Result<()> {
        Ok(())
    }

    fn create((): &()) -> Result<Toywasm> {
        let engine = api::Engine::new().ok_or_else(|| Error::internal("no memory for an engine"))?;
        Ok(Toywasm(Rc::new(engine)))
    }

    fn compile(&mut self, wasm: &[u8]) -> Result<Rc<Module>> {
        Module::new(&self.0, wasm).map(Rc::new).map_err(|failure| Error::rejected(failure.words))
    }

    fn instantiate(&mut self, module: &Rc<Module>, guest: &Guest) -> Result<Ready<Instance>> {
        if matches!(guest.entry, Entry::Command { .. }) {
            return Err(Error::unsupported(NO_WASI));
        }
        let instance = api::Instance::link(module).map_err(|failure| Error::link(failure.words))?;
        instance.init().map_err(|failure| Stop(failure).at_start())?;
        Ready::find(Instance { instance }, guest)
    }
}
