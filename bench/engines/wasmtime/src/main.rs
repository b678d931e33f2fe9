//! Wasmtime as a worker: Cranelift, Winch (its baseline compiler) and Pulley (its portable
//! interpreter, whose bytecode Cranelift makes), each with Wasmtime's default settings for it.

mod config;
mod entry;
mod errors;
mod region;
mod wasi;

use entry::Call;
use protocol::{Engine, Entry, Error, Guest, Hello, Result};
use std::cell::OnceCell;
use std::path::Path;
use wasmtime::{InstancePre, Linker, Store};
use wasmtime_wasi::p1::WasiP1Ctx;

fn main() -> std::io::Result<()> {
    protocol::serve::<Wasmtime>()
}

/// What a store carries: a WASI context, for modules that import WASI only.
type State = Option<WasiP1Ctx>;

/// A Wasmtime engine, and the host functions that a program defines once for all its modules.
struct Wasmtime {
    engine: wasmtime::Engine,
    linker: Linker<State>,
}

/// Compiled code; its imports are resolved by the first instantiation and stay so.
struct Module {
    code: wasmtime::Module,
    resolved: OnceCell<Resolved>,
}

struct Resolved {
    pre: InstancePre<State>,
    imports_wasi: bool,
}

impl Module {
    fn new(code: wasmtime::Module) -> Module {
        Module { code, resolved: OnceCell::new() }
    }

    fn resolve(&self, linker: &Linker<State>) -> Result<&Resolved> {
        if let Some(resolved) = self.resolved.get() {
            return Ok(resolved);
        }
        let pre = linker.instantiate_pre(&self.code).map_err(|error| errors::link(&error))?;
        let imports_wasi = self.code.imports().any(|import| import.module() == wasi::MODULE);
        Ok(self.resolved.get_or_init(|| Resolved { pre, imports_wasi }))
    }
}

/// A store with one instance in it, and what is called there.
struct Instance {
    store: Store<State>,
    call: Call,
}

impl Engine for Wasmtime {
    type Module = Module;
    type Instance = Instance;

    fn hello(configuration: &str) -> Result<Hello> {
        config::hello(configuration)
    }

    fn create(configuration: &str) -> Result<Wasmtime> {
        // The compiler's thread pool belongs to the process; it is started here, so that the
        // first pass of a process is like all others.
        rayon::current_num_threads();
        let config = config::config(configuration)?;
        let engine = wasmtime::Engine::new(&config).map_err(|error| errors::internal(&error))?;
        let mut linker = Linker::new(&engine);
        wasi::define(&mut linker)?;
        region::define(&mut linker)?;
        Ok(Wasmtime { engine, linker })
    }

    fn parse(&mut self, wasm: &[u8]) -> Result<()> {
        wasmtime::Module::validate(&self.engine, wasm).map_err(|error| errors::rejected(&error, wasm))
    }

    fn compile(&mut self, wasm: &[u8]) -> Result<Module> {
        let code =
            wasmtime::Module::new(&self.engine, wasm).map_err(|error| errors::rejected(&error, wasm))?;
        Ok(Module::new(code))
    }

    fn save(&mut self, module: &Module, artifact: &Path) -> Result<()> {
        let bytes = module.code.serialize().map_err(|error| errors::internal(&error))?;
        Ok(std::fs::write(artifact, bytes)?)
    }

    fn load(&mut self, artifact: &Path) -> Result<Module> {
        // SAFETY: the artifact was written by `save` of this worker at a path of its own and is
        // never changed afterwards; Wasmtime checks its version and settings itself.
        let code = unsafe { wasmtime::Module::deserialize_file(&self.engine, artifact) };
        code.map(Module::new).map_err(|error| errors::not_loaded(&error, artifact))
    }

    fn instantiate(&mut self, module: &Module, guest: &Guest) -> Result<Instance> {
        let resolved = module.resolve(&self.linker)?;
        let needs_wasi = resolved.imports_wasi || matches!(guest.entry, Entry::Command { .. });
        let context = if needs_wasi { Some(wasi::context(guest)?) } else { None };
        let mut store = Store::new(&self.engine, context);
        let instance = resolved.pre.instantiate(&mut store).map_err(|error| errors::instantiation(&error))?;
        let call = Call::resolve(&instance, &mut store, &guest.entry)?;
        Ok(Instance { store, call })
    }
}

impl protocol::Instance for Instance {
    #[inline]
    fn call(&mut self) -> std::result::Result<protocol::Outcome, Error> {
        self.call.run(&mut self.store)
    }

    #[inline]
    fn call_repeatedly(&mut self, calls: u64) -> std::result::Result<(protocol::Outcome, bool), Error> {
        self.call.run_repeatedly(&mut self.store, calls)
    }

    fn call_bare(&mut self, calls: u64) -> std::result::Result<(), Error> {
        self.call.run_bare(&mut self.store, calls)
    }
}
