//! Any shared library with the standard C API of WebAssembly (`wasm.h`) as a worker. The library is named when the
//! worker is started.

mod api;
mod handles;
mod instance;
mod library;

use api::{Api, Callback, ExportType, Many, Module as Object, Number, SharedModule, Trap};
use handles::{Owned, OwnedMany, Place};
use instance::{Instance, Stop};
use library::Library;
use std::cell::OnceCell;
use std::path::Path;
use std::ptr::null_mut;
use std::rc::Rc;
use worker::kit::{self, Ready, Trap as _};
use worker::protocol::{self, Ability, Error, Hello, Result};
use worker::{Engine, Guest, marks};

const NOTES: [&str; 5] = [
    "driven by wasm.h alone, through a shared library that is loaded when the worker starts; rejections are explained \
     by the library's own functions where it has some",
    "all exports are called with dynamic values (wasm_func_call): wasm.h has no typed calls",
    "each instance has a store of its own, for which it obtains the shared module; the marks are made in it where the \
     module imports them",
    "the module is shared, and its imports and the names of its exports are read, by the first instantiation only",
    "threads that the library starts in its first compilation stay: the first pass of a process starts them",
];

/// Of libraries whose defaults the worker does not know.
const THREADS: &str =
    "wasm.h does not say how many threads a compilation uses; the number is the most that it may";

const NO_WASI: &str = "wasm.h has no WASI";

/// The smallest module.
const EMPTY: &[u8] = b"\0asm\x01\0\0\0";

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    match (arguments.next(), arguments.next()) {
        (Some(first), Some(path)) if first == library::TRY_TO_SAVE => try_to_save(Path::new(&path)),
        _ => worker::serve::<CApi>(),
    }
}

/// Ends well where the library at `path` saves an empty module and takes it back.
fn try_to_save(path: &Path) -> std::io::Result<()> {
    let api = Api::load(path).map_err(std::io::Error::other)?;
    let takes_it_back = || {
        let place = Place::new(api)?;
        let bytes = api.serialized(&place.compiled(EMPTY)?)?;
        place.deserialized(bytes.as_slice())
    };
    let saved = takes_it_back().map(drop);
    saved.ok_or_else(|| {
        std::io::Error::other("wasm_module_serialize or wasm_module_deserialize gives nothing")
    })
}

/// A library that is loaded.
struct Usable {
    api: &'static Api,
    can_save: Ability,
}

/// An engine, and the store that modules are made in.
struct CApi {
    place: Rc<Place>,
    can_save: Ability,
}

/// A module, and what its first instantiation has read of it. The fields are dropped in this order.
struct Module {
    read: OnceCell<Contents>,
    object: Owned<Object>,
    place: Rc<Place>,
}

/// What all instances of a module have in common.
struct Contents {
    shared: Owned<SharedModule>,
    marks: Vec<Callback>,
    exports: Rc<OwnedMany<*mut ExportType>>,
}

impl Module {
    fn contents(&self) -> Result<&Contents> {
        if let Some(contents) = self.read.get() {
            return Ok(contents);
        }
        let api = self.place.api;
        let marks = api.imports(&self.object).into_iter().map(mark).collect::<Result<_>>()?;
        let shared = api.shared(&self.object).ok_or_else(|| nothing("wasm_module_share"))?;
        let exports = Rc::new(api.exports(&self.object));
        Ok(self.read.get_or_init(|| Contents { shared, marks, exports }))
    }
}

/// The host function that an import asks for.
fn mark((of, name, takes_and_gives_nothing): (String, String, bool)) -> Result<Callback> {
    let callback: Callback = match (of.as_str(), name.as_str()) {
        (marks::MODULE, marks::START) => start,
        (marks::MODULE, marks::END) => end,
        (protocol::WASI_PREVIEW_1 | protocol::WASI_UNSTABLE, _) => {
            return Err(Error::unsupported(NO_WASI));
        }
        _ => {
            return Err(Error::link(format!("nothing provides the import {of}.{name}")));
        }
    };
    if takes_and_gives_nothing {
        return Ok(callback);
    }
    Err(Error::link(format!("the import {of}.{name} is no function () -> ()")))
}

extern "C" fn start(_: *const Many<Number>, _: *mut Many<Number>) -> *mut Trap {
    marks::start();
    null_mut()
}

extern "C" fn end(_: *const Many<Number>, _: *mut Many<Number>) -> *mut Trap {
    marks::end();
    null_mut()
}

