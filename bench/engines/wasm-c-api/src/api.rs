//! The functions of `wasm.h` that the worker calls, found in a shared library when the worker runs.

use libloading::Library;
use std::ffi::c_char;
use std::marker::{PhantomData, PhantomPinned};
use std::path::Path;
use std::ptr::null_mut;

#[cfg(target_endian = "big")]
compile_error!(
    "`Number` holds numbers of 32 bits in the lower half of 64, where little-endian machines keep them"
);

/// Types of `wasm.h` of which only pointers are known here.
macro_rules! opaque {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[repr(C)]
        pub struct $name {
            _private: [u8; 0],
            _pinned: PhantomData<(*mut u8, PhantomPinned)>,
        }
    )*};
}

opaque! {
    /// `wasm_engine_t`
    Engine,
    /// `wasm_store_t`
    Store,
    /// `wasm_module_t`
    Module,
    /// `wasm_shared_module_t`
    SharedModule,
    /// `wasm_instance_t`
    Instance,
    /// `wasm_trap_t`
    Trap,
    /// `wasm_func_t`
    Func,
    /// `wasm_functype_t`
    FuncType,
    /// `wasm_valtype_t`
    ValType,
    /// `wasm_importtype_t`
    ImportType,
    /// `wasm_exporttype_t`
    ExportType,
    /// `wasm_externtype_t`
    ExternType,
    /// `wasm_extern_t`
    Extern,
    /// `wasmtime_error_t`, which only Wasmtime has
    WasmtimeError,
}

/// `wasm_*_vec_t`: a number of elements and where they are.
#[repr(C)]
pub struct Many<T> {
    /// How many.
    pub size: usize,
    /// Where; null where there are none.
    pub data: *mut T,
}

impl<T> Many<T> {
    /// None.
    pub const EMPTY: Many<T> = Many { size: 0, data: null_mut() };

    /// Those of `slice`, lent to a function that only reads them.
    #[inline(always)]
    pub fn lent(slice: &[T]) -> Many<T> {
        Many { size: slice.len(), data: slice.as_ptr().cast_mut() }
    }

    /// Those of `slice`, lent to a function that writes them.
    #[inline(always)]
    pub fn written(slice: &mut [T]) -> Many<T> {
        Many { size: slice.len(), data: slice.as_mut_ptr() }
    }
}

/// `wasm_val_t`: a number, in the lowest bytes of `bits`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Number {
    /// `wasm_valkind_t`.
    pub kind: u8,
    /// The bits.
    pub bits: u64,
}

/// `wasm_func_callback_t`.
pub type Callback = extern "C" fn(*const Many<Number>, *mut Many<Number>) -> *mut Trap;

/// A table of functions: their names in the library and their types.
macro_rules! functions {
    ($(fn $name:ident($($arg:ty),* $(,)?) $(-> $result:ty)?;)*
     optional: $(fn $may_lack:ident($($may_arg:ty),* $(,)?) $(-> $may_result:ty)?;)*) => {
        /// The functions of a library, under the names that they have in `wasm.h`. The library is never unloaded.
        pub struct Api {
            $(pub $name: unsafe extern "C" fn($($arg),*) $(-> $result)?,)*
            $(pub $may_lack: Option<unsafe extern "C" fn($($may_arg),*) $(-> $may_result)?>,)*
        }

        impl Api {
            fn of(library: &Library) -> Result<Api, libloading::Error> {
                // SAFETY: the types are those of `wasm.h`, or of Wasmtime's `wasmtime.h` and Wasmer's `wasmer.h`,
                // which no other library has a reason to name so.
                unsafe {
                    Ok(Api {
                        $($name: *library.get(concat!(stringify!($name), "\0"))?,)*
                        $($may_lack: library.get(concat!(stringify!($may_lack), "\0")).ok().map(|found| *found),)*
                    })
                }
            }
        }
    };
}

