//! Builds wasm2c's runtime and the entry of our own into the worker, and notes where the programs are that
//! it starts: the worker itself runs without the variables that this build has.

use std::env;
use std::path::{Path, PathBuf};

/// The C compilers, and the variables in which `src/compile.rs` reads where they are.
const COMPILERS: [(&str, &str); 2] = [("gcc", "WASM2C_GCC"), ("clang-19", "WASM2C_CLANG")];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=shim/entry.c");
    println!("cargo::rerun-if-env-changed=WABT_PREFIX");
    println!("cargo::rerun-if-env-changed=PATH");
    let wabt = env::var_os("WABT_PREFIX").expect("`cargo xtask` sets WABT_PREFIX when it builds this engine");
    let wabt = PathBuf::from(wabt);
    println!("cargo::rustc-env=WASM2C_WABT={}", wabt.display());
    for (name, variable) in COMPILERS {
        let path = on_path(name).map(|path| path.display().to_string()).unwrap_or_default();
        println!("cargo::rustc-env={variable}={path}");
    }
    build_runtime(&wabt.join("wasm2c"));
    // Shared objects that wasm2c's code was compiled to find the runtime's functions in this program.
    println!("cargo::rustc-link-arg-bins=-rdynamic");
}

fn on_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Compiles the runtime and `shim/entry.c` to one archive, all of which is linked: only modules that are
/// loaded later call most of it.
fn build_runtime(source: &Path) {
    let mut build = cc::Build::new();
    for file in ["wasm-rt-impl.c", "wasm-rt-mem-impl.c", "wasm-rt-exceptions-impl.c"] {
        build.file(source.join(file));
    }
    build
        .file("shim/entry.c")
        .flag("-isystem")
        .flag(source)
        .opt_level(2)
        .pic(true)
        .define("NDEBUG", None)
        // The runtime's own hook: see shim/entry.c.
        .define("WASM_RT_TRAP_HANDLER", "worker_trapped")
        .warnings(false)
        .link_lib_modifier("+whole-archive")
        .compile("wasm2c_runtime");
}
