//! wasmi as a worker: an interpreter that translates functions to its own code, all of them when a
//! module is compiled (eager) or each at its first call (lazy, wasmi's default).

mod instance;
mod wasi;

use instance::{Instance, State, Stop};
use wasmi::{CompilationMode, Config, Linker, Module, Store};
use worker::kit::{self, Ready, Trap};
use worker::protocol::{Ability, Error, Hello, Result};
use worker::{Engine, Guest, locked_version, marks};

const NOTES: [&str; 3] = [
    "the host functions of WASI are defined with the engine, outside every total",
    "exports of type (i32) -> i64 are called through TypedFunc, others through Func::call with dynamic values",
    "wasmi-lazy validates all functions when it compiles, and translates each at its first call, which is part of d",
];

fn main() -> std::io::Result<()> {
    worker::serve::<Wasmi>()
}

/// A wasmi engine, and the host functions that a program defines once for all its modules.
struct Wasmi {
    engine: wasmi::Engine,
    linker: Linker<State>,
}

impl Engine for Wasmi {
    const CONFIGURATIONS: &'static [&'static str] = &["wasmi-eager", "wasmi-lazy"];

    type Configuration = Config;
    type Module = Module;
    type Instance = Ready<Instance>;

    fn describe(name: &str) -> Result<Hello> {
        let version = locked_version!("wasmi");
        let mode = if name == "wasmi-lazy" { "LazyTranslation" } else { "Eager" };
        let flags = format!("CompilationMode::{mode}; fat LTO, one codegen unit; no fuel metering; no SIMD");
        let compiler = format!("wasmi {version}'s translator, interpreted");
        let mut hello = kit::hello(name, version, compiler, flags, &NOTES);
        hello.can.aot = Ability::no("wasmi cannot save a module");
        Ok(hello)
    }

    fn configure(name: &str) -> Result<Config> {
        let mut config = Config::default();
        config.compilation_mode(match name {
            "wasmi-lazy" => CompilationMode::LazyTranslation,
            _ => CompilationMode::Eager,
        });
        Ok(config)
    }

    fn create(config: &Config) -> Result<Wasmi> {
        let engine = wasmi::Engine::new(config);
        let mut linker = Linker::new(&engine);
        wasi::define(&mut linker)?;
        linker
            .func_wrap(marks::MODULE, marks::START, marks::start)
            .and_then(|linker| linker.func_wrap(marks::MODULE, marks::END, marks::end))
            .map_err(Error::internal)?;
        Ok(Wasmi { engine, linker })
    }

    fn parse(&mut self, wasm: &[u8]) -> Result<()> {
        Module::validate(&self.engine, wasm).map_err(Error::rejected)
    }

    fn compile(&mut self, wasm: &[u8]) -> Result<Module> {
        Module::new(&self.engine, wasm).map_err(Error::rejected)
    }

    fn instantiate(&mut self, module: &Module, guest: &Guest) -> Result<Ready<Instance>> {
        let needs_wasi = guest.needs_wasi(module.imports().map(|import| import.module()));
        let context = if needs_wasi { Some(wasi::context(guest)?) } else { None };
        let mut store = Store::new(&self.engine, context);
        match self.linker.instantiate_and_start(&mut store, module) {
            Ok(exports) => Ready::find(Instance { store, exports }, guest),
            Err(error) => Err(Stop(error).at_start()),
        }
    }
}
