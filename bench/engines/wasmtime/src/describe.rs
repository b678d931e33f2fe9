//! What each of the three configurations says of itself.

use worker::kit;
use worker::locked_version;
use worker::protocol::Hello;

const NOTES: [&str; 4] = [
    "the host functions of WASI are defined with the engine, outside every total; the first \
     instantiation of a module resolves its imports (InstancePre) and builds its memory image, \
     later ones reuse both",
    "exports of type (i32) -> i64 are called through TypedFunc, others through Func::call with dynamic values",
    "the compiler's thread pool belongs to the process and is started with the first engine",
    "artifacts are mapped, not read: pages of code are loaded when they run",
];

/// What the configuration `name` is.
pub fn describe(name: &str) -> Hello {
    let cranelift = locked_version!("cranelift-codegen");
    let (compiler, level) = match name {
        "wasmtime-winch" => {
            (format!("Winch {}", locked_version!("winch-codegen")), "one pass, no optimisation")
        }
        "wasmtime-pulley" => {
            (format!("Cranelift {cranelift} to Pulley bytecode, interpreted"), "OptLevel::Speed")
        }
        _ => (format!("Cranelift {cranelift}"), "OptLevel::Speed"),
    };
    let flags = format!(
        "{level}; parallel compilation; on-demand allocator, copy-on-write memory images; \
         512 KiB wasm stack; no code cache"
    );
    let hello = kit::hello(name, locked_version!("wasmtime"), compiler, flags, &NOTES);
    Hello { threads: kit::all_threads(), ..hello }
}
