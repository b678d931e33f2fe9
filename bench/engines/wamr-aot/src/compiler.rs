//! WAMR's AOT compiler: the functions of `aot_export.h` and a compiled module as a safe type.

use std::ffi::{CStr, c_char, c_void};
use std::ptr::null_mut;
use wamr_binding::Module;
use wamr_binding::api::Opaque;
use worker::protocol::{Error, Result};

/// `AOTCallStackFeatures`.
#[repr(C)]
#[derive(Default)]
struct CallStackFeatures {
    bounds_checks: bool,
    ip: bool,
    func_idx: bool,
    trap_ip: bool,
    values: bool,
    frame_per_function: bool,
}

/// `AOTCompOption`.
#[repr(C)]
struct Options {
    is_jit_mode: bool,
    is_indirect_mode: bool,
    /// Architecture, ABI, CPU and its features: none of them is this machine's.
    target: [*mut c_char; 4],
    is_sgx_platform: bool,
    enable_bulk_memory: bool,
    enable_bulk_memory_opt: bool,
    enable_thread_mgr: bool,
    enable_tail_call: bool,
    enable_simd: bool,
    enable_ref_types: bool,
    enable_call_indirect_overlong: bool,
    enable_gc: bool,
    enable_aux_stack_check: bool,
    enable_extended_const: bool,
    enable_lime1: bool,
    aux_stack_frame_type: u32,
    call_stack_features: CallStackFeatures,
    enable_perf_profiling: bool,
    enable_memory_profiling: bool,
    disable_llvm_intrinsics: bool,
    disable_llvm_jump_tables: bool,
    disable_llvm_lto: bool,
    enable_llvm_pgo: bool,
    enable_stack_estimation: bool,
    quick_invoke_c_api_import: bool,
    enable_shared_heap: bool,
    enable_shared_chain: bool,
    use_prof_file: *mut c_char,
    opt_level: u32,
    size_level: u32,
    output_format: u32,
    bounds_checks: u32,
    stack_bounds_checks: u32,
    segue_flags: u32,
    custom_sections: *mut *mut c_char,
    custom_sections_count: u32,
    stack_usage_file: *const c_char,
    llvm_passes: *const c_char,
    builtin_intrinsics: *const c_char,
}

/// `bounds_checks` and `stack_bounds_checks`: as the platform needs them.
const AS_NEEDED: u32 = 2;

impl Options {
    /// What `wamrc` compiles with when it is given nothing.
    fn of_wamrc() -> Options {
        let mut call_stack_features = CallStackFeatures::default();
        // SAFETY: a place for the answer.
        unsafe { aot_call_stack_features_init_default(&raw mut call_stack_features) };
        Options {
            is_jit_mode: false,
            is_indirect_mode: false,
            target: [null_mut(); 4],
            is_sgx_platform: false,
            enable_bulk_memory: true,
            enable_bulk_memory_opt: false,
            enable_thread_mgr: false,
            enable_tail_call: false,
            enable_simd: true,
            enable_ref_types: true,
            enable_call_indirect_overlong: false,
            enable_gc: false,
            enable_aux_stack_check: true,
            enable_extended_const: true,
            enable_lime1: false,
            aux_stack_frame_type: 0,
            call_stack_features,
            enable_perf_profiling: false,
            enable_memory_profiling: false,
            disable_llvm_intrinsics: false,
            disable_llvm_jump_tables: false,
            disable_llvm_lto: true,
            enable_llvm_pgo: false,
            enable_stack_estimation: false,
            quick_invoke_c_api_import: false,
            enable_shared_heap: false,
            enable_shared_chain: false,
            use_prof_file: null_mut(),
            opt_level: 3,
            size_level: 3,
            output_format: 0,
            bounds_checks: AS_NEEDED,
            stack_bounds_checks: AS_NEEDED,
            segue_flags: 0,
            custom_sections: null_mut(),
            custom_sections_count: 0,
            stack_usage_file: std::ptr::null(),
            llvm_passes: std::ptr::null(),
            builtin_intrinsics: std::ptr::null(),
        }
    }
}

unsafe extern "C" {
    fn aot_call_stack_features_init_default(features: *mut CallStackFeatures);
    fn aot_create_comp_data(module: *mut Opaque, arch: *const c_char, gc: bool) -> *mut c_void;
    fn aot_destroy_comp_data(data: *mut c_void);
    fn aot_create_comp_context(data: *mut c_void, options: *mut Options) -> *mut c_void;
    fn aot_destroy_comp_context(context: *mut c_void);
    fn aot_compile_wasm(context: *mut c_void) -> bool;
    fn aot_emit_aot_file_buf(context: *mut c_void, data: *mut c_void, size: *mut u32) -> *mut u8;
    fn wasm_runtime_free(bytes: *mut c_void);
    fn aot_get_last_error() -> *const c_char;
}

/// A compiled module, of which a file can be made.
pub struct Compiled {
    context: *mut c_void,
    data: *mut c_void,
    _module: Module,
}

impl Compiled {
    /// Compiles `module`.
    pub fn new(module: Module) -> Result<Compiled> {
        // SAFETY: the module lives as long as what is made of it.
        let data = unsafe { aot_create_comp_data(module.raw, std::ptr::null(), false) };
        if data.is_null() {
            return Err(last_error());
        }
        let mut compiled = Compiled { context: null_mut(), data, _module: module };
        // SAFETY: the data lives as long as the context, which copies what it needs of the options.
        unsafe {
            compiled.context = aot_create_comp_context(data, &raw mut *Box::new(Options::of_wamrc()));
            if compiled.context.is_null() || !aot_compile_wasm(compiled.context) {
                return Err(last_error());
            }
        }
        Ok(compiled)
    }

    /// Makes the file and gives its bytes to `write`.
    pub fn emit(&self, write: impl FnOnce(&[u8]) -> Result<()>) -> Result<()> {
        let mut size = 0;
        // SAFETY: context and data live; the file is of that size, and is read before it is freed.
        unsafe {
            let file = aot_emit_aot_file_buf(self.context, self.data, &raw mut size);
            if file.is_null() {
                return Err(last_error());
            }
            let written = write(std::slice::from_raw_parts(file, size as usize));
            wasm_runtime_free(file.cast());
            written
        }
    }
}

impl Drop for Compiled {
    fn drop(&mut self) {
        // SAFETY: this is the only owner; the module is dropped after them.
        unsafe {
            if !self.context.is_null() {
                aot_destroy_comp_context(self.context);
            }
            aot_destroy_comp_data(self.data);
        }
    }
}

/// The compiler's words about what it could not do.
fn last_error() -> Error {
    // SAFETY: the words are the compiler's own, and are copied.
    let words = unsafe {
        let words = aot_get_last_error();
        if words.is_null() { None } else { Some(CStr::from_ptr(words).to_string_lossy().into_owned()) }
    };
    Error::rejected(words.unwrap_or_else(|| "the compiler failed without words".to_owned()))
}