/// The description of the engine `name`, which is `library`.
fn hello(name: &str, library: &Library, api: &Api) -> Hello {
    let (runtime, version) = library.identity(api);
    let compiler = match runtime.as_str() {
        "wasmtime" => format!("Cranelift, in the C API of Wasmtime {version}"),
        _ => format!("what {runtime} {version} uses by default"),
    };
    let flags = format!("wasm_engine_new: the defaults of {}", file_name(&library.path));
    let mut hello = kit::hello(name, &version, compiler, flags, &NOTES);
    hello.threads = kit::all_threads();
    if runtime != "wasmtime" {
        hello.notes.push(THREADS.to_owned());
    }
    hello.can.aot = library.can_save(api);
    hello.can.wasi = Ability::no(NO_WASI);
    hello
}

fn nothing(function: &str) -> Error {
    Error::internal(format!("{function} gives nothing"))
}

impl Engine for CApi {
    const CONFIGURATIONS: &'static [&'static str] = &["c-api"];

    type Configuration = Usable;
    type Module = Module;
    type Instance = Ready<Instance>;

    fn describe(name: &str) -> Result<Hello> {
        let library = Library::named()?;
        library.load().map(|api| hello(name, &library, api))
    }

    fn configure(_: &str) -> Result<Usable> {
        let library = Library::named()?;
        let api = library.load()?;
        Ok(Usable { api, can_save: library.can_save(api) })
    }

    fn create(Usable { api, can_save }: &Usable) -> Result<CApi> {
        let place = Place::new(api).ok_or_else(|| nothing("wasm_engine_new or wasm_store_new"))?;
        Ok(CApi { place: Rc::new(place), can_save: can_save.clone() })
    }

    fn parse(&mut self, wasm: &[u8]) -> Result<()> {
        if self.place.validates(wasm) { Ok(()) } else { Err(self.rejected("wasm_module_validate", wasm)) }
    }

    fn compile(&mut self, wasm: &[u8]) -> Result<Module> {
        let object = self.place.compiled(wasm).ok_or_else(|| self.rejected("wasm_module_new", wasm))?;
        Ok(self.module(object))
    }

    fn save(&mut self, module: &Module, artifact: &Path) -> Result<()> {
        self.saves()?;
        let bytes =
            self.place.api.serialized(&module.object).ok_or_else(|| nothing("wasm_module_serialize"))?;
        Ok(std::fs::write(artifact, bytes.as_slice())?)
    }

    fn load(&mut self, artifact: &Path) -> Result<Module> {
        self.saves()?;
        let bytes = std::fs::read(artifact).map_err(|error| Error::unreadable(artifact, &error))?;
        let object = self.place.deserialized(&bytes);
        let object =
            object.ok_or_else(|| Error::rejected("wasm_module_deserialize does not take the artifact"))?;
        Ok(self.module(object))
    }

    fn instantiate(&mut self, module: &Module, guest: &Guest) -> Result<Ready<Instance>> {
        if guest.needs_wasi(std::iter::empty()) {
            return Err(Error::unsupported(NO_WASI));
        }
        let Contents { shared, marks, exports } = module.contents()?;
        let place = self.place.another().ok_or_else(|| nothing("wasm_store_new"))?;
        let obtained = place.obtained(shared).ok_or_else(|| nothing("wasm_module_obtain"))?;
        let marks: Option<Vec<_>> = marks.iter().map(|mark| place.host_function(*mark)).collect();
        let marks = marks.ok_or_else(|| nothing("wasm_func_new"))?;
        let object = place.instance(&obtained, &marks).map_err(|trap| match trap {
            Some(trap) => Stop(trap).at_start(),
            None => nothing("wasm_instance_new"),
        })?;
        let exported = place.api.exported(&object);
        Ready::find(Instance { exported, _object: object, names: Rc::clone(exports), place }, guest)
    }
}

impl CApi {
    fn module(&self, object: Owned<Object>) -> Module {
        Module { read: OnceCell::new(), object, place: Rc::clone(&self.place) }
    }

    /// Makes sure that the library has artifacts: it may end the process otherwise.
    fn saves(&self) -> Result<()> {
        self.can_save.reason().map_or(Ok(()), |reason| Err(Error::unsupported(reason)))
    }

    /// The error for `wasm`, which `function` has refused.
    #[cold]
    fn rejected(&self, function: &str, wasm: &[u8]) -> Error {
        let words = self.place.refusal(wasm);
        Error::rejected(
            words.unwrap_or_else(|| format!("{function} refuses the module; wasm.h has no reasons")),
        )
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
