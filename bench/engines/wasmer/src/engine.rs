//! Wasmer's phases, each in the way its documentation recommends.

use crate::compiler::Settings;
use crate::errors::{compile_error, instantiation_error};
use crate::instance::Instance;
use crate::marks;
use crate::wasi::Wasi;
use std::path::Path;
use wasmer::{DeserializeError, Module, SerializeError, Store};
use worker::kit::Ready;
use worker::protocol::{Error, Hello, Result};
use worker::{Engine, Guest};

/// Wasmer with one of its compilers.
pub struct WasmerEngine {
    engine: wasmer::Engine,
    /// Made by the first guest that needs it, so that the others stay clear of it.
    wasi: Option<Wasi>,
}

impl Engine for WasmerEngine {
    const CONFIGURATIONS: &'static [&'static str] = &[
        "wasmer-singlepass",
        "wasmer-cranelift",
        #[cfg(feature = "llvm")]
        "wasmer-llvm",
    ];

    type Configuration = Settings;
    type Module = Module;
    type Instance = Ready<Instance>;

    fn offers(name: &str) -> bool {
        Settings::of(name).is_some()
    }

    fn describe(name: &str) -> Result<Hello> {
        Ok(known(name)?.describe(name))
    }

    fn configure(name: &str) -> Result<Settings> {
        known(name)
    }

    fn create(settings: &Settings) -> Result<WasmerEngine> {
        Ok(WasmerEngine { engine: settings.engine(), wasi: None })
    }

    fn parse(&mut self, wasm: &[u8]) -> Result<()> {
        Module::validate(&self.engine, wasm).map_err(compile_error)
    }

    fn compile(&mut self, wasm: &[u8]) -> Result<Module> {
        Module::new(&self.engine, wasm).map_err(compile_error)
    }

    fn save(&mut self, module: &Module, artifact: &Path) -> Result<()> {
        module.serialize_to_file(artifact).map_err(|error| match error {
            SerializeError::Io(error) => error.into(),
            other => Error::internal(other),
        })
    }

    fn load(&mut self, artifact: &Path) -> Result<Module> {
        // SAFETY: artifacts are written by `save` of this same worker, at paths of which none is
        // ever written again; their layout is checked on top.
        unsafe { Module::deserialize_from_file(&self.engine, artifact) }.map_err(|error| match error {
            DeserializeError::Io(error) => error.into(),
            DeserializeError::Compiler(error) => compile_error(error),
            other => Error::rejected(other),
        })
    }

    fn instantiate(&mut self, module: &Module, guest: &Guest) -> Result<Ready<Instance>> {
        let mut store = Store::new(self.engine.clone());
        let imports = module.info().imports.keys().map(|import| import.module.as_str());
        let (exports, context) = if guest.needs_wasi(imports) {
            let wasi = match &mut self.wasi {
                Some(wasi) => wasi,
                none => none.insert(Wasi::new(&self.engine)?),
            };
            (wasi.instantiate(&mut store, module, guest)?, Some(wasi.context()))
        } else {
            let imports = marks::imports(module, &mut store);
            (wasmer::Instance::new(&mut store, module, &imports).map_err(instantiation_error)?, None)
        };
        Ready::find(Instance { store, exports, context }, guest)
    }
}

fn known(name: &str) -> Result<Settings> {
    Settings::of(name).ok_or_else(|| Error::unsupported(format!("no configuration `{name}`")))
}
