//! submilli-wasm as a worker: an interpreter that is made for short compilation, with Wasmtime's interface and
//! artifacts of its own.

mod instance;

use instance::{Instance, Stop};
use std::path::Path;
use submilli_wasm::{Config, Linker, Module, Store, ThrownException, Trap};
use worker::kit::{self, Ready};
use worker::protocol::{Ability, Entry, Error, Hello, Result};
use worker::{Engine, Guest, locked_version, marks};

const NOTES: [&str; 2] = [
    "a+b validates and lowers all functions in one walk over the module",
    "exports of type (i32) -> i64 are called through TypedFunc, others through Func::call with dynamic values",
];

const NO_WASI: &str = "submilli-wasm has no WASI";

fn main() -> std::io::Result<()> {
    worker::serve::<Submilli>()
}

/// An engine, and the functions that its modules may import.
struct Submilli {
    engine: submilli_wasm::Engine,
    linker: Linker<()>,
}

impl Engine for Submilli {
    const CONFIGURATIONS: &'static [&'static str] = &["submilli"];

    type Configuration = Config;
    type Module = Module;
    type Instance = Ready<Instance>;

    fn describe(name: &str) -> Result<Hello> {
        let version = locked_version!("submilli-wasm");
        let flags = "feature simd; fat LTO, one codegen unit; modules and locals of any number";
        let compiler = format!("submilli-wasm {version}'s lowering, interpreted");
        let mut hello = kit::hello(name, version, compiler, flags.to_owned(), &NOTES);
        hello.can.wasi = Ability::no(NO_WASI);
        Ok(hello)
    }

    /// The defaults, but for the limits that it sets on modules that nobody trusts.
    fn configure(_: &str) -> Result<Config> {
        let mut config = Config::new();
        config.max_module_bytes(usize::MAX).max_expanded_locals(usize::MAX);
        Ok(config)
    }

    fn create(config: &Config) -> Result<Submilli> {
        let engine = submilli_wasm::Engine::new(config).map_err(|error| internal(&error))?;
        let mut linker = Linker::new(&engine);
        linker.func_wrap(marks::MODULE, marks::START, marks::start).map_err(|error| internal(&error))?;
        linker.func_wrap(marks::MODULE, marks::END, marks::end).map_err(|error| internal(&error))?;
        Ok(Submilli { engine, linker })
    }

    fn parse(&mut self, wasm: &[u8]) -> Result<()> {
        Module::validate(&self.engine, wasm).map_err(|error| rejected(&error))
    }

    fn compile(&mut self, wasm: &[u8]) -> Result<Module> {
        Module::from_binary(&self.engine, wasm).map_err(|error| rejected(&error))
    }

    fn save(&mut self, module: &Module, artifact: &Path) -> Result<()> {
        let bytes = module.serialize().map_err(|error| internal(&error))?;
        Ok(std::fs::write(artifact, bytes)?)
    }

    fn load(&mut self, artifact: &Path) -> Result<Module> {
        let bytes = std::fs::read(artifact).map_err(|error| Error::unreadable(artifact, &error))?;
        // SAFETY: the artifact was written by `save` of this worker; it is checked for its version, and a
        // damaged one is a trap at worst, since the crate has no unsafe code.
        unsafe { Module::deserialize(&self.engine, bytes) }.map_err(|error| rejected(&error))
    }

    fn instantiate(&mut self, module: &Module, guest: &Guest) -> Result<Ready<Instance>> {
        if matches!(guest.entry, Entry::Command { .. }) {
            return Err(Error::unsupported(NO_WASI));
        }
        let mut store = Store::new(&self.engine, ());
        let exports = self.linker.instantiate(&mut store, module).map_err(stopped)?;
        Ready::find(Instance { store, exports }, guest)
    }
}

/// An instantiation that failed: an import that is not there, or a trap of the start function.
fn stopped(error: submilli_wasm::Error) -> Error {
    if error.is::<Trap>() || error.is::<ThrownException>() {
        return kit::Trap::at_start(&Stop(error));
    }
    Error::link(format!("{error:#}"))
}

fn rejected(error: &submilli_wasm::Error) -> Error {
    Error::rejected(format!("{error:#}"))
}

fn internal(error: &submilli_wasm::Error) -> Error {
    Error::internal(format!("{error:#}"))
}
