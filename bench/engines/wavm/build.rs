//! Builds WAVM's patched source with cmake and ninja, our C++ shim over it, and the list of
//! what is linked in which order.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// WAVM's archives, in the order in which they need each other.
const ARCHIVES: [&str; 4] = [
    "libWAVM.a",
    "ThirdParty/libunwind/libWAVMUnwind.a",
    "ThirdParty/BLAKE2/libWAVMBLAKE2.a",
    "ThirdParty/liblmdb/libWAVMlmdb.a",
];

/// The parts of LLVM that WAVM uses; it sets up every target.
const LLVM_COMPONENTS: [&str; 7] =
    ["support", "core", "passes", "orcjit", "runtimedyld", "debuginfodwarf", "all-targets"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=shim");
    let source = folder("WAVM_SYS_SOURCE", None).join("wavm");
    let llvm = folder("LLVM_14_PREFIX", Some("/usr/lib/llvm-14"));
    let build = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("wavm");
    build_wavm(&source, &llvm, &build);
    let shim = build_shim(&source, &build);
    link(&shim, &build, &llvm);
}

/// The folder that a variable names, or else the usual one.
fn folder(variable: &str, usual: Option<&str>) -> PathBuf {
    println!("cargo::rerun-if-env-changed={variable}");
    let named = env::var_os(variable).map(PathBuf::from).or(usual.map(PathBuf::from));
    match named {
        Some(folder) if folder.is_dir() => folder,
        Some(folder) => panic!("{variable}: no folder {}", folder.display()),
        None => panic!("{variable} is not set; `cargo xtask` sets it when it builds this engine"),
    }
}

fn build_wavm(source: &Path, llvm: &Path, build: &Path) {
    let mut define_llvm = OsStr::new("-DLLVM_DIR=").to_owned();
    define_llvm.push(llvm.join("lib/cmake/llvm"));
    // The folder of LLVM's own dependencies, when LLVM is not installed in the system.
    let mut define_prefix = OsStr::new("-DCMAKE_PREFIX_PATH=").to_owned();
    define_prefix.push(llvm.join("../.."));
    run(Command::new("cmake").arg("-S").arg(source).arg("-B").arg(build).args(["-G", "Ninja"]).args([
        OsStr::new("-DCMAKE_BUILD_TYPE=Release"),
        OsStr::new("-DWAVM_ENABLE_FUZZ_TARGETS=OFF"),
        OsStr::new("-DWAVM_ENABLE_STATIC_LINKING=ON"),
        &define_llvm,
        &define_prefix,
    ]));
    let jobs = env::var("NUM_JOBS").unwrap_or_else(|_| "1".to_owned());
    run(Command::new("ninja").arg("-C").arg(build).args(["-j", &jobs]).args(ARCHIVES));
}

/// Compiles the shim; gives its archive.
fn build_shim(source: &Path, build: &Path) -> PathBuf {
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .files(["folders", "instance", "module", "process", "wasi"].map(|name| format!("shim/{name}.cpp")))
        // System headers, so that warnings of ours are seen and theirs are not.
        .flag("-isystem")
        .flag(source.join("Include"))
        .flag("-isystem")
        .flag(build.join("Include"))
        .flag("-isystem")
        .flag(source.join("Lib/WASI"))
        .flag("-fno-rtti")
        .flag("-fvisibility=hidden")
        .flag("-Wno-unused-parameter")
        .define("WAVM_API", "")
        // As in WAVM's own release build: its assertions add fields to types.
        .define("NDEBUG", None)
        .cargo_metadata(false)
        .compile("wavm_shim");
    PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("libwavm_shim.a")
}

/// Names every archive itself, because the order decides which unwinder is found.
fn link(shim: &Path, build: &Path, llvm: &Path) {
    let argument = |argument: &str| println!("cargo::rustc-link-arg={argument}");
    // LLVM's and WAVM's symbols stay inside the program and are never taken from a library.
    argument("-Wl,--exclude-libs,ALL");
    argument("-Wl,-Bsymbolic");
    argument(&shim.display().to_string());
    for archive in ARCHIVES {
        if archive.ends_with("libWAVMUnwind.a") {
            // Exceptions are thrown by libstdc++, which unwinds with libgcc: another unwinder
            // would not find its frames, and every trap would end the process.
            argument("-lgcc_s");
        }
        argument(&build.join(archive).display().to_string());
    }
    for library in llvm_archives(llvm) {
        argument(&library);
    }
    let beside = llvm.join("../x86_64-linux-gnu");
    if beside.is_dir() {
        argument(&format!("-L{}", beside.display()));
    }
    // By file name: the links that carry no version come with development packages only.
    for library in ["stdc++", ":libz.so.1", ":libtinfo.so.6", "pthread", "dl", "m"] {
        argument(&format!("-l{library}"));
    }
}

fn llvm_archives(llvm: &Path) -> Vec<String> {
    let config = llvm.join("bin/llvm-config");
    let mut command = Command::new(&config);
    command.args(["--link-static", "--libfiles"]).args(LLVM_COMPONENTS);
    let output = command.output().unwrap_or_else(|error| panic!("cannot run {}: {error}", config.display()));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).split_whitespace().map(str::to_owned).collect()
}

fn run(command: &mut Command) {
    let name = command.get_program().to_string_lossy().into_owned();
    let status =
        command.status().unwrap_or_else(|error| panic!("cannot run {name}: {error}; it is needed on PATH"));
    assert!(status.success(), "{command:?} failed: {status}");
}
