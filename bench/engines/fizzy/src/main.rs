//! fizzy as a worker: an interpreter in C++ for WebAssembly 1.0, which runs bytecode with resolved jumps.

mod api;
mod instance;

use api::Module;
use instance::{Instance, Stop};
use worker::kit::{self, Ready, Trap};
use worker::protocol::{Ability, Entry, Error, Hello, Result};
use worker::{Engine, Guest};

/// Of the C++ sources, which come in a crate of another version.
const VERSION: &str = "0.9.0-dev";

const NOTES: [&str; 4] = [
    "a+b parses, validates and translates the module",
    "fizzy's instance takes its module over, so each instantiation copies the parsed module: c contains that",
    "WebAssembly 1.0 alone, and at most 2,048 calls deep; a memory may have 4 GiB, where fizzy's default is 256 MiB",
    "each call makes an execution context; fizzy does not say why a call traps",
];

const NO_WASI: &str = "fizzy's library has no WASI";

const NO_PARSE: &str = "fizzy_validate does all that fizzy_parse does";

fn main() -> std::io::Result<()> {
    worker::serve::<Fizzy>()
}

/// A runtime without a state of its own.
struct Fizzy;

impl Engine for Fizzy {
    const CONFIGURATIONS: &'static [&'static str] = &["fizzy"];

    type Configuration = ();
    type Module = Module;
    type Instance = Ready<Instance>;

    fn describe(name: &str) -> Result<Hello> {
        let compiler = format!("fizzy {VERSION}'s translation, interpreted");
        let flags = "the system's C++ compiler with -O3 -DNDEBUG; no metering";
        let mut hello = kit::hello(name, VERSION, compiler, flags.to_owned(), &NOTES);
        hello.can.parse = Ability::no(NO_PARSE);
        hello.can.aot = Ability::no("the runtime cannot save a module");
        hello.can.wasi = Ability::no(NO_WASI);
        Ok(hello)
    }

    fn configure(_: &str) -> Result<()> {
        Ok(())
    }

    fn create((): &()) -> Result<Fizzy> {
        Ok(Fizzy)
    }

    fn compile(&mut self, wasm: &[u8]) -> Result<Module> {
        Module::new(wasm).map_err(|failure| Error::rejected(failure.words))
    }

    fn instantiate(&mut self, module: &Module, guest: &Guest) -> Result<Ready<Instance>> {
        if matches!(guest.entry, Entry::Command { .. }) {
            return Err(Error::unsupported(NO_WASI));
        }
        let instance = api::Instance::new(module).map_err(|failure| Stop::Failed(failure).at_start())?;
        Ready::find(Instance { instance }, guest)
    }
}
