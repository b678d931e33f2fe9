//! Builds WAMR's source with cmake and ninja for one way to run a module, and links it.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What differs from WAMR's defaults or matters for the numbers, for each way.
const OPTIONS: [&str; 9] = [
    "-DCMAKE_BUILD_TYPE=Release",
    "-DWAMR_BUILD_PLATFORM=linux",
    "-DWAMR_BUILD_INTERP=1",
    "-DWAMR_BUILD_LAZY_JIT=0",
    "-DWAMR_BUILD_BULK_MEMORY=1",
    "-DWAMR_BUILD_REF_TYPES=1",
    "-DWAMR_BUILD_LIBC_BUILTIN=0",
    "-DWAMR_BUILD_LIBC_WASI=1",
    "-DWAMR_BUILD_EXTENDED_CONST_EXPR=1",
];
/// SIMD in the interpreter wants a library that cmake would fetch from a host of its own.
const INTERPRETER: [&str; 4] =
    ["-DWAMR_BUILD_FAST_INTERP=1", "-DWAMR_BUILD_AOT=0", "-DWAMR_BUILD_JIT=0", "-DWAMR_BUILD_SIMD=0"];
/// WAMR wants the classic interpreter beside its compilers. For the AOT compiler, `aot-compiler.cmake` turns SIMD on:
/// here it is refused beside that interpreter.
const LLVM_JIT: [&str; 4] =
    ["-DWAMR_BUILD_FAST_INTERP=0", "-DWAMR_BUILD_AOT=1", "-DWAMR_BUILD_JIT=1", "-DWAMR_BUILD_SIMD=1"];
const AOT: [&str; 4] =
    ["-DWAMR_BUILD_FAST_INTERP=0", "-DWAMR_BUILD_AOT=1", "-DWAMR_BUILD_JIT=0", "-DWAMR_BUILD_SIMD=0"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=aot-compiler.cmake");
    let source = folder("WAMRX_SYS_SOURCE").join("wasm-micro-runtime");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let (has_aot, has_jit) = (cfg!(feature = "aot"), cfg!(feature = "llvm-jit"));
    let mut options: Vec<OsString> = OPTIONS.map(OsString::from).into();
    let way = match (has_aot, has_jit) {
        (true, _) => AOT,
        (_, true) => LLVM_JIT,
        _ => INTERPRETER,
    };
    options.extend(way.map(OsString::from));
    let llvm = (has_aot || has_jit).then(|| folder("LLVM_SYS_221_PREFIX"));
    if let Some(llvm) = &llvm {
        options.push(definition("LLVM_DIR", &describe_llvm(llvm, &out)));
    }
    if has_aot {
        let added = folder("CARGO_MANIFEST_DIR").join("aot-compiler.cmake");
        options.push(definition("SHARED_PLATFORM_CONFIG", &added));
    }
    let build = out.join("wamr");
    build_wamr(&source, &build, &options);
    println!("cargo::rustc-link-search=native={}", build.display());
    println!("cargo::rustc-link-lib=static=iwasm");
    if let Some(llvm) = &llvm {
        link_llvm(llvm);
    }
    for library in ["m", "dl", "pthread"] {
        println!("cargo::rustc-link-lib={library}");
    }
}

/// The folder that a variable names.
fn folder(variable: &str) -> PathBuf {
    println!("cargo::rerun-if-env-changed={variable}");
    let named = env::var_os(variable).map(PathBuf::from);
    named.unwrap_or_else(|| panic!("{variable} is not set; `cargo xtask` sets it when it builds this engine"))
}

fn definition(name: &str, value: &Path) -> OsString {
    let mut option = OsString::from(format!("-D{name}="));
    option.push(value);
    option
}

/// Writes what WAMR's cmake files read of LLVM's. LLVM's own insist on tools and libraries that are not needed for
/// an archive.
fn describe_llvm(llvm: &Path, out: &Path) -> PathBuf {
    let folder = out.join("llvm");
    let words = format!(
        "set(LLVM_PACKAGE_VERSION {})\nset(LLVM_INCLUDE_DIRS \"{}\")\nset(LLVM_DEFINITIONS -D__STDC_CONSTANT_MACROS \
         -D__STDC_FORMAT_MACROS -D__STDC_LIMIT_MACROS)\n",
        asked(llvm, &["--version"]).trim(),
        asked(llvm, &["--includedir"]).trim()
    );
    std::fs::create_dir_all(&folder).expect("the build folder can be written to");
    std::fs::write(folder.join("LLVMConfig.cmake"), words).expect("the build folder can be written to");
    folder
}

/// Links all of LLVM, of which the linker takes what is used, and what it needs of the system.
fn link_llvm(llvm: &Path) {
    println!("cargo::rustc-link-search=native={}", asked(llvm, &["--libdir"]).trim());
    let names = |kind: &str| asked(llvm, &["--link-static", kind]);
    let all = names("--libs");
    let archives = all.split_whitespace().filter_map(|word| word.strip_prefix("-l"));
    archives.for_each(|name| println!("cargo::rustc-link-lib=static={name}"));
    let system = names("--system-libs");
    let libraries = system.split_whitespace().filter_map(|word| word.strip_prefix("-l"));
    libraries.for_each(|name| println!("cargo::rustc-link-lib={name}"));
    println!("cargo::rustc-link-lib=stdc++");
}

fn asked(llvm: &Path, arguments: &[&str]) -> String {
    let program = llvm.join("bin/llvm-config");
    let answer = Command::new(&program).args(arguments).output();
    let answer = answer.unwrap_or_else(|error| panic!("cannot run {}: {error}", program.display()));
    assert!(answer.status.success(), "{} {arguments:?} failed: {}", program.display(), answer.status);
    String::from_utf8(answer.stdout).expect("llvm-config answers in UTF-8")
}

fn build_wamr(source: &Path, build: &Path, options: &[OsString]) {
    // cmake refuses a folder that it has filled from another source, and a build may have been cut short.
    if build.exists() {
        std::fs::remove_dir_all(build).expect("the build folder can be emptied");
    }
    let folders = [OsStr::new("-S"), source.as_os_str(), OsStr::new("-B"), build.as_os_str()];
    run(Command::new("cmake").args(folders).args(["-G", "Ninja"]).args(options));
    let jobs = env::var("NUM_JOBS").unwrap_or_else(|_| "1".to_owned());
    run(Command::new("ninja").arg("-C").arg(build).args(["-j", &jobs, "vmlib"]));
}

fn run(command: &mut Command) {
    let name = command.get_program().to_string_lossy().into_owned();
    let status =
        command.status().unwrap_or_else(|error| panic!("cannot run {name}: {error}; it is needed on PATH"));
    assert!(status.success(), "{command:?} failed: {status}");
}