functions! {
    fn wasm_engine_new() -> *mut Engine;
    fn wasm_engine_delete(*mut Engine);
    fn wasm_store_new(*mut Engine) -> *mut Store;
    fn wasm_store_delete(*mut Store);
    fn wasm_byte_vec_delete(*mut Many<u8>);
    fn wasm_module_validate(*mut Store, *const Many<u8>) -> bool;
    fn wasm_module_new(*mut Store, *const Many<u8>) -> *mut Module;
    fn wasm_module_delete(*mut Module);
    fn wasm_module_share(*const Module) -> *mut SharedModule;
    fn wasm_module_obtain(*mut Store, *const SharedModule) -> *mut Module;
    fn wasm_shared_module_delete(*mut SharedModule);
    fn wasm_module_imports(*const Module, *mut Many<*mut ImportType>);
    fn wasm_module_exports(*const Module, *mut Many<*mut ExportType>);
    fn wasm_importtype_vec_delete(*mut Many<*mut ImportType>);
    fn wasm_exporttype_vec_delete(*mut Many<*mut ExportType>);
    fn wasm_importtype_module(*const ImportType) -> *const Many<u8>;
    fn wasm_importtype_name(*const ImportType) -> *const Many<u8>;
    fn wasm_importtype_type(*const ImportType) -> *const ExternType;
    fn wasm_exporttype_name(*const ExportType) -> *const Many<u8>;
    fn wasm_externtype_as_functype_const(*const ExternType) -> *const FuncType;
    fn wasm_functype_new(*mut Many<*mut ValType>, *mut Many<*mut ValType>) -> *mut FuncType;
    fn wasm_functype_delete(*mut FuncType);
    fn wasm_functype_params(*const FuncType) -> *const Many<*mut ValType>;
    fn wasm_functype_results(*const FuncType) -> *const Many<*mut ValType>;
    fn wasm_valtype_kind(*const ValType) -> u8;
    fn wasm_func_new(*mut Store, *const FuncType, Callback) -> *mut Func;
    fn wasm_func_delete(*mut Func);
    fn wasm_func_as_extern(*mut Func) -> *mut Extern;
    fn wasm_func_type(*const Func) -> *mut FuncType;
    fn wasm_func_call(*const Func, *const Many<Number>, *mut Many<Number>) -> *mut Trap;
    fn wasm_extern_as_func(*mut Extern) -> *mut Func;
    fn wasm_extern_vec_delete(*mut Many<*mut Extern>);
    fn wasm_instance_new(*mut Store, *const Module, *const Many<*mut Extern>, *mut *mut Trap) -> *mut Instance;
    fn wasm_instance_delete(*mut Instance);
    fn wasm_instance_exports(*const Instance, *mut Many<*mut Extern>);
    fn wasm_trap_message(*const Trap, *mut Many<u8>);
    fn wasm_trap_delete(*mut Trap);
    optional:
    fn wasm_module_serialize(*const Module, *mut Many<u8>);
    fn wasm_module_deserialize(*mut Store, *const Many<u8>) -> *mut Module;
    fn wasmtime_module_validate(*mut Engine, *const u8, usize) -> *mut WasmtimeError;
    fn wasmtime_error_message(*const WasmtimeError, *mut Many<u8>);
    fn wasmtime_error_delete(*mut WasmtimeError);
    fn wasmer_version() -> *const c_char;
    fn wasmer_last_error_length() -> i32;
    fn wasmer_last_error_message(*mut c_char, i32) -> i32;
}

impl Api {
    /// Loads the library at `path`, for good: runtimes install handlers of signals, and start threads, that no
    /// unloading ends.
    ///
    /// # Errors
    /// The linker's words: there is no such library, or it lacks a function.
    pub fn load(path: &Path) -> Result<&'static Api, String> {
        // SAFETY: loading runs the library's initialisers. The user, or this folder's checksums, name it as a
        // WebAssembly runtime, whose code this process is there to run.
        let library = unsafe { Library::new(path) }.map_err(|error| words(&error))?;
        let library = Box::leak(Box::new(library));
        let api = Api::of(library).map_err(|error| words(&error))?;
        Ok(Box::leak(Box::new(api)))
    }
}

/// An error and its causes: the linker's words are in the cause.
fn words(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", words(cause)),
        None => error.to_string(),
    }
}
