//! The functions of `wasm3.h` that the worker calls, and safe types around what they own.

use std::ffi::{CStr, CString, c_char, c_void};
use std::marker::{PhantomData, PhantomPinned};
use std::ptr::{null, null_mut};
use std::rc::Rc;
use worker::marks;

/// wasm3's types, of which only pointers are known here.
#[repr(C)]
struct Opaque {
    _private: [u8; 0],
    _pinned: PhantomData<(*mut u8, PhantomPinned)>,
}

/// Null, or a text that lives as long as the program: why something failed.
type M3Result = *const c_char;

/// A host function: runtime, context, stack and memory.
type RawCall = extern "C" fn(*mut Opaque, *mut Opaque, *mut u64, *mut c_void) -> *const c_void;

/// `M3ErrorInfo`.
#[repr(C)]
struct ErrorInfo {
    result: M3Result,
    runtime: *mut Opaque,
    module: *mut Opaque,
    function: *mut Opaque,
    file: *const c_char,
    line: u32,
    message: *const c_char,
}

unsafe extern "C" {
    safe fn m3_NewEnvironment() -> *mut Opaque;
    fn m3_FreeEnvironment(environment: *mut Opaque);
    fn m3_NewRuntime(environment: *mut Opaque, stack_bytes: u32, data: *mut c_void) -> *mut Opaque;
    fn m3_FreeRuntime(runtime: *mut Opaque);
    fn m3_ParseModule(environment: *mut Opaque, to: *mut *mut Opaque, bytes: *const u8, len: u32)
    -> M3Result;
    fn m3_FreeModule(module: *mut Opaque);
    fn m3_LoadModule(runtime: *mut Opaque, module: *mut Opaque) -> M3Result;
    fn m3_RunStart(module: *mut Opaque) -> M3Result;
    fn m3_LinkRawFunction(
        module: *mut Opaque,
        of: *const c_char,
        name: *const c_char,
        signature: *const c_char,
        function: RawCall,
    ) -> M3Result;
    fn m3_FindFunction(to: *mut *mut Opaque, runtime: *mut Opaque, name: *const c_char) -> M3Result;
    fn m3_GetArgCount(function: *mut Opaque) -> u32;
    fn m3_GetRetCount(function: *mut Opaque) -> u32;
    fn m3_GetArgType(function: *mut Opaque, index: u32) -> u32;
    fn m3_GetRetType(function: *mut Opaque, index: u32) -> u32;
    fn m3_Call(function: *mut Opaque, count: u32, args: *const *const c_void) -> M3Result;
    fn m3_GetResults(function: *mut Opaque, count: u32, results: *const *mut c_void) -> M3Result;
    fn m3_GetErrorInfo(runtime: *mut Opaque, info: *mut ErrorInfo);
    fn m3_ResetErrorInfo(runtime: *mut Opaque);
    fn worker_import_not_provided(
        module: *mut Opaque,
        of: *mut *const c_char,
        name: *mut *const c_char,
    ) -> bool;
}

/// What wasm3 looks up and does not find.
const NOT_FOUND: &str = "function lookup failed";

/// How an import that nobody provides is called.
pub const NOT_PROVIDED: &str = "imported function";

/// Room for values, in bytes: 1 MiB, where wasm3's own program takes 64 KiB.
const STACK_BYTES: u32 = 1 << 20;

/// Why wasm3 failed, in its words.
pub struct Failure(pub String);

/// The words of `result`, if it is a failure.
fn check(result: M3Result) -> Result<(), Failure> {
    if result.is_null() {
        return Ok(());
    }
    // SAFETY: a result that is not null is a text that ends with a zero and is never freed.
    let words = unsafe { CStr::from_ptr(result) };
    Err(Failure(words.to_string_lossy().into_owned()))
}

/// What modules and runtimes belong to.
pub struct Environment(*mut Opaque);

