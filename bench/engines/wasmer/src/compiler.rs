//! Wasmer's compilers: which configuration stands for which, with which settings.

use crate::wasi;
use std::num::NonZero;
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

/// The settings of one engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    compiler: Compiler,
    /// Whether functions are compiled on all processors.
    parallel: bool,
}

impl Settings {
    /// The settings of `name`, a configuration and `:OPTION=VALUE` any number of times; `None` where there is no such
    /// configuration, option or value.
    pub fn of(name: &str) -> Option<Settings> {
        let mut words = name.split(':');
        let compiler = match words.next()? {
            "wasmer-singlepass" => Compiler::Singlepass,
            "wasmer-cranelift" => Compiler::Cranelift,
            #[cfg(feature = "llvm")]
            "wasmer-llvm" => Compiler::Llvm,
            _ => return None,
        };
        words.try_fold(Settings { compiler, parallel: true }, |settings, word| match word {
            "parallel=on" => Some(Settings { parallel: true, ..settings }),
            "parallel=off" => Some(Settings { parallel: false, ..settings }),
            _ => None,
        })
    }

    /// A fresh engine for this machine's CPU. The settings but for the threads are Wasmer's defaults, which are
    /// also what it recommends: Cranelift at `Speed`, LLVM at `Aggressive`.
    pub fn engine(self) -> Engine {
        let threads = (!self.parallel).then_some(NonZero::<usize>::MIN);
        let builder = match self.compiler {
            Compiler::Singlepass => {
                let mut config = Singlepass::new();
                if let Some(threads) = threads {
                    config.num_threads(threads);
                }
                EngineBuilder::new(config)
            }
            Compiler::Cranelift => {
                let mut config = Cranelift::new();
                if let Some(threads) = threads {
                    config.num_threads(threads);
                }
                EngineBuilder::new(config)
            }
            #[cfg(feature = "llvm")]
            Compiler::Llvm => {
                let mut config = wasmer::sys::LLVM::new();
                if let Some(threads) = threads {
                    config.num_threads(threads);
                }
                EngineBuilder::new(config)
            }
        };
        builder.engine().into()
    }

    /// What the configuration `name`, which has these settings, is.
    pub fn describe(self, name: &str) -> Hello {
        let version = locked_version!("wasmer");
        let (compiler, level) = match self.compiler {
            Compiler::Singlepass => (format!("Singlepass {version}"), "no optimisation"),
            Compiler::Cranelift => {
                (format!("Cranelift {}", locked_version!("cranelift-codegen")), "opt level speed")
            }
            #[cfg(feature = "llvm")]
            Compiler::Llvm => (format!("LLVM {}", llvm_version()), "opt level aggressive (-O3)"),
        };
        let flags = format!("{level}, host CPU, artifacts loaded by deserialize_from_file (layout checked)");
        let threads = if self.parallel { kit::all_threads() } else { 1 };
        let mut hello = kit::hello(name, version, compiler, flags, &NOTES);
        wasi::describe(&mut hello);
        Hello { threads, ..hello }
    }
}

/// What a reader of this engine's times has to know.
const NOTES: [&str; 2] = [
    "compiles functions on its threads, in a thread pool that it makes for each module",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_changes_what_the_name_stands_for_and_others_are_refused() {
        let settings = |parallel| Some(Settings { compiler: Compiler::Singlepass, parallel });
        assert_eq!(Settings::of("wasmer-singlepass"), settings(true));
        assert_eq!(Settings::of("wasmer-singlepass:parallel=off"), settings(false));
        for unknown in ["wasmer", "wasmer-singlepass:parallel=2", "wasmer-singlepass:opt-level=none"] {
            assert_eq!(Settings::of(unknown), None);
        }
    }
}
