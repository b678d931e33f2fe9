//! The shim's C interface, declaration by declaration as in `shim/shim.h`.

use std::ffi::c_int;

/// How a function of the shim ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Status(pub u32);

impl Status {
    pub const DONE: Status = Status(0);
    pub const EXIT: Status = Status(1);
    pub const UNSUPPORTED: Status = Status(2);
    pub const REJECTED: Status = Status(3);
    pub const LINK: Status = Status(4);
    pub const TRAP: Status = Status(5);
}

#[derive(Clone, Copy)]
#[repr(C)]
pub struct Bytes {
    pub data: *const u8,
    pub size: usize,
}

/// A type of a WebAssembly number.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Type(pub u32);

impl Type {
    pub const I32: Type = Type(0);
    pub const I64: Type = Type(1);
    pub const F32: Type = Type(2);
    pub const F64: Type = Type(3);
}

#[repr(C)]
pub struct Value {
    pub bits: u64,
    pub ty: Type,
}

#[repr(C)]
pub struct Folder {
    pub host: Bytes,
    pub guest: Bytes,
}

#[repr(C)]
pub struct Wasi {
    pub args: *const Bytes,
    pub num_args: usize,
    pub env: *const Bytes,
    pub num_env: usize,
    pub folders: *const Folder,
    pub num_folders: usize,
    pub stdio: [c_int; 3],
}

#[repr(C)]
pub struct Entry {
    pub name: Bytes,
    pub args: *const Value,
    pub num_args: usize,
    pub is_command: bool,
    pub is_reactor: bool,
}

/// The result of a call: the lower bytes of `bits` hold the number.
#[repr(C)]
pub struct CallResult {
    pub bits: u64,
    unused: u64,
}

#[repr(C)]
pub struct Module {
    opaque: [u8; 0],
}

#[repr(C)]
pub struct Instance {
    opaque: [u8; 0],
}

unsafe extern "C" {
    pub fn shim_error() -> Bytes;
    pub fn shim_target_cpu() -> Bytes;
    pub fn shim_llvm_version(version: *mut u32);
    pub fn shim_create() -> Status;
    pub fn shim_validate(wasm: Bytes) -> Status;
    pub fn shim_compile(wasm: Bytes, module: *mut *mut Module) -> Status;
    pub fn shim_save(module: *mut Module, artifact: *mut Bytes) -> Status;
    pub fn shim_load(artifact: Bytes, module: *mut *mut Module) -> Status;
    pub fn shim_drop_module(module: *mut Module);
    pub fn shim_instantiate(
        module: *const Module,
        entry: *const Entry,
        wasi: *const Wasi,
        instance: *mut *mut Instance,
    ) -> Status;
    pub fn shim_results(
        instance: *const Instance,
        types: *mut *const Type,
        results: *mut *const CallResult,
    ) -> usize;
    pub fn shim_set_up(instance: *mut Instance, call: *const Entry) -> Status;
    pub fn shim_call(instance: *mut Instance, exit_code: *mut i32) -> Status;
    pub fn shim_call_repeatedly(
        instance: *mut Instance,
        calls: u64,
        exit_code: *mut i32,
        same: *mut bool,
    ) -> Status;
    pub fn shim_call_bare(instance: *mut Instance, calls: u64) -> Status;
    pub fn shim_drop_instance(instance: *mut Instance) -> bool;
}

/// `bench.start`.
#[unsafe(no_mangle)]
extern "C" fn shim_mark_start() {
    worker::marks::start();
}

/// `bench.end`.
#[unsafe(no_mangle)]
extern "C" fn shim_mark_end() {
    worker::marks::end();
}
