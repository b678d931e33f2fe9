//! Wasmer's phases, each in the way its documentation recommends.

use crate::compiler::Compiler;
use crate::errors::{compile_error, instantiation_error};
use crate::instance::WasmerInstance;
use crate::marks;
use crate::wasi::{self, Wasi};
use protocol::{Engine, Error, Guest, Hello, Result};
use std::path::Path;
use wasmer::{DeserializeError, Instance, Module, SerializeError, Store};

/// Wasmer with one of its compilers.
pub struct WasmerEngine {
    engine: wasmer::Engine,
    /// Made by the first guest that needs it, so that the others stay clear of it.
    wasi: Option<Wasi>,
}

impl Engine for WasmerEngine {
    type Module = Module;
    type Instance = WasmerInstance;

    fn hello(configuration: &str) -> Result<Hello> {
        Ok(Compiler::of(configuration)?.hello(configuration))
    }

    fn create(configuration: &str) -> Result<WasmerEngine> {
        Ok(WasmerEngine { engine: Compiler::of(configuration)?.engine(), wasi: None })
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
            other => Error::invalid(other),
        })
    }

    fn instantiate(&mut self, module: &Module, guest: &Guest) -> Result<WasmerInstance> {
        let mut store = Store::new(self.engine.clone());
        if wasi::is_needed(module, &guest.entry) {
            let wasi = match &mut self.wasi {
                Some(wasi) => wasi,
                none => none.insert(Wasi::new(&self.engine)?),
            };
            let instance = wasi.instantiate(&mut store, module, guest)?;
            return WasmerInstance::new(store, &instance, &guest.entry, Some(wasi.context()));
        }
        let imports = marks::imports(module, &mut store);
        let instance = Instance::new(&mut store, module, &imports).map_err(instantiation_error)?;
        WasmerInstance::new(store, &instance, &guest.entry, None)
    }
}
