//! wasm2c as a worker: WABT's translator writes C, a C compiler makes a shared object of it, and the
//! system's loader and wasm2c's small runtime run that.

mod compile;
mod glue;
mod library;

use compile::{Compiler, Folder, Object};
use library::Instance;
use std::path::Path;
use std::rc::Rc;
use tempfile::TempPath;
use worker::kit::{self, Ready, Trap};
use worker::protocol::{Ability, Capabilities, Entry, Error, ErrorKind, Hello, Result};
use worker::{Engine, Guest, marks};

fn main() -> std::io::Result<()> {
    worker::serve::<Wasm2c>()
}

/// What a reader of the numbers must know.
const NOTES: [&str; 8] = [
    "a+b is two programs, wasm2c and the C compiler with its linker; their processor time counts, and so do \
     the files that they pass on in the temporary folder",
    "a+b compiles a small C file of our own with the module, as every embedder does: it makes instances and \
     passes numbers to each export",
    "the shared object is the artifact; b' copies it into place",
    "c' is dlopen with all symbols bound, of a fresh copy of the artifact made before the clock starts: \
     nothing is shared with another load",
    "a is WABT's program wasm-validate",
    "memories reserve 8 GiB of address space, so that accesses need no bounds checks; stack overflow and \
     accesses out of bounds are caught as signals, whose handlers are set up once a process",
    "every call sets a target for traps by sigsetjmp through the runtime's hook WASM_RT_TRAP_HANDLER, without \
     the system call of wasm_rt_impl_try, the runtime's own example",
    "vectors are SIMDe's, compiled for x86-64 without newer extensions, since no -march is given",
];

const NO_WASI: &str = "wasm2c's runtime has no WASI; each embedder writes its own host functions";

/// There is no engine but the compiler's name and flags.
struct Wasm2c {
    compiler: Compiler,
    /// What a parse has left, which is dropped with the engine: outside of the timed phase.
    validated: Option<Folder>,
    /// The file that the next load takes.
    fresh: Option<TempPath>,
}

/// A module on its way: it can be instantiated only when it is loaded.
enum Module {
    Compiled(Object),
    Loaded(Rc<library::Module>),
}

impl Engine for Wasm2c {
    const CONFIGURATIONS: &'static [&'static str] = &["wasm2c-gcc", "wasm2c-clang"];

    type Configuration = Compiler;
    type Module = Module;
    type Instance = Ready<Instance>;

    fn describe(name: &str) -> Result<Hello> {
        let compiler = Compiler::of(name);
        let version = compile::wabt_version()?;
        let can = Capabilities {
            jit: Ability::no("wasm2c makes shared objects only; its AOT total stands beside the others' JIT"),
            wasi: Ability::no(NO_WASI),
            ..Capabilities::ALL
        };
        let hello = kit::hello(name, &version, compiler.version()?, compiler.flags(), &NOTES);
        Ok(Hello { can, ..hello })
    }

    fn configure(name: &str) -> Result<Compiler> {
        Ok(Compiler::of(name))
    }

    fn create(compiler: &Compiler) -> Result<Wasm2c> {
        library::initialize();
        Ok(Wasm2c { compiler: compiler.clone(), validated: None, fresh: None })
    }

    fn parse(&mut self, wasm: &[u8]) -> Result<()> {
        self.validated = Some(compile::validate(wasm)?);
        Ok(())
    }

    fn compile(&mut self, wasm: &[u8]) -> Result<Module> {
        Object::compile(wasm, &self.compiler).map(Module::Compiled)
    }

    fn save(&mut self, module: &Module, artifact: &Path) -> Result<()> {
        match module {
            Module::Compiled(object) => object.save(artifact),
            Module::Loaded(_) => Err(Error::unsupported("a module that was loaded cannot be saved")),
        }
    }

    /// The system's loader gives out what is loaded already, by path and by inode: only a new
    /// file makes a load a real one.
    fn before_load(&mut self, artifact: &Path) -> Result<()> {
        let folder = artifact.parent().unwrap_or(Path::new("."));
        let fresh = tempfile::Builder::new().prefix("load.").tempfile_in(folder)?.into_temp_path();
        std::fs::copy(artifact, &fresh).map_err(|error| {
            Error::new(ErrorKind::Io, format!("cannot copy {}: {error}", artifact.display()))
        })?;
        library::check_is_whole(&fresh)?;
        self.fresh = Some(fresh);
        Ok(())
    }

    fn load(&mut self, _: &Path) -> Result<Module> {
        let file =
            self.fresh.take().ok_or_else(|| Error::internal("no fresh copy was made for this load"))?;
        library::Module::load(file).map(Module::Loaded)
    }

    fn instantiate(&mut self, module: &Module, guest: &Guest) -> Result<Ready<Instance>> {
        if matches!(guest.entry, Entry::Command { .. }) {
            return Err(Error::unsupported(NO_WASI));
        }
        let Module::Loaded(module) = module else {
            return Err(Error::unsupported("only what was loaded from an artifact can be instantiated"));
        };
        let instance = Instance::new(module).map_err(|stop| stop.at_start())?;
        Ready::find(instance, guest)
    }
}

/// `bench.start`; its argument is the instance that the host has none of.
#[unsafe(no_mangle)]
extern "C" fn w2c_bench_start(_: *mut std::ffi::c_void) {
    marks::start();
}

/// `bench.end`.
#[unsafe(no_mangle)]
extern "C" fn w2c_bench_end(_: *mut std::ffi::c_void) {
    marks::end();
}
