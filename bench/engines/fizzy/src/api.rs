//! The functions of `fizzy.h` that the worker calls, and safe types around what they own.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::marker::{PhantomData, PhantomPinned};
use std::ptr::{null, null_mut};
use std::sync::LazyLock;
use worker::marks;

/// fizzy's types, of which only pointers are known here.
#[repr(C)]
struct Opaque {
    _private: [u8; 0],
    _pinned: PhantomData<(*mut u8, PhantomPinned)>,
}

/// `FizzyError`.
#[repr(C)]
struct RawError {
    code: c_int,
    message: [c_char; 256],
}

/// `FizzyExecutionResult`; the value is a union of numbers.
#[repr(C)]
struct ExecutionResult {
    trapped: bool,
    has_value: bool,
    value: u64,
}

/// `FizzyFunctionType`.
#[repr(C)]
struct FunctionType {
    output: u8,
    inputs: *const u8,
    inputs_size: usize,
}

/// A host function: its context, the instance, arguments and the context of the execution.
type ExternalFn = extern "C" fn(*mut c_void, *mut Opaque, *const u64, *mut Opaque) -> ExecutionResult;

/// `FizzyExternalFunction`.
#[repr(C)]
struct ExternalFunction {
    ty: FunctionType,
    function: ExternalFn,
    context: *mut c_void,
}

/// `FizzyImportedFunction`.
#[repr(C)]
struct ImportedFunction {
    module: *const c_char,
    name: *const c_char,
    function: ExternalFunction,
}

unsafe extern "C" {
    fn fizzy_parse(bytes: *const u8, size: usize, error: *mut RawError) -> *const Opaque;
    fn fizzy_free_module(module: *const Opaque);
    fn fizzy_clone_module(module: *const Opaque) -> *const Opaque;
    fn fizzy_find_exported_function_index(
        module: *const Opaque,
        name: *const c_char,
        index: *mut u32,
    ) -> bool;
    fn fizzy_get_function_type(module: *const Opaque, index: u32) -> FunctionType;
    fn fizzy_resolve_instantiate(
        module: *const Opaque,
        functions: *const ImportedFunction,
        functions_size: usize,
        table: *const c_void,
        memory: *const c_void,
        globals: *const c_void,
        globals_size: usize,
        memory_pages_limit: u32,
        error: *mut RawError,
    ) -> *mut Opaque;
    fn fizzy_free_instance(instance: *mut Opaque);
    fn fizzy_get_instance_module(instance: *mut Opaque) -> *const Opaque;
    fn fizzy_execute(
        instance: *mut Opaque,
        index: u32,
        args: *const u64,
        context: *mut Opaque,
    ) -> ExecutionResult;
}

/// `FizzyErrorMemoryAllocationFailed`.
pub const NO_MEMORY: c_int = 4;

/// All that a memory can have; fizzy's own default is 256 MiB.
const PAGES: u32 = 65_536;

/// Why fizzy failed: its number and its words.
pub struct Failure {
    /// `FizzyErrorCode`.
    pub code: c_int,
    /// The words.
    pub words: String,
}

impl RawError {
    const NONE: RawError = RawError { code: 0, message: [0; 256] };

    fn failure(&self) -> Failure {
        // SAFETY: fizzy ends the message with a zero inside the array, which is all zeros before.
        let words = unsafe { CStr::from_ptr(self.message.as_ptr()) };
        Failure { code: self.code, words: words.to_string_lossy().into_owned() }
    }
}

/// A parsed module.
pub struct Module(*const Opaque);

impl Module {
    /// Parses, validates and translates `bytes`.
    pub fn new(bytes: &[u8]) -> Result<Module, Failure> {
        let mut error = RawError::NONE;
        // SAFETY: the bytes are as many; fizzy keeps no pointer to them.
        let module = unsafe { fizzy_parse(bytes.as_ptr(), bytes.len(), &raw mut error) };
        if module.is_null() { Err(error.failure()) } else { Ok(Module(module)) }
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        // SAFETY: instances have copies of their own, so nobody else has this one.
        unsafe { fizzy_free_module(self.0) };
    }
}

