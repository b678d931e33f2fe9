//! WAMR, the WebAssembly Micro Runtime, as a worker: its fast interpreter, over its C interface.

use wamr_binding::VERSION;
use wamr_binding::engine::{self, InMemory, Way};
use worker::protocol::{Ability, Hello};
// Only for what its build script links.
use wamr_archives as _;

const NOTES: [&str; 2] = [
    "a+b copies the module's bytes, which WAMR writes to, validates them and translates them to WAMR's own code",
    "SIMD is left out: in the interpreter it wants a library that the build would fetch from a host of its own",
];

fn main() -> std::io::Result<()> {
    worker::serve::<InMemory<FastInterpreter>>()
}

/// WAMR's fast interpreter.
struct FastInterpreter;

impl Way for FastInterpreter {
    const NAMES: &'static [&'static str] = &["wamr-interpreter"];

    fn describe(name: &str) -> Hello {
        let compiler = format!("WAMR {VERSION}'s own code, interpreted by its fast interpreter");
        let flags = "the system's C compiler with -O3; WAMR's release build (WAMR_BUILD_FAST_INTERP=1, bounds by \
                     guard pages), without SIMD and with WASI";
        let mut hello = engine::hello(name, &compiler, flags, &NOTES);
        hello.can.parse = Ability::no("the runtime offers no validation apart from translation");
        hello.can.aot = Ability::no("the interpreter cannot save a module");
        hello
    }
}
