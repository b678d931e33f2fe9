//! Wasmer's compilers: which configuration stands for which, with which settings.

use crate::wasi;
use wasmer::Engine;
use wasmer::sys::{Cranelift, EngineBuilder, Singlepass};
use worker::kit;
use worker::locked_version;
use worker::protocol::Hello;

/// A compiler behind one configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compiler {
    /// One pass over the module, no optimisation.
    Singlepass,
    /// The optimising compiler that Wasmer takes by default.
    Cranelift,
    /// The compiler with the most optimisations.
    #[cfg(feature = "llvm")]
    Llvm,
}

impl Compiler {
    /// The compiler of the configuration `name`.
    pub fn of(name: &str) -> Compiler {
        match name {
            "wasmer-singlepass" => Compiler::Singlepass,
            #[cfg(feature = "llvm")]
            "wasmer-llvm" => Compiler::Llvm,
            _ => Compiler::Cranelift,
        }
    }

    /// A fresh engine for this machine's CPU. The settings are Wasmer's defaults, which are also
    /// what it recommends: Cranelift at `Speed`, LLVM at `Aggressive`.
    pub fn engine(self) -> Engine {
        let builder = match self {
            Compiler::Singlepass => EngineBuilder::new(Singlepass::new()),
            Compiler::Cranelift => EngineBuilder::new(Cranelift::new()),
            #[cfg(feature = "llvm")]
            Compiler::Llvm => EngineBuilder::new(wasmer::sys::LLVM::new()),
        };
        builder.engine().into()
    }

    /// What the configuration `name`, which uses this compiler, is.
    pub fn describe(self, name: &str) -> Hello {
        let version = locked_version!("wasmer");
        let (compiler, level) = match self {
            Compiler::Singlepass => (format!("Singlepass {version}"), "no optimisation"),
            Compiler::Cranelift => {
                (format!("Cranelift {}", locked_version!("cranelift-codegen")), "opt level speed")
            }
            #[cfg(feature = "llvm")]
            Compiler::Llvm => (format!("LLVM {}", llvm_version()), "opt level aggressive (-O3)"),
        };
        let flags = format!("{level}, host CPU, artifacts loaded by deserialize_from_file (layout checked)");
        let mut hello = kit::hello(name, version, compiler, flags, &NOTES);
        wasi::describe(&mut hello);
        Hello { threads: kit::all_threads(), ..hello }
    }
}

/// What a reader of this engine's times has to know.
const NOTES: [&str; 2] = [
    "compiles functions on all threads, in a thread pool that it makes for each module",
    "runs guests on a stack of their own; a call switches to it and back",
];

/// The version of the LLVM that is linked in.
#[cfg(feature = "llvm")]
fn llvm_version() -> String {
    let (mut major, mut minor, mut patch) = (0, 0, 0);
    // SAFETY: the three pointers are valid for writing for the length of the call, which needs
    // no initialised LLVM.
    unsafe { llvm_sys::core::LLVMGetVersion(&raw mut major, &raw mut minor, &raw mut patch) };
    format!("{major}.{minor}.{patch}")
}
