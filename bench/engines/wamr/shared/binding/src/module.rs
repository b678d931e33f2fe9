//! WAMR's runtime, its modules and how they are instantiated, as safe types.

use crate::api::{self, Import, InitArgs, NativeSymbol, Opaque};
use std::cell::UnsafeCell;
use std::ffi::{CStr, CString, c_char};
use std::fs::File;
use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::null_mut;
use std::rc::Rc;
use worker::protocol::{Entry, Error, Result};
use worker::{Guest, marks};

/// Room for wasm's frames, in bytes: 1 MiB, where WAMR's own program takes 64 KiB.
const STACK_BYTES: u32 = 1 << 20;
/// `WASM_LOG_LEVEL_FATAL`: what WAMR warns of is read from its answers.
const QUIET: u32 = 0;

/// WAMR's runtime. There is one for the process, which WAMR counts the users of.
pub struct Runtime(());

/// The host functions, which WAMR keeps a pointer to and sorts.
struct Natives(UnsafeCell<[NativeSymbol; 2]>);

// SAFETY: only WAMR writes to them, under its own rules, and a worker has one thread.
unsafe impl Sync for Natives {}

static NATIVES: Natives = Natives(UnsafeCell::new([native(c"start", start), native(c"end", end)]));

const fn native(name: &'static CStr, function: extern "C" fn(*mut Opaque)) -> NativeSymbol {
    NativeSymbol { symbol: name.as_ptr(), function, signature: c"()".as_ptr(), attachment: null_mut() }
}

extern "C" fn start(_: *mut Opaque) {
    marks::start();
}

extern "C" fn end(_: *mut Opaque) {
    marks::end();
}

impl Runtime {
    /// Starts the runtime, or uses the one that runs.
    ///
    /// # Errors
    /// When WAMR cannot start.
    pub fn new() -> Result<Rc<Runtime>> {
        // SAFETY: the arguments are complete and outlive the call.
        if !unsafe { api::wasm_runtime_full_init(&raw mut *Box::new(InitArgs::new())) } {
            return Err(Error::internal("wasm_runtime_full_init failed"));
        }
        let runtime = Rc::new(Runtime(()));
        api::wasm_runtime_set_log_level(QUIET);
        let of = text(marks::MODULE.as_bytes())?;
        let of = Box::leak(of.into_boxed_c_str());
        // SAFETY: the names and the functions live as long as the program.
        if !unsafe { api::wasm_runtime_register_natives(of.as_ptr(), NATIVES.0.get().cast(), 2) } {
            return Err(Error::internal("wasm_runtime_register_natives failed"));
        }
        Ok(runtime)
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        // SAFETY: every module holds an `Rc` of the runtime, so none is left.
        unsafe { api::wasm_runtime_destroy() };
    }
}

/// The bytes of a module or an artifact, aligned as WAMR wants them.
pub struct Bytes {
    words: Box<[u32]>,
    length: u32,
}

impl Bytes {
    fn of_length(length: usize) -> Result<Bytes> {
        let words = vec![0; length.div_ceil(size_of::<u32>())].into_boxed_slice();
        let length = u32::try_from(length).map_err(|_| Error::rejected("a module of 4 GiB"))?;
        Ok(Bytes { words, length })
    }

    fn start(&mut self) -> *mut u8 {
        self.words.as_mut_ptr().cast()
    }

    fn all(&mut self) -> &mut [u8] {
        let (start, length) = (self.start(), self.length as usize);
        // SAFETY: the words have room for them, and every byte has a value.
        unsafe { std::slice::from_raw_parts_mut(start, length) }
    }

    /// A copy of `bytes`.
    ///
    /// # Errors
    /// When they are 4 GiB or more.
    pub fn copied(bytes: &[u8]) -> Result<Bytes> {
        let mut copy = Bytes::of_length(bytes.len())?;
        copy.all().copy_from_slice(bytes);
        Ok(copy)
    }

    /// What the file `path` holds.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(path: &Path) -> Result<Bytes> {
        let unreadable = |error| Error::unreadable(path, &error);
        let mut file = File::open(path).map_err(unreadable)?;
        let length = file.metadata().map_err(unreadable)?.len();
        let mut bytes = Bytes::of_length(usize::try_from(length).unwrap_or(usize::MAX))?;
        file.read_exact(bytes.all()).map_err(unreadable)?;
        Ok(bytes)
    }
}

/// A loaded module.
pub struct Module {
    /// WAMR's module.
    pub raw: *mut Opaque,
    // WAMR points into the bytes and writes to them.
    _bytes: Bytes,
    _runtime: Rc<Runtime>,
}

impl Module {
    /// Loads `bytes`, a module or an artifact.
    ///
    /// # Errors
    /// When WAMR does not take them.
    pub fn load(runtime: &Rc<Runtime>, mut bytes: Bytes) -> Result<Module> {
        let mut error = Words::new();
        // SAFETY: the bytes stay where they are as long as the module.
        let raw = unsafe { api::wasm_runtime_load(bytes.start(), bytes.length, error.start(), Words::LEN) };
        if raw.is_null() {
            let words = error.read();
            let is_link = words.contains("unknown import") || words.contains("incompatible import");
            return Err(if is_link { Error::link(words) } else { Error::rejected(words) });
        }
        Ok(Module { raw, _bytes: bytes, _runtime: Rc::clone(runtime) })
    }

