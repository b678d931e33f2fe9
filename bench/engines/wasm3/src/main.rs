//! wasm3 as a worker: an interpreter in C that translates a function to a chain of operations when it is called
//! first.

mod api;
mod instance;

use api::{Environment, Parsed, Runtime};
use instance::{Instance, Stop};
use std::cell::Cell;
use std::rc::Rc;
use worker::kit::{self, Ready, Trap};
use worker::protocol::{Ability, Entry, Error, Hello, Result};
use worker::{Engine, Guest};

/// Of the C sources, which come in a crate of another version.
const VERSION: &str = "0.9.0";

const NOTES: [&str; 4] = [
    "a+b parses the module; a function is translated when it is found or called first, in each instance anew: c and \
     the first d contain it",
    "wasm3 loads a parsed module once, so each further instance parses it again: c warm contains that, c first does not",
    "all exports are called with dynamic values (m3_Call): there are no typed calls",
    "the stack for values has 1 MiB",
];

const NO_WASI: &str = "this worker leaves out wasm3's WASI, which uses the process's own streams and folders";

fn main() -> std::io::Result<()> {
    worker::serve::<Wasm3>()
}

/// An environment, to which modules belong.
struct Wasm3(Rc<Environment>);

/// A module's bytes, and what parsing has made of them until the first instance takes it.
struct Module {
    bytes: Rc<[u8]>,
    parsed: Cell<Option<Parsed>>,
}

impl Engine for Wasm3 {
    const CONFIGURATIONS: &'static [&'static str] = &["wasm3"];

    type Configuration = ();
    type Module = Module;
    type Instance = Ready<Instance>;

    fn describe(name: &str) -> Result<Hello> {
        let compiler = format!("wasm3 {VERSION}'s chain of operations, interpreted");
        let flags = "the system's C compiler with -O3; wasm3's defaults";
        let mut hello = kit::hello(name, VERSION, compiler, flags.to_owned(), &NOTES);
        hello.can.parse = Ability::no("the runtime offers no validation apart from parsing");
        hello.can.aot = Ability::no("the runtime cannot save a module");
        hello.can.wasi = Ability::no(NO_WASI);
        Ok(hello)
    }

    fn configure(_: &str) -> Result<()> {
        Ok(())
    }

    fn create((): &()) -> Result<Wasm3> {
        Ok(Wasm3(Rc::new(Environment::new())))
    }

    fn compile(&mut self, wasm: &[u8]) -> Result<Module> {
        // wasm3 points into the bytes, so they must stay.
        let bytes: Rc<[u8]> = Rc::from(wasm);
        let parsed = self.parsed(&bytes)?;
        Ok(Module { bytes, parsed: Cell::new(Some(parsed)) })
    }

    fn instantiate(&mut self, module: &Module, guest: &Guest) -> Result<Ready<Instance>> {
        let Entry::Export { name, .. } = &guest.entry else { return Err(Error::unsupported(NO_WASI)) };
        let parsed = module.parsed.take().map_or_else(|| self.parsed(&module.bytes), Ok)?;
        let stop = |failure| Stop(failure).at_start();
        let runtime = Runtime::load(parsed).map_err(stop)?;
        runtime.start().map_err(stop)?;
        // Says what is wrong where the function cannot be translated, such as an import that is missing.
        runtime.find(name).map_err(stop)?;
        Ready::find(Instance { runtime }, guest)
    }
}

impl Wasm3 {
    fn parsed(&self, bytes: &Rc<[u8]>) -> Result<Parsed> {
        Parsed::new(&self.0, Rc::clone(bytes)).map_err(|failure| Error::rejected(failure.0))
    }
}
