//! The interpreter of the German aerospace centre (DLR) as a worker: it runs the bytes of a module in place, for
//! programs that must be certified.

mod instance;
mod module;

use dlr_wasm_interpreter::{
    ExternType, ExternVal, FuncType, Module as Code, ResultType, RuntimeError, Store,
};
use instance::{END, Instance, START, Stop};
use module::Module;
use std::rc::Rc;
use worker::kit::{self, Ready, Trap};
use worker::protocol::{Ability, Entry, Error, Hello, Result};
use worker::{Engine, Guest, locked_version, marks};

const NOTES: [&str; 3] = [
    "a+b validates the module and notes where its branches lead; its bytes are run in place",
    "all exports are called with dynamic values: there are no typed calls",
    "a host function ends the interpreter's loop, which the worker enters again behind it",
];

const NO_WASI: &str = "the interpreter has no WASI";

fn main() -> std::io::Result<()> {
    worker::serve::<Dlr>()
}

/// The interpreter, which has no state of its own: stores belong to instances.
struct Dlr;

impl Engine for Dlr {
    const CONFIGURATIONS: &'static [&'static str] = &["dlr"];

    type Configuration = ();
    type Module = Rc<Module>;
    type Instance = Ready<Instance>;

    fn describe(name: &str) -> Result<Hello> {
        let version = locked_version!("dlr-wasm-interpreter");
        let compiler = format!("dlr-wasm-interpreter {version}, in place");
        let flags = "fat LTO, one codegen unit; no fuel; the default configuration";
        let mut hello = kit::hello(name, version, compiler, flags.to_owned(), &NOTES);
        hello.can.parse = Ability::no("the runtime offers no validation apart from compilation");
        hello.can.aot = Ability::no("the runtime cannot save a module");
        hello.can.wasi = Ability::no(NO_WASI);
        Ok(hello)
    }

    fn configure(_: &str) -> Result<()> {
        Ok(())
    }

    fn create((): &()) -> Result<Dlr> {
        Ok(Dlr)
    }

    fn compile(&mut self, wasm: &[u8]) -> Result<Rc<Module>> {
        Module::new(wasm).map(Rc::new).map_err(Error::rejected)
    }

    fn instantiate(&mut self, module: &Rc<Module>, guest: &Guest) -> Result<Ready<Instance>> {
        if matches!(guest.entry, Entry::Command { .. }) {
            return Err(Error::unsupported(NO_WASI));
        }
        let mut store = Store::new(());
        let imports = imports(&module.code, &mut store)?;
        // SAFETY: all imports were made in this store.
        let outcome = unsafe { store.module_instantiate(&module.code, imports, None) };
        match outcome {
            Ok(outcome) => {
                let instance = Instance { store, module: outcome.module_addr, _code: Rc::clone(module) };
                Ready::find(instance, guest)
            }
            Err(error @ RuntimeError::UnsupportedHostCallDuringInstantiation) => {
                Err(Error::unsupported(error))
            }
            Err(error) => Err(Stop(error).at_start()),
        }
    }
}

/// The marks that `code` imports, in its order.
fn imports(code: &Code<'static>, store: &mut Store<'static, ()>) -> Result<Vec<ExternVal>> {
    let provided = |(module, name, ty): (&str, &str, ExternType)| {
        let mark = match (module, name) {
            (marks::MODULE, marks::START) => Some(START),
            (marks::MODULE, marks::END) => Some(END),
            _ => None,
        };
        let nothing = FuncType {
            params: ResultType { valtypes: Vec::new() },
            returns: ResultType { valtypes: Vec::new() },
        };
        match (mark, ty) {
            (Some(mark), ExternType::Func(_)) => Ok(ExternVal::Func(store.func_alloc(nothing, mark))),
            _ => Err(Error::link(format!("not provided: {module}.{name}"))),
        }
    };
    code.imports().map(provided).collect()
}
