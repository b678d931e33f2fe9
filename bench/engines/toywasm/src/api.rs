//! The functions of `c/shim.c`, and safe types around what they own.

use std::ffi::{CStr, c_char};
use std::marker::{PhantomData, PhantomPinned};
use std::ptr::null_mut;
use std::rc::Rc;
use worker::marks;

/// toywasm's types, of which only pointers are known here.
#[repr(C)]
struct Opaque {
    _private: [u8; 0],
    _pinned: PhantomData<(*mut u8, PhantomPinned)>,
}

/// `FINE` of the shim's `enum outcome`, which is one byte.
const FINE: u8 = 0;

/// `TRAPPED` of it.
const TRAPPED: u8 = 2;

unsafe extern "C" {
    fn worker_free_words(message: *mut c_char);
    safe fn worker_engine_new() -> *mut Opaque;
    fn worker_engine_free(engine: *mut Opaque);
    fn worker_module_new(
        engine: *mut Opaque,
        bytes: *const u8,
        size: usize,
        module: *mut *mut Opaque,
        message: *mut *mut c_char,
    ) -> u8;
    fn worker_module_free(engine: *mut Opaque, module: *mut Opaque);
    fn worker_instance_new(
        engine: *mut Opaque,
        module: *const Opaque,
        instance: *mut *mut Opaque,
        message: *mut *mut c_char,
    ) -> u8;
    fn worker_instance_init(engine: *mut Opaque, instance: *mut Opaque, message: *mut *mut c_char) -> u8;
    fn worker_instance_free(instance: *mut Opaque);
    fn worker_find(module: *const Opaque, name: *const u8, size: u32, index: *mut u32) -> bool;
    fn worker_type_count(module: *const Opaque, index: u32, results: bool) -> u32;
    fn worker_type(module: *const Opaque, index: u32, results: bool, i: u32) -> u32;
    fn worker_call(
        engine: *mut Opaque,
        module: *const Opaque,
        instance: *mut Opaque,
        index: u32,
        args: *const u64,
        results: *mut u64,
        message: *mut *mut c_char,
    ) -> u8;
}

/// Why toywasm failed, in its words.
pub struct Failure {
    /// Whether the guest trapped.
    pub is_trap: bool,
    /// The words.
    pub words: String,
}

/// Runs `request`, which gets a place for a message, and turns what it returns into a result.
#[inline]
fn check(request: impl FnOnce(*mut *mut c_char) -> u8) -> Result<(), Failure> {
    let mut message = null_mut();
    match request(&raw mut message) {
        FINE => Ok(()),
        outcome => Err(failure(outcome, message)),
    }
}

#[cold]
fn failure(outcome: u8, message: *mut c_char) -> Failure {
    let mut words = String::new();
    if !message.is_null() {
        // SAFETY: the shim gives a text that ends with a zero and is ours to free, once.
        unsafe {
            words = CStr::from_ptr(message).to_string_lossy().into_owned();
            worker_free_words(message);
        }
    }
    if words.is_empty() {
        "toywasm gives no reason".clone_into(&mut words);
    }
    Failure { is_trap: outcome == TRAPPED, words }
}

/// What modules and instances belong to.
pub struct Engine(*mut Opaque);

impl Engine {
    /// A new one; `None` without memory for it.
    pub fn new() -> Option<Engine> {
        let engine = worker_engine_new();
        (!engine.is_null()).then_some(Engine(engine))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // SAFETY: every module and instance of it holds an `Rc` of it, so none is left.
        unsafe { worker_engine_free(self.0) };
    }
}

/// A module, and the bytes that it points into.
pub struct Module {
    module: *mut Opaque,
    _bytes: Box<[u8]>,
    engine: Rc<Engine>,
}

impl Module {
    /// Parses and validates `bytes`.
    pub fn new(engine: &Rc<Engine>, bytes: &[u8]) -> Result<Module, Failure> {
        let bytes: Box<[u8]> = bytes.into();
        let mut module = null_mut();
        check(|message| {
            // SAFETY: the engine lives; the bytes are as many, and stay where they are as long as the module.
            unsafe { worker_module_new(engine.0, bytes.as_ptr(), bytes.len(), &raw mut module, message) }
        })?;
        Ok(Module { module, _bytes: bytes, engine: Rc::clone(engine) })
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        // SAFETY: every instance of it holds an `Rc` of it, so none is left.
        unsafe { worker_module_free(self.engine.0, self.module) };
    }
}

/// An instance of a module.
pub struct Instance {
    instance: *mut Opaque,
    module: Rc<Module>,
}

impl Instance {
    /// Links `module`; [`Instance::init`] does the rest.
    pub fn link(module: &Rc<Module>) -> Result<Instance, Failure> {
        let mut instance = null_mut();
        check(|message| {
            // SAFETY: the engine and the module live, as long as the instance.
            unsafe { worker_instance_new(module.engine.0, module.module, &raw mut instance, message) }
        })?;
        Ok(Instance { instance, module: Rc::clone(module) })
    }

    /// Fills tables and memories, and calls the start function; once, before any call.
    pub fn init(&self) -> Result<(), Failure> {
        // SAFETY: the engine and the instance live.
        check(|message| unsafe { worker_instance_init(self.module.engine.0, self.instance, message) })
    }

    /// The exported function `name`.
    pub fn find(&self, name: &str) -> Option<Function> {
        let size = u32::try_from(name.len()).ok()?;
        let mut index = 0;
        // SAFETY: the module lives, and the name has as many bytes.
        let found = unsafe { worker_find(self.module.module, name.as_ptr(), size, &raw mut index) };
        found.then_some(Function(index))
    }

    /// The types of a function's parameters, or of its results.
    pub fn types(&self, function: Function, results: bool) -> Vec<u32> {
        let module = self.module.module;
        // SAFETY: the module lives and has the function, which has as many types.
        unsafe {
            let count = worker_type_count(module, function.0, results);
            (0..count).map(|i| worker_type(module, function.0, results, i)).collect()
        }
    }

    /// Calls `function`, which is of this instance and has as many parameters and results, at most [`MOST`].
    #[inline]
    pub fn call(&self, function: Function, args: &[u64], results: &mut [u64]) -> Result<(), Failure> {
        let (engine, module) = (self.module.engine.0, self.module.module);
        let (args, results) = (args.as_ptr(), results.as_mut_ptr());
        // SAFETY: all three live; the caller sees to the numbers of values, by the function's type.
        check(|message| unsafe {
            worker_call(engine, module, self.instance, function.0, args, results, message)
        })
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // SAFETY: nothing of the instance is used afterwards.
        unsafe { worker_instance_free(self.instance) };
    }
}

/// A function of a module: its index.
#[derive(Clone, Copy)]
pub struct Function(u32);

/// The most arguments or results of a call, as `WORKER_MOST` in `c/shim.c`.
pub const MOST: usize = 16;

#[unsafe(no_mangle)]
extern "C" fn worker_mark_start() {
    marks::start();
}

#[unsafe(no_mangle)]
extern "C" fn worker_mark_end() {
    marks::end();
}
