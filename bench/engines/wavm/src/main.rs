//! WAVM as a worker: a compiler of 2019 on LLVM, reached through a C++ shim of our own, since
//! its C interface cannot save modules.

mod ffi;
mod wavm;

use protocol::{Ability, Capabilities, Engine, Error, Guest, Hello, Result};
use std::path::Path;

/// The only configuration.
const NAME: &str = "wavm";

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
    protocol::serve::<Wavm>()
}

/// WAVM has no engine object: modules stand alone, and each instance has its own compartment.
struct Wavm;

impl Engine for Wavm {
    type Module = wavm::Module;
    type Instance = wavm::Instance;

    fn hello(configuration: &str) -> Result<Hello> {
        known(configuration)?;
        Ok(Hello {
            configuration: NAME.to_owned(),
            version: "2019-11 (wavm-sys 0.1.0)".to_owned(),
            compiler: format!("LLVM {}", wavm::llvm_version()),
            flags: format!(
                "WAVM's fixed passes, LLVM's default code generation (-O2), target CPU {} without AVX-512",
                wavm::target_cpu()
            ),
            threads: 1,
            can: Capabilities {
                parse: Ability::Yes,
                jit: Ability::Yes,
                instantiate: Ability::Yes,
                aot: Ability::Yes,
                wasi: Ability::Yes,
            },
            notes: NOTES.map(str::to_owned).to_vec(),
        })
    }

    fn create(configuration: &str) -> Result<Wavm> {
        known(configuration)?;
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

fn known(configuration: &str) -> Result<()> {
    if configuration == NAME {
        return Ok(());
    }
    Err(Error::unsupported(format!("this worker's only configuration is {NAME}, not {configuration}")))
}
