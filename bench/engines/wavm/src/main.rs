//! WAVM as a worker: a compiler of 2019 on LLVM, reached through a C++ shim of our own, since
//! its C interface cannot save modules.

mod ffi;
mod wavm;

use std::path::Path;
use worker::protocol::{Hello, Result};
use worker::{Engine, Guest, kit};

/// What a reader of the numbers must know.
const NOTES: [&str; 6] = [
    "every instantiation links the object code anew and reserves 8 GiB of address space for each memory, \
     so c holds work that other engines do in a+b or c'",
    "an artifact is what `wavm compile` writes: the module in wasm format with its object code in the section \
     wavm.precompiled_object; c' decodes and validates the module, and c links the code",
    "the first call of a signature compiles a thunk with LLVM, which is part of the first d; WAVM keeps thunks \
     for the whole process, so they are forgotten before each pass",
    "the source is ported to LLVM 14; a CPU that LLVM 14 does not know is taken for x86-64-v3",
    "WASI: WAVM knew wasi_unstable; the port gives fd_seek and filestat preview 1's values and layout; \
     poll_oneoff, fd_allocate, path_link, path_readlink, path_rename, path_symlink, proc_raise and sockets \
     answer ENOSYS; file times are whole seconds; every path is resolved on the host, so that no link \
     leads out of an opened folder",
    "WASI: every instantiation compiles the thunks of WAVM's WASI functions with LLVM, which is part of c",
];

fn main() -> std::io::Result<()> {
    worker::serve::<Wavm>()
}

/// WAVM has no engine object: modules stand alone, and each instance has its own compartment.
struct Wavm;

impl Engine for Wavm {
    const CONFIGURATIONS: &'static [&'static str] = &["wavm"];

    type Configuration = ();
    type Module = wavm::Module;
    type Instance = wavm::Instance;

    fn describe(name: &str) -> Result<Hello> {
        let compiler = format!("LLVM {}", wavm::llvm_version());
        let flags = format!(
            "WAVM's fixed passes, LLVM's default code generation (-O2), target CPU {} without AVX-512",
            wavm::target_cpu()
        );
        Ok(kit::hello(name, "2019-11 (wavm-sys 0.1.0)", compiler, flags, &NOTES))
    }

    fn configure(_: &str) -> Result<()> {
        Ok(())
    }

    fn create((): &()) -> Result<Wavm> {
        wavm::create()?;
        Ok(Wavm)
    }

    fn parse(&mut self, wasm: &[u8]) -> Result<()> {
        wavm::validate(wasm)
    }

    fn compile(&mut self, wasm: &[u8]) -> Result<wavm::Module> {
        wavm::Module::compile(wasm)
    }

    fn save(&mut self, module: &wavm::Module, artifact: &Path) -> Result<()> {
        Ok(std::fs::write(artifact, module.save()?)?)
    }

    fn load(&mut self, artifact: &Path) -> Result<wavm::Module> {
        wavm::Module::load(&std::fs::read(artifact)?)
    }

    fn instantiate(&mut self, module: &wavm::Module, guest: &Guest) -> Result<wavm::Instance> {
        module.instantiate(guest)
    }
}
