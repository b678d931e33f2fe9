//! WAMR's AOT compiler and the runtime for what it makes, as a worker.

mod compiler;

use compiler::Compiled;
use std::path::Path;
use std::rc::Rc;
use wamr_binding::engine;
use wamr_binding::{Bytes, Instance, Module, Runtime};
use worker::kit::Ready;
use worker::protocol::{Ability, Capabilities, Error, Hello, Result};
use worker::{Engine, Guest};
// Only for what its build script links.
use wamr_archives as _;

const NOTES: [&str; 3] = [
    "a+b copies the module's bytes, which WAMR writes to, validates them and runs LLVM's passes",
    "b' generates the machine code: aot_emit_aot_file_buf is where WAMR runs LLVM's code generator",
    "c' reads the artifact and relocates its code",
];

fn main() -> std::io::Result<()> {
    worker::serve::<Wamr>()
}

/// A user of WAMR's runtime.
struct Wamr(Rc<Runtime>);

/// A module on its way: it can be instantiated only when it is saved and loaded.
enum AotModule {
    Compiled(Compiled),
    Loaded(Rc<Module>),
}

impl Engine for Wamr {
    const CONFIGURATIONS: &'static [&'static str] = &["wamr-aot"];

    type Configuration = ();
    type Module = AotModule;
    type Instance = Ready<Instance>;

    fn describe(name: &str) -> Result<Hello> {
        let flags = "opt_level 3, size_level 3, as wamrc sets them; the host's CPU; bounds by guard pages; WAMR's \
                     release build with SIMD and WASI";
        let can = Capabilities {
            parse: Ability::no("the runtime offers no validation apart from compilation"),
            jit: Ability::no(
                "WAMR's AOT compiler makes files only; its AOT total stands beside the others' JIT",
            ),
            ..Capabilities::ALL
        };
        let hello = engine::hello(name, "LLVM 22", flags, &NOTES);
        Ok(Hello { can, ..hello })
    }

    fn configure(_: &str) -> Result<()> {
        Ok(())
    }

    fn create((): &()) -> Result<Wamr> {
        Ok(Wamr(Runtime::new()?))
    }

    fn compile(&mut self, wasm: &[u8]) -> Result<AotModule> {
        let module = Module::load(&self.0, Bytes::copied(wasm)?)?;
        Compiled::new(module).map(AotModule::Compiled)
    }

    fn save(&mut self, module: &AotModule, artifact: &Path) -> Result<()> {
        match module {
            AotModule::Compiled(compiled) => compiled.emit(|bytes| Ok(std::fs::write(artifact, bytes)?)),
            AotModule::Loaded(_) => Err(Error::unsupported("WAMR cannot save a module that it has loaded")),
        }
    }

    fn load(&mut self, artifact: &Path) -> Result<AotModule> {
        let module = Module::load(&self.0, Bytes::read(artifact)?)?;
        Ok(AotModule::Loaded(Rc::new(module)))
    }

    fn instantiate(&mut self, module: &AotModule, guest: &Guest) -> Result<Ready<Instance>> {
        let AotModule::Loaded(module) = module else {
            return Err(Error::unsupported("WAMR instantiates only what it has loaded from an artifact"));
        };
        Ready::find(Instance::owned(module.instantiate(guest)?, Rc::clone(module)), guest)
    }
}
