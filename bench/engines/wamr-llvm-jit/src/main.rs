//! WAMR's LLVM JIT as a worker: every function is compiled when a module is loaded.

use wamr_binding::engine::{self, InMemory, Way};
use worker::protocol::{Ability, Hello};
// Only for what its build script links.
use wamr_archives as _;

/// `WASM_ORC_JIT_COMPILE_THREAD_NUM`.
const COMPILE_THREADS: u32 = 4;

const NOTES: [&str; 2] = [
    "a+b copies the module's bytes, which WAMR writes to, validates them and compiles every function \
     (WAMR_BUILD_LAZY_JIT=0); WAMR's own default compiles in the background and waits at a first call",
    "LLVM compiles on four threads, whatever the machine has; four more of WAMR's ask for the functions in a+b",
];

fn main() -> std::io::Result<()> {
    worker::serve::<InMemory<LlvmJit>>()
}

/// WAMR's LLVM JIT.
struct LlvmJit;

impl Way for LlvmJit {
    const NAMES: &'static [&'static str] = &["wamr-llvm-jit"];

    fn describe(name: &str) -> Hello {
        let flags = "opt_level 3, size_level 3, as iwasm sets them; the host's CPU and its features; bounds by guard \
                     pages; WAMR's release build with SIMD and WASI";
        let mut hello = engine::hello(name, "LLVM 22 (ORC JIT)", flags, &NOTES);
        hello.threads = COMPILE_THREADS;
        hello.can.parse = Ability::no("the runtime offers no validation apart from compilation");
        hello.can.aot = Ability::no("the JIT cannot save a module; wamr-aot can");
        hello
    }
}
