//! The functions of `wasm_export.h` that the workers call, as they are declared there.
#![allow(missing_docs)]

use std::ffi::{c_char, c_void};
use std::marker::{PhantomData, PhantomPinned};
use std::ptr::null_mut;

/// A type of WAMR, of which only pointers are known here.
#[repr(C)]
pub struct Opaque {
    _private: [u8; 0],
    _pinned: PhantomData<(*mut u8, PhantomPinned)>,
}

/// `RuntimeInitArgs`.
#[repr(C)]
pub struct InitArgs {
    mem_alloc_type: u32,
    mem_alloc_option: [*mut c_void; 4],
    native_module_name: *const c_char,
    native_symbols: *mut NativeSymbol,
    n_native_symbols: u32,
    max_thread_num: u32,
    ip_addr: [c_char; 128],
    unused: i32,
    instance_port: i32,
    fast_jit_code_cache_size: u32,
    gc_heap_size: u32,
    running_mode: u32,
    llvm_jit_opt_level: u32,
    llvm_jit_size_level: u32,
    segue_flags: u32,
    enable_linux_perf: bool,
}

/// `Alloc_With_System_Allocator`.
const SYSTEM_ALLOCATOR: u32 = 2;
/// `Mode_Default`: the build's own way to run a module.
const MODE_DEFAULT: u32 = 0;
/// Of 0 to 3, as WAMR's own program sets it.
const MOST_OPTIMISED: u32 = 3;

impl Default for InitArgs {
    fn default() -> InitArgs {
        InitArgs::new()
    }
}

impl InitArgs {
    /// The system's allocator, and what the build is made for.
    pub fn new() -> InitArgs {
        InitArgs {
            mem_alloc_type: SYSTEM_ALLOCATOR,
            mem_alloc_option: [null_mut(); 4],
            native_module_name: std::ptr::null(),
            native_symbols: null_mut(),
            n_native_symbols: 0,
            max_thread_num: 0,
            ip_addr: [0; 128],
            unused: 0,
            instance_port: 0,
            fast_jit_code_cache_size: 0,
            gc_heap_size: 0,
            running_mode: MODE_DEFAULT,
            llvm_jit_opt_level: MOST_OPTIMISED,
            llvm_jit_size_level: MOST_OPTIMISED,
            segue_flags: 0,
            enable_linux_perf: false,
        }
    }
}

/// `NativeSymbol`: a host function.
#[repr(C)]
pub struct NativeSymbol {
    /// Its name.
    pub symbol: *const c_char,
    /// What is called, with the execution environment before the arguments.
    pub function: extern "C" fn(*mut Opaque),
    /// Its type in WAMR's letters.
    pub signature: *const c_char,
    /// What the function can ask for.
    pub attachment: *mut c_void,
}

/// `wasm_import_t`.
#[repr(C)]
pub struct Import {
    /// The module's name.
    pub module_name: *const c_char,
    /// The import's name.
    pub name: *const c_char,
    /// 0 for a function.
    pub kind: u32,
    /// Whether something provides it.
    pub linked: bool,
    ty: *mut Opaque,
}

impl Import {
    /// One to be overwritten.
    pub fn empty() -> Import {
        Import {
            module_name: std::ptr::null(),
            name: std::ptr::null(),
            kind: 0,
            linked: true,
            ty: null_mut(),
        }
    }
}

unsafe extern "C" {
    pub fn wasm_runtime_full_init(args: *mut InitArgs) -> bool;
    pub fn wasm_runtime_destroy();
    pub safe fn wasm_runtime_set_log_level(level: u32);
    pub fn wasm_runtime_register_natives(
        module: *const c_char,
        symbols: *mut NativeSymbol,
        count: u32,
    ) -> bool;
    pub fn wasm_runtime_load(bytes: *mut u8, len: u32, error: *mut c_char, error_len: u32) -> *mut Opaque;
    pub fn wasm_runtime_unload(module: *mut Opaque);
    pub fn wasm_runtime_get_import_count(module: *mut Opaque) -> i32;
    pub fn wasm_runtime_get_import_type(module: *mut Opaque, index: i32, import: *mut Import);
    pub fn wasm_runtime_instantiation_args_create(args: *mut *mut Opaque) -> bool;
    pub fn wasm_runtime_instantiation_args_destroy(args: *mut Opaque);
    pub fn wasm_runtime_instantiation_args_set_default_stack_size(args: *mut Opaque, bytes: u32);
    pub fn wasm_runtime_instantiation_args_set_wasi_arg(args: *mut Opaque, argv: *mut *mut c_char, argc: i32);
    pub fn wasm_runtime_instantiation_args_set_wasi_env(
        args: *mut Opaque,
        env: *mut *const c_char,
        count: u32,
    );
    pub fn wasm_runtime_instantiation_args_set_wasi_dir(
        args: *mut Opaque,
        dirs: *mut *const c_char,
        dir_count: u32,
        mapped: *mut *const c_char,
        mapped_count: u32,
    );
    pub fn wasm_runtime_instantiation_args_set_wasi_stdio(
        args: *mut Opaque,
        stdin: i64,
        stdout: i64,
        stderr: i64,
    );
    pub fn wasm_runtime_instantiate_ex2(
        module: *mut Opaque,
        args: *const Opaque,
        error: *mut c_char,
        error_len: u32,
    ) -> *mut Opaque;
    pub fn wasm_runtime_deinstantiate(instance: *mut Opaque);
    pub fn wasm_runtime_is_wasi_mode(instance: *mut Opaque) -> bool;
    pub fn wasm_runtime_get_wasi_exit_code(instance: *mut Opaque) -> u32;
    pub fn wasm_runtime_get_exec_env_singleton(instance: *mut Opaque) -> *mut Opaque;
    pub fn wasm_runtime_lookup_function(instance: *mut Opaque, name: *const c_char) -> *mut Opaque;
    pub fn wasm_func_get_param_count(function: *mut Opaque, instance: *mut Opaque) -> u32;
    pub fn wasm_func_get_result_count(function: *mut Opaque, instance: *mut Opaque) -> u32;
    pub fn wasm_func_get_param_types(function: *mut Opaque, instance: *mut Opaque, types: *mut u8);
    pub fn wasm_func_get_result_types(function: *mut Opaque, instance: *mut Opaque, types: *mut u8);
    pub fn wasm_runtime_call_wasm(
        exec_env: *mut Opaque,
        function: *mut Opaque,
        argc: u32,
        argv: *mut u32,
    ) -> bool;
    pub fn wasm_runtime_get_exception(instance: *mut Opaque) -> *const c_char;
    pub fn wasm_runtime_clear_exception(instance: *mut Opaque);
}