impl Environment {
    /// A new one.
    pub fn new() -> Environment {
        Environment(m3_NewEnvironment())
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        // SAFETY: every module and runtime of it holds an `Rc` of it, so none is left.
        unsafe { m3_FreeEnvironment(self.0) };
    }
}

/// A module that is in no runtime yet, and the bytes that it points into.
pub struct Parsed {
    module: *mut Opaque,
    bytes: Rc<[u8]>,
    environment: Rc<Environment>,
}

impl Parsed {
    /// Parses `bytes`.
    pub fn new(environment: &Rc<Environment>, bytes: Rc<[u8]>) -> Result<Parsed, Failure> {
        let length = u32::try_from(bytes.len()).map_err(|_| Failure("a module of 4 GiB".to_owned()))?;
        let mut module = null_mut();
        // SAFETY: the environment lives; the bytes are as many, and stay where they are as long as the module.
        check(unsafe { m3_ParseModule(environment.0, &raw mut module, bytes.as_ptr(), length) })?;
        Ok(Parsed { module, bytes, environment: Rc::clone(environment) })
    }
}

impl Drop for Parsed {
    fn drop(&mut self) {
        if !self.module.is_null() {
            // SAFETY: no runtime has taken the module.
            unsafe { m3_FreeModule(self.module) };
        }
    }
}

/// A runtime with one module loaded.
pub struct Runtime {
    runtime: *mut Opaque,
    module: *mut Opaque,
    // In the order in which they are let go of, after the runtime.
    _bytes: Rc<[u8]>,
    _environment: Rc<Environment>,
}

impl Runtime {
    /// Loads `parsed` into a new runtime, and gives it the marks that it may import.
    pub fn load(mut parsed: Parsed) -> Result<Runtime, Failure> {
        // SAFETY: the environment lives.
        let runtime = unsafe { m3_NewRuntime(parsed.environment.0, STACK_BYTES, null_mut()) };
        if runtime.is_null() {
            return Err(Failure("no memory for a runtime".to_owned()));
        }
        let loaded = Runtime {
            runtime,
            module: parsed.module,
            _bytes: Rc::clone(&parsed.bytes),
            _environment: Rc::clone(&parsed.environment),
        };
        // SAFETY: both live, and no other runtime has the module. Where it fails, the module stays ours.
        check(unsafe { m3_LoadModule(runtime, parsed.module) })?;
        parsed.module = null_mut();
        loaded.link(marks::START, start)?;
        loaded.link(marks::END, end)?;
        match loaded.not_provided() {
            Some(name) => Err(Failure(format!("an {NOT_PROVIDED} is not provided: {name}"))),
            None => Ok(loaded),
        }
    }

    /// An import that nobody has provided.
    fn not_provided(&self) -> Option<String> {
        let (mut of, mut name) = (null(), null());
        // SAFETY: the module is loaded; the texts end with a zero, live as long as the module, and are copied.
        unsafe {
            worker_import_not_provided(self.module, &raw mut of, &raw mut name).then(|| {
                let [of, name] = [of, name].map(|text| CStr::from_ptr(text).to_string_lossy());
                format!("{of}.{name}")
            })
        }
    }

    fn link(&self, name: &str, function: RawCall) -> Result<(), Failure> {
        let [of, name, signature] = [marks::MODULE, name, "v()"].map(text);
        let (of, name, signature) = (of.as_ptr(), name.as_ptr(), signature.as_ptr());
        // SAFETY: the module is loaded, the texts end with a zero, and the function has the type `v()`.
        match check(unsafe { m3_LinkRawFunction(self.module, of, name, signature, function) }) {
            // The module does not import it.
            Err(Failure(words)) if words == NOT_FOUND => Ok(()),
            linked => linked,
        }
    }

    /// Runs the start function, if there is one.
    pub fn start(&self) -> Result<(), Failure> {
        // SAFETY: the module is loaded.
        self.explained(unsafe { m3_RunStart(self.module) })
    }

