//! What each engine says of itself.

use crate::settings::{Compiler, Settings};
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

const EPOCHS: &str = "code looks at the epoch at every function's entry and loop; the epoch never changes";
const FUEL: &str = "code counts its instructions; every instance starts with as much fuel as there can be";
const POOL: &str =
    "the pool has Wasmtime's default size and is reserved with the engine, outside every total";

/// What the engine `name` with `settings` is.
pub fn describe(name: &str, settings: &Settings) -> Hello {
    let cranelift = locked_version!("cranelift-codegen");
    let level = format!("cranelift_opt_level={}", settings.opt_level);
    let (compiler, level) = match settings.compiler {
        Compiler::Winch => {
            (format!("Winch {}", locked_version!("winch-codegen")), "one pass, no optimisation".to_owned())
        }
        Compiler::Pulley => (format!("Cranelift {cranelift} to Pulley bytecode, interpreted"), level),
        Compiler::Cranelift => (format!("Cranelift {cranelift}"), level),
    };
    let parallel = if settings.parallel { "parallel compilation" } else { "compilation on one thread" };
    let allocator = if settings.pooling { "pooling allocator" } else { "on-demand allocator" };
    let checks = if settings.bounds_checks {
        "explicit bounds checks (memory_reservation=0, memory_guard_size=0)"
    } else {
        "bounds checks by guard regions"
    };
    let mut flags = format!(
        "{level}; {parallel}; {allocator}, copy-on-write memory images; {checks}; 512 KiB wasm stack; no code cache"
    );
    let mut notes = NOTES.to_vec();
    let chosen = [
        (settings.epochs, "epoch_interruption", EPOCHS),
        (settings.fuel, "consume_fuel", FUEL),
        (settings.pooling, "PoolingAllocationConfig::default()", POOL),
    ];
    for (_, flag, note) in chosen.into_iter().filter(|(chosen, ..)| *chosen) {
        flags.push_str("; ");
        flags.push_str(flag);
        notes.push(note);
    }
    let threads = if settings.parallel { kit::all_threads() } else { 1 };
    let hello = kit::hello(name, locked_version!("wasmtime"), compiler, flags, &notes);
    Hello { threads, ..hello }
}
