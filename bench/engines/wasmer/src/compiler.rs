//! Wasmer's compilers: which configuration stands for which, with which settings.

use protocol::{Ability, Capabilities, Error, Hello, Result};
use wasmer::Engine;
use wasmer::sys::{Cranelift, EngineBuilder, Singlepass};

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
    /// The compiler of a configuration.
    ///
    /// # Errors
    /// [`protocol::ErrorKind::Unsupported`] for a configuration that this worker does not have.
    pub fn of(configuration: &str) -> Result<Compiler> {
        match configuration {
            "wasmer-singlepass" => Ok(Compiler::Singlepass),
            "wasmer-cranelift" => Ok(Compiler::Cranelift),
            #[cfg(feature = "llvm")]
            "wasmer-llvm" => Ok(Compiler::Llvm),
            #[cfg(not(feature = "llvm"))]
            "wasmer-llvm" => {
                Err(Error::unsupported("this worker was built without LLVM (cargo feature `llvm`)"))
            }
            other => Err(Error::unsupported(format!("Wasmer has no configuration `{other}`"))),
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

    /// What `configuration`, which stands for this compiler, is and can do.
    pub fn hello(self, configuration: &str) -> Hello {
        let (compiler, level) = match self {
            Compiler::Singlepass => (format!("Singlepass {}", env!("WASMER_VERSION")), "no optimisation"),
            Compiler::Cranelift => (format!("Cranelift {}", env!("CRANELIFT_VERSION")), "opt level speed"),
            #[cfg(feature = "llvm")]
            Compiler::Llvm => (format!("LLVM {}", llvm_version()), "opt level aggressive (-O3)"),
        };
        // What the compilers' own default for their thread count is.
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Hello {
            configuration: configuration.to_owned(),
            version: env!("WASMER_VERSION").to_owned(),
            compiler,
            flags: format!("{level}, host CPU, artifacts loaded by deserialize_from_file (layout checked)"),
            threads: u32::try_from(threads).unwrap_or(u32::MAX),
            can: Capabilities {
                parse: Ability::Yes,
                jit: Ability::Yes,
                instantiate: Ability::Yes,
                aot: Ability::Yes,
                wasi: Ability::Yes,
            },
            notes: notes(),
        }
    }
}

/// What a reader of this engine's times has to know.
fn notes() -> Vec<String> {
    [
        "compiles functions on all threads, in a thread pool that it makes for each module",
        "runs guests on a stack of their own; a call switches to it and back",
        "wasmer-wasix turns on Wasmer's experimental-async for all exports: each call also notes its store \
         in a list of the thread and takes it off again",
        concat!(
            "WASI: wasmer-wasix ",
            env!("WASIX_VERSION"),
            "; every instantiation defines all functions of WASI and WASIX anew, and the first of an \
             engine also sets up tokio, in some microseconds and without a thread"
        ),
        "WASI: standard streams are read and written on the guest's thread, one system call for each \
         buffer of the guest; wasix calls them character devices, so that C programs print line by line",
        "WASI: files in opened folders are read and written by tokio's blocking threads, as in Wasmer's \
         own program; the first operations on files start them, inside d; what a guest writes to a file \
         that it never closes may arrive after the call",
        "WASI: the first sleep of a guest starts a thread for timers, inside d",
        "WASI: wasix keeps exit codes modulo 256",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// The version of the LLVM that is linked in.
#[cfg(feature = "llvm")]
fn llvm_version() -> String {
    let (mut major, mut minor, mut patch) = (0, 0, 0);
    // SAFETY: the three pointers are valid for writing for the length of the call, which needs
    // no initialised LLVM.
    unsafe { llvm_sys::core::LLVMGetVersion(&raw mut major, &raw mut minor, &raw mut patch) };
    format!("{major}.{minor}.{patch}")
}