    /// The exported function `name`, which is compiled now; `None` where there is none.
    pub fn find(&self, name: &str) -> Result<Option<Function>, Failure> {
        let Ok(name) = CString::new(name) else { return Ok(None) };
        let mut function = null_mut();
        // SAFETY: the runtime lives and the name ends with a zero.
        let result = unsafe { m3_FindFunction(&raw mut function, self.runtime, name.as_ptr()) };
        match self.explained(result) {
            Ok(()) => Ok(Some(Function(function))),
            Err(Failure(words)) if words.starts_with(NOT_FOUND) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Calls `function`, which is of this runtime; `results` has as many values as the function.
    pub fn call(&self, function: Function, args: &[Number], results: &mut [Number]) -> Result<(), Failure> {
        let given: [*const c_void; MOST] =
            std::array::from_fn(|index| args.get(index).map_or(null(), |arg| (&raw const arg.bits).cast()));
        // SAFETY: there are as many arguments as `Number`s, all of eight bytes, and the function has no more.
        self.explained(unsafe { m3_Call(function.0, count(args), given.as_ptr()) })?;
        let taken: [*mut c_void; MOST] = {
            let mut all = results.iter_mut();
            std::array::from_fn(|_| all.next().map_or(null_mut(), |one| (&raw mut one.bits).cast()))
        };
        // SAFETY: as above; a result is no longer than eight bytes.
        check(unsafe { m3_GetResults(function.0, count(results), taken.as_ptr()) })
    }

    /// As [`check`], with what wasm3 says of the place.
    fn explained(&self, result: M3Result) -> Result<(), Failure> {
        check(result).map_err(|Failure(words)| {
            let mut info = ErrorInfo {
                result: null(),
                runtime: null_mut(),
                module: null_mut(),
                function: null_mut(),
                file: null(),
                line: 0,
                message: null(),
            };
            // SAFETY: the runtime lives; the message belongs to it and is copied before it is reset.
            let message = unsafe {
                m3_GetErrorInfo(self.runtime, &raw mut info);
                let message =
                    (!info.message.is_null()).then(|| CStr::from_ptr(info.message).to_string_lossy());
                let message = message.filter(|text| !text.is_empty()).map(std::borrow::Cow::into_owned);
                m3_ResetErrorInfo(self.runtime);
                message
            };
            Failure(message.map_or(words.clone(), |message| format!("{words} ({message})")))
        })
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        // SAFETY: nothing of the runtime is used afterwards; it frees its module, too.
        unsafe { m3_FreeRuntime(self.runtime) };
    }
}

/// A function of a runtime.
#[derive(Clone, Copy)]
pub struct Function(*mut Opaque);

impl Function {
    /// The types of its parameters and results, as wasm3 numbers them.
    pub fn types(self) -> (Vec<u32>, Vec<u32>) {
        // SAFETY: the function's runtime lives as long as the instance that hands it out.
        unsafe {
            let params = (0..m3_GetArgCount(self.0)).map(|index| m3_GetArgType(self.0, index)).collect();
            let results = (0..m3_GetRetCount(self.0)).map(|index| m3_GetRetType(self.0, index)).collect();
            (params, results)
        }
    }
}

/// A number, in the bits of the lowest bytes, and its type, as wasm3 numbers it.
#[derive(Clone, Copy, Default)]
pub struct Number {
    /// The bits.
    pub bits: u64,
    /// The type.
    pub ty: u32,
}

/// The most arguments or results of a call; [`MOST`] pointers are made for each.
pub const MOST: usize = 16;

fn count(values: &[Number]) -> u32 {
    u32::try_from(values.len()).unwrap_or(u32::MAX)
}

fn text(text: &str) -> CString {
    CString::new(text).unwrap_or_default()
}

extern "C" fn start(_: *mut Opaque, _: *mut Opaque, _: *mut u64, _: *mut c_void) -> *const c_void {
    marks::start();
    null()
}

extern "C" fn end(_: *mut Opaque, _: *mut Opaque, _: *mut u64, _: *mut c_void) -> *const c_void {
    marks::end();
    null()
}
