//! Wasmtime as a worker: Cranelift, Winch (its baseline compiler) and Pulley (its portable
//! interpreter, whose bytecode Cranelift makes), each with Wasmtime's default settings for it; and
//! Cranelift with one of these settings changed.

mod describe;
mod instance;
mod settings;
mod wasi;

use instance::{Instance, State, failure, instantiation, link};
use settings::Settings;
use std::cell::OnceCell;
use std::path::Path;
use wasmtime::{Config, InstancePre, Linker, Store};
use worker::kit::Ready;
use worker::protocol::{Error, Hello, Result};
use worker::{Engine, Guest, marks};

fn main() -> std::io::Result<()> {
    worker::serve::<Wasmtime>()
}

/// Ticks until an instance would be stopped; nothing ticks here.
const NEVER: u64 = u64::MAX / 2;

/// A Wasmtime engine, and the host functions that a program defines once for all its modules.
struct Wasmtime {
    settings: Settings,
    engine: wasmtime::Engine,
    linker: Linker<State>,
}

/// Compiled code; its imports are resolved by the first instantiation and stay so.
struct Module {
    code: wasmtime::Module,
    resolved: OnceCell<InstancePre<State>>,
}

impl Module {
    fn new(code: wasmtime::Module) -> Module {
        Module { code, resolved: OnceCell::new() }
    }

    fn resolve(&self, linker: &Linker<State>) -> Result<&InstancePre<State>> {
        if let Some(resolved) = self.resolved.get() {
            return Ok(resolved);
        }
        let resolved = linker.instantiate_pre(&self.code).map_err(|error| link(&error))?;
        Ok(self.resolved.get_or_init(|| resolved))
    }
}

impl Engine for Wasmtime {
    const CONFIGURATIONS: &'static [&'static str] = &settings::NAMES;

    type Configuration = (Settings, Config);
    type Module = Module;
    type Instance = Ready<Instance>;

    fn offers(name: &str) -> bool {
        Settings::of(name).is_some()
    }

    fn describe(name: &str) -> Result<Hello> {
        Ok(describe::describe(name, &known(name)?))
    }

    fn configure(name: &str) -> Result<(Settings, Config)> {
        let settings = known(name)?;
        Ok((settings, settings.config()?))
    }

    fn create((settings, config): &(Settings, Config)) -> Result<Wasmtime> {
        if settings.parallel {
            // The compiler's thread pool belongs to the process. It starts here, so that the first
            // pass of a process does the same as all others.
            rayon::current_num_threads();
        }
        let engine = wasmtime::Engine::new(config).map_err(|error| failure(&error))?;
        let mut linker = Linker::new(&engine);
        wasi::define(&mut linker)?;
        linker
            .func_wrap(marks::MODULE, marks::START, marks::start)
            .and_then(|linker| linker.func_wrap(marks::MODULE, marks::END, marks::end))
            .map_err(|error| failure(&error))?;
        Ok(Wasmtime { settings: *settings, engine, linker })
    }

    fn parse(&mut self, wasm: &[u8]) -> Result<()> {
        wasmtime::Module::validate(&self.engine, wasm).map_err(|error| rejected(&error))
    }

    fn compile(&mut self, wasm: &[u8]) -> Result<Module> {
        wasmtime::Module::new(&self.engine, wasm).map(Module::new).map_err(|error| rejected(&error))
    }

    fn save(&mut self, module: &Module, artifact: &Path) -> Result<()> {
        let bytes = module.code.serialize().map_err(|error| failure(&error))?;
        Ok(std::fs::write(artifact, bytes)?)
    }

    fn load(&mut self, artifact: &Path) -> Result<Module> {
        // SAFETY: the artifact was written by `save` of this worker at a path of its own and is
        // never changed afterwards; Wasmtime checks its version and settings itself.
        let code = unsafe { wasmtime::Module::deserialize_file(&self.engine, artifact) };
        code.map(Module::new).map_err(|error| match std::fs::metadata(artifact) {
            Err(io) => Error::unreadable(artifact, &io),
            Ok(_) => rejected(&error),
        })
    }

    fn instantiate(&mut self, module: &Module, guest: &Guest) -> Result<Ready<Instance>> {
        let resolved = module.resolve(&self.linker)?;
        let needs_wasi = guest.needs_wasi(module.code.imports().map(|import| import.module()));
        let context = if needs_wasi { Some(wasi::context(guest)?) } else { None };
        let mut store = Store::new(&self.engine, context);
        if self.settings.epochs {
            store.set_epoch_deadline(NEVER);
        }
        if self.settings.fuel {
            store.set_fuel(u64::MAX).map_err(|error| failure(&error))?;
        }
        let exports = resolved.instantiate(&mut store).map_err(instantiation)?;
        Ready::find(Instance { store, exports }, guest)
    }
}

fn known(name: &str) -> Result<Settings> {
    Settings::of(name).ok_or_else(|| Error::unsupported(format!("no configuration `{name}`")))
}

fn rejected(error: &wasmtime::Error) -> Error {
    Error::rejected(format!("{error:#}"))
}