/// The names of the marks, made once a process.
static NAMES: LazyLock<[CString; 3]> = LazyLock::new(|| {
    [marks::MODULE, marks::START, marks::END].map(|text| CString::new(text).unwrap_or_default())
});

/// An instance, which owns a copy of its module.
pub struct Instance(*mut Opaque);

impl Instance {
    /// Copies `module`, links the copy and calls its start function.
    pub fn new(module: &Module) -> Result<Instance, Failure> {
        let [of, start_name, end_name] = &*NAMES;
        let import = |name: &CString, function| ImportedFunction {
            module: of.as_ptr(),
            name: name.as_ptr(),
            function: ExternalFunction {
                ty: FunctionType { output: 0, inputs: null(), inputs_size: 0 },
                function,
                context: null_mut(),
            },
        };
        let imports = [import(start_name, start as ExternalFn), import(end_name, end as ExternalFn)];
        let mut error = RawError::NONE;
        // SAFETY: the module lives; the instance takes over the copy, and is given functions of the type that
        // they are declared with, with names that end with a zero and are copied.
        let instance = unsafe {
            let copy = fizzy_clone_module(module.0);
            if copy.is_null() {
                return Err(Failure { code: NO_MEMORY, words: "no memory to copy the module".to_owned() });
            }
            let (functions, count) = (imports.as_ptr(), imports.len());
            fizzy_resolve_instantiate(
                copy,
                functions,
                count,
                null(),
                null(),
                null(),
                0,
                PAGES,
                &raw mut error,
            )
        };
        if instance.is_null() { Err(error.failure()) } else { Ok(Instance(instance)) }
    }

    /// The exported function `name`.
    pub fn find(&self, name: &str) -> Option<Function> {
        let name = CString::new(name).ok()?;
        let mut index = 0;
        // SAFETY: the instance lives and so does its module; the name ends with a zero; the array of
        // types is as long as fizzy says, and is copied.
        unsafe {
            let module = fizzy_get_instance_module(self.0);
            if !fizzy_find_exported_function_index(module, name.as_ptr(), &raw mut index) {
                return None;
            }
            let ty = fizzy_get_function_type(module, index);
            let inputs = match ty.inputs_size {
                0 => Vec::new(),
                size => std::slice::from_raw_parts(ty.inputs, size).to_vec(),
            };
            Some(Function { index, inputs, output: ty.output })
        }
    }

    /// Calls function `index`, which is of this instance and has as many parameters as `args` or fewer; `None` for
    /// a trap. The result is zero where the function has none.
    #[inline]
    pub fn call(&self, index: u32, args: &[u64]) -> Option<u64> {
        // SAFETY: the instance lives; the caller sees to the arguments, by the function's type. Without a context
        // fizzy makes one.
        let result = unsafe { fizzy_execute(self.0, index, args.as_ptr(), null_mut()) };
        match result {
            ExecutionResult { trapped: true, .. } => None,
            ExecutionResult { has_value: true, value, .. } => Some(value),
            ExecutionResult { .. } => Some(0),
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // SAFETY: nothing of the instance is used afterwards; it frees its module, too.
        unsafe { fizzy_free_instance(self.0) };
    }
}

/// A function of a module, with its types as the binary format numbers them; an `output` of zero is none.
#[derive(Clone)]
pub struct Function {
    /// Its index.
    pub index: u32,
    /// The types of its parameters.
    pub inputs: Vec<u8>,
    /// The type of its result.
    pub output: u8,
}

const RETURNED: ExecutionResult = ExecutionResult { trapped: false, has_value: false, value: 0 };

extern "C" fn start(_: *mut c_void, _: *mut Opaque, _: *const u64, _: *mut Opaque) -> ExecutionResult {
    marks::start();
    RETURNED
}

extern "C" fn end(_: *mut c_void, _: *mut Opaque, _: *const u64, _: *mut Opaque) -> ExecutionResult {
    marks::end();
    RETURNED
}
