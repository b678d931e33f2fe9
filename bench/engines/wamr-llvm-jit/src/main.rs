//! WAMR's LLVM JIT as a worker: every function is compiled when a module is loaded.

use std::rc::Rc;
use wamr_binding::{Bytes, Instance, Module, Runtime, VERSION};
use worker::kit::{self, Ready};
use worker::protocol::{Ability, Hello, Result};
use worker::{Engine, Guest};
// Only for what its build script links.
use wamr_archives as _;

/// `WASM_ORC_JIT_BACKEND_THREAD_NUM`.
const COMPILE_THREADS: u32 = 4;

const NOTES: [&str; 5] = [
    "a+b copies the module's bytes, which WAMR writes to, validates them and compiles every function \
     (WAMR_BUILD_LAZY_JIT=0); WAMR's own default compiles in the background and waits at a first call",
    "WAMR looks the functions up on four threads, which end with a+b",
    "WAMR has one runtime for the process: while a module is held, further engines only count up its users",
    "all exports are called with cells of 32 bits (wasm_runtime_call_wasm): there are no typed calls",
    "the stack for wasm's frames has 1 MiB; iwasm takes 64 KiB",
];

fn main() -> std::io::Result<()> {
    worker::serve::<Wamr>()
}

/// A user of WAMR's runtime.
struct Wamr(Rc<Runtime>);

impl Engine for Wamr {
    const CONFIGURATIONS: &'static [&'static str] = &["wamr-llvm-jit"];

    type Configuration = ();
    type Module = Rc<Module>;
    type Instance = Ready<Instance>;

    fn describe(name: &str) -> Result<Hello> {
        let flags = "opt_level 3, size_level 3, as iwasm sets them; the host's CPU and its features; bounds by guard \
                     pages; WAMR's release build with SIMD and WASI";
        let mut hello = kit::hello(name, VERSION, "LLVM 22 (ORC JIT)".to_owned(), flags.to_owned(), &NOTES);
        hello.threads = COMPILE_THREADS;
        hello.can.parse = Ability::no("the runtime offers no validation apart from compilation");
        hello.can.aot = Ability::no("the JIT cannot save a module; wamr-aot can");
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