    /// The first function that nothing provides: WAMR itself finds it out in a call.
    fn not_provided(&self) -> Option<String> {
        // SAFETY: the module lives; the texts are its own and are copied.
        unsafe {
            (0..api::wasm_runtime_get_import_count(self.raw)).find_map(|index| {
                let mut import = Import::empty();
                api::wasm_runtime_get_import_type(self.raw, index, &raw mut import);
                let words = |text: *const c_char| CStr::from_ptr(text).to_string_lossy().into_owned();
                (import.kind == 0 && !import.linked)
                    .then(|| format!("{}.{}", words(import.module_name), words(import.name)))
            })
        }
    }

    /// Makes an instance, in which a start function has run, for the caller to own.
    ///
    /// # Errors
    /// When an import is not provided, and when a start function traps.
    pub fn instantiate(&self, guest: &Guest) -> Result<*mut Opaque> {
        if let Some(name) = self.not_provided() {
            return Err(Error::link(format!("the import {name} is not provided")));
        }
        let world = World::of(guest)?;
        let args = Args::new()?;
        let (mut argv, mut env, mut dirs) =
            (mutable(&world.args), pointers(&world.env), pointers(&world.dirs));
        let stdio = &guest.stdio;
        let [stdin, stdout, stderr] =
            [&stdio.stdin, &stdio.stdout, &stdio.stderr].map(|file| i64::from(file.as_raw_fd()));
        let mut error = Words::new();
        // SAFETY: the module and the arguments live, and so do all texts until the instance is made, which
        // copies what it keeps.
        let raw = unsafe {
            api::wasm_runtime_instantiation_args_set_default_stack_size(args.0, STACK_BYTES);
            api::wasm_runtime_instantiation_args_set_wasi_arg(
                args.0,
                argv.as_mut_ptr(),
                count(&argv).cast_signed(),
            );
            api::wasm_runtime_instantiation_args_set_wasi_env(args.0, env.as_mut_ptr(), count(&env));
            api::wasm_runtime_instantiation_args_set_wasi_dir(
                args.0,
                null_mut(),
                0,
                dirs.as_mut_ptr(),
                count(&dirs),
            );
            api::wasm_runtime_instantiation_args_set_wasi_stdio(args.0, stdin, stdout, stderr);
            api::wasm_runtime_instantiate_ex2(self.raw, args.0, error.start(), Words::LEN)
        };
        if raw.is_null() { Err(stopped(error.read())) } else { Ok(raw) }
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        // SAFETY: every instance holds an `Rc` of the module, so none is left.
        unsafe { api::wasm_runtime_unload(self.raw) };
    }
}

/// The error of an instantiation.
fn stopped(words: String) -> Error {
    let memory = ["allocate memory failed", "allocate linear memory failed", "mmap failed"];
    if memory.iter().any(|known| words.contains(known)) { Error::internal(words) } else { Error::trap(words) }
}

/// WAMR's arguments of an instantiation.
struct Args(*mut Opaque);

impl Args {
    fn new() -> Result<Args> {
        let mut args = null_mut();
        // SAFETY: a place for the answer.
        let made = unsafe { api::wasm_runtime_instantiation_args_create(&raw mut args) };
        if made {
            Ok(Args(args))
        } else {
            Err(Error::internal("wasm_runtime_instantiation_args_create failed"))
        }
    }
}

impl Drop for Args {
    fn drop(&mut self) {
        // SAFETY: this is the only owner.
        unsafe { api::wasm_runtime_instantiation_args_destroy(self.0) };
    }
}

/// What WAMR's WASI is told of the guest's world.
struct World {
    args: Vec<CString>,
    env: Vec<CString>,
    /// `GUEST::HOST` for each folder.
    dirs: Vec<CString>,
}

impl World {
    fn of(guest: &Guest) -> Result<World> {
        let Entry::Command { args, env, dirs, .. } = &guest.entry else {
            return Ok(World { args: Vec::new(), env: Vec::new(), dirs: Vec::new() });
        };
        let args = args.iter().map(|arg| text(arg.as_bytes())).collect::<Result<_>>()?;
        let env = env
            .iter()
            .map(|(name, value)| text(format!("{name}={value}").as_bytes()))
            .collect::<Result<_>>()?;
        let dirs = dirs
            .iter()
            .map(|(host, guest)| text(&[guest.as_bytes(), b"::", host.as_os_str().as_bytes()].concat()))
            .collect::<Result<_>>()?;
        Ok(World { args, env, dirs })
    }
}

fn text(bytes: &[u8]) -> Result<CString> {
    CString::new(bytes).map_err(|_| Error::unsupported("a text with a zero in it"))
}

fn pointers(texts: &[CString]) -> Vec<*const c_char> {
    texts.iter().map(|text| text.as_ptr()).collect()
}

fn mutable(texts: &[CString]) -> Vec<*mut c_char> {
    texts.iter().map(|text| text.as_ptr().cast_mut()).collect()
}

fn count<T>(all: &[T]) -> u32 {
    u32::try_from(all.len()).unwrap_or(u32::MAX)
}

/// Where WAMR writes why something failed.
struct Words([u8; Words::LEN as usize]);

impl Words {
    const LEN: u32 = 256;

    fn new() -> Words {
        Words([0; Words::LEN as usize])
    }

    fn start(&mut self) -> *mut c_char {
        self.0.as_mut_ptr().cast()
    }

    fn read(&self) -> String {
        let words = CStr::from_bytes_until_nul(&self.0).unwrap_or_default();
        words.to_string_lossy().into_owned()
    }
}
