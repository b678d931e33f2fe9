//! Builds WAMR's source with cmake and ninja, in the way of its fast interpreter, and links it.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What differs from WAMR's defaults or matters for the numbers. SIMD in the interpreter wants a library that
/// cmake would fetch from a host of its own.
const OPTIONS: [&str; 11] = [
    "-DCMAKE_BUILD_TYPE=Release",
    "-DWAMR_BUILD_PLATFORM=linux",
    "-DWAMR_BUILD_INTERP=1",
    "-DWAMR_BUILD_FAST_INTERP=1",
    "-DWAMR_BUILD_AOT=0",
    "-DWAMR_BUILD_JIT=0",
    "-DWAMR_BUILD_SIMD=0",
    "-DWAMR_BUILD_BULK_MEMORY=1",
    "-DWAMR_BUILD_REF_TYPES=1",
    "-DWAMR_BUILD_LIBC_BUILTIN=0",
    "-DWAMR_BUILD_LIBC_WASI=1",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=WAMRX_SYS_SOURCE");
    let fetched = env::var_os("WAMRX_SYS_SOURCE").expect("the pipeline sets WAMRX_SYS_SOURCE");
    let source = PathBuf::from(fetched).join("wasm-micro-runtime");
    let build = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("wamr");
    build_wamr(&source, &build);
    println!("cargo::rustc-link-search=native={}", build.display());
    println!("cargo::rustc-link-lib=static=iwasm");
    for library in ["m", "dl", "pthread"] {
        println!("cargo::rustc-link-lib={library}");
    }
}

fn build_wamr(source: &Path, build: &Path) {
    // cmake refuses a folder that it has filled from another source, and a build may have been cut short.
    if build.exists() {
        std::fs::remove_dir_all(build).expect("the build folder can be emptied");
    }
    let mut extended = OsString::from("-DWAMR_BUILD_EXTENDED_CONST_EXPR=");
    extended.push("1");
    run(Command::new("cmake")
        .arg("-S")
        .arg(source)
        .arg("-B")
        .arg(build)
        .args(["-G", "Ninja"])
        .args(OPTIONS)
        .arg(extended));
    let jobs = env::var("NUM_JOBS").unwrap_or_else(|_| "1".to_owned());
    run(Command::new("ninja").arg("-C").arg(build).args(["-j", &jobs, "vmlib"]));
}

fn run(command: &mut Command) {
    let name = command.get_program().to_string_lossy().into_owned();
    let status =
        command.status().unwrap_or_else(|error| panic!("cannot run {name}: {error}; it is needed on PATH"));
    assert!(status.success(), "{command:?} failed: {status}");
}
