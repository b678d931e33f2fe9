//! WAMR, the WebAssembly Micro Runtime, as a worker: its fast interpreter, over its C interface.

use std::rc::Rc;
use wamr_binding::{Bytes, Instance, Module, Runtime, VERSION};
use worker::kit::{self, Ready};
use worker::protocol::{Ability, Hello, Result};
use worker::{Engine, Guest};
// Only for what its build script links.
use wamr_archives as _;

const NOTES: [&str; 5] = [
    "a+b copies the module's bytes, which WAMR writes to, validates them and translates them to WAMR's own code",
    "WAMR has one runtime for the process: while a module is held, further engines only count up its users",
    "all exports are called with cells of 32 bits (wasm_runtime_call_wasm): there are no typed calls",
    "the stack for wasm's frames has 1 MiB; iwasm takes 64 KiB",
    "SIMD is left out: in the interpreter it wants a library that the build would fetch from a host of its own",
];

fn main() -> std::io::Result<()> {
    worker::serve::<Wamr>()
}

/// A user of WAMR's runtime.
struct Wamr(Rc<Runtime>);

impl Engine for Wamr {
    const CONFIGURATIONS: &'static [&'static str] = &["wamr-interpreter"];

    type Configuration = ();
    type Module = Rc<Module>;
    type Instance = Ready<Instance>;

    fn describe(name: &str) -> Result<Hello> {
        let compiler = format!("WAMR {VERSION}'s own code, interpreted by its fast interpreter");
        let flags = "the system's C compiler with -O3; WAMR's release build (WAMR_BUILD_FAST_INTERP=1, bounds by \
                     guard pages), without SIMD and with WASI";
        let mut hello = kit::hello(name, VERSION, compiler, flags.to_owned(), &NOTES);
        hello.can.parse = Ability::no("the runtime offers no validation apart from translation");
        hello.can.aot = Ability::no("the interpreter cannot save a module");
        Ok(hello)
    }

    fn configure(_: &str) -> Result<()> {
        Ok(())
    }

    fn create((): &()) -> Result<Wamr> {
        Ok(Wamr(Runtime::new()?))
    }

    fn compile(&mut self, wasm: &[u8]) -> Result<Rc<Module>> {
        Ok(Rc::new(Module::load(&self.0, Bytes::copied(wasm)?)?))
    }

    fn instantiate(&mut self, module: &Rc<Module>, guest: &Guest) -> Result<Ready<Instance>> {
        let instance = Instance::owned(module.instantiate(guest)?, Rc::clone(module));
        Ready::find(instance, guest)
    }
}
