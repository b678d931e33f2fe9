//! tinywasm as a worker: a small interpreter, whose artifacts hold what its parser has made of a module.

mod instance;

use instance::{Instance, Stop};
use std::path::Path;
use tinywasm::types::Module;
use tinywasm::{HostFunction, Imports, ModuleInstance, Store};
use worker::kit::{self, Ready, Trap};
use worker::protocol::{Ability, Entry, Error, Hello, Result};
use worker::{Engine, Guest, locked_version, marks};

const NOTES: [&str; 3] = [
    "a+b parses, validates and lowers all functions; larger modules on all processors",
    "host functions belong to a store, so defining them is part of c",
    "exports of type (i32) -> i64 are called through typed functions, others with dynamic values",
];

const NO_WASI: &str = "tinywasm has no WASI";

fn main() -> std::io::Result<()> {
    worker::serve::<TinyWasm>()
}

/// A runtime without a state of its own: stores belong to instances.
struct TinyWasm;

impl Engine for TinyWasm {
    const CONFIGURATIONS: &'static [&'static str] = &["tinywasm"];

    type Configuration = ();
    type Module = Module;
    type Instance = Ready<Instance>;

    fn describe(name: &str) -> Result<Hello> {
        let version = locked_version!("tinywasm");
        let flags = "fat LTO, one codegen unit; memories as vectors; no fuel; stacks of the default sizes";
        let compiler = format!("tinywasm {version}'s parser, interpreted");
        let mut hello = kit::hello(name, version, compiler, flags.to_owned(), &NOTES);
        hello.can.parse = Ability::no("the runtime offers no validation apart from compilation");
        hello.can.wasi = Ability::no(NO_WASI);
        Ok(hello)
    }

    fn configure(_: &str) -> Result<()> {
        Ok(())
    }

    fn create((): &()) -> Result<TinyWasm> {
        Ok(TinyWasm)
    }

    fn compile(&mut self, wasm: &[u8]) -> Result<Module> {
        tinywasm::parse_bytes(wasm).map_err(Error::rejected)
    }

    fn save(&mut self, module: &Module, artifact: &Path) -> Result<()> {
        let bytes = module.serialize_twasm().map_err(Error::internal)?;
        Ok(std::fs::write(artifact, bytes)?)
    }

    fn load(&mut self, artifact: &Path) -> Result<Module> {
        let bytes = std::fs::read(artifact)?;
        Module::try_from_twasm(&bytes).map_err(Error::rejected)
    }

    fn instantiate(&mut self, module: &Module, guest: &Guest) -> Result<Ready<Instance>> {
        if matches!(guest.entry, Entry::Command { .. }) {
            return Err(Error::unsupported(NO_WASI));
        }
        let mut store = Store::default();
        let mut imports = Imports::new();
        let start = HostFunction::from(&mut store, |_, (): ()| {
            marks::start();
            Ok(())
        });
        let end = HostFunction::from(&mut store, |_, (): ()| {
            marks::end();
            Ok(())
        });
        imports.define(marks::MODULE, marks::START, start).define(marks::MODULE, marks::END, end);
        match ModuleInstance::instantiate(&mut store, module, Some(imports)) {
            Ok(exports) => Ready::find(Instance { store, exports, module: module.clone() }, guest),
            Err(error) => Err(Stop(error).at_start()),
        }
    }
}
