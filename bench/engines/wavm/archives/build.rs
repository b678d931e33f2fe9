//! Builds WAVM's patched source with cmake and ninja, and tells the dependent where it lies.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is built: WAVM and the three libraries of its own that it calls.
const ARCHIVES: [&str; 4] = [
    "libWAVM.a",
    "ThirdParty/libunwind/libWAVMUnwind.a",
    "ThirdParty/BLAKE2/libWAVMBLAKE2.a",
    "ThirdParty/liblmdb/libWAVMlmdb.a",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let source = folder("WAVM_SYS_SOURCE", None).join("wavm");
    let llvm = folder("LLVM_14_PREFIX", Some("/usr/lib/llvm-14"));
    let build = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("wavm");
    build_wavm(&source, &llvm, &build);
    for (name, folder) in [("source", &source), ("build", &build), ("llvm", &llvm)] {
        println!("cargo::metadata={name}={}", folder.display());
    }
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
    let define = |name: &str, value: &Path| {
        let mut option = OsString::from(format!("-D{name}="));
        option.push(value);
        option
    };
    // cmake refuses a folder that it has filled from another source. A build that was cut short
    // also begins anew: this runs only when the source or LLVM changed, or it never finished.
    if build.exists() {
        std::fs::remove_dir_all(build).expect("the build folder can be emptied");
    }
    run(Command::new("cmake").arg("-S").arg(source).arg("-B").arg(build).args(["-G", "Ninja"]).args([
        OsStr::new("-DCMAKE_BUILD_TYPE=Release"),
        OsStr::new("-DWAVM_ENABLE_FUZZ_TARGETS=OFF"),
        OsStr::new("-DWAVM_ENABLE_STATIC_LINKING=ON"),
        &define("LLVM_DIR", &llvm.join("lib/cmake/llvm")),
        // LLVM's cmake files look for these two in order to link them. Only archives are built
        // here, so that their names are enough and their development packages are not needed.
        OsStr::new("-DTerminfo_LIBRARIES=tinfo"),
        OsStr::new("-DTerminfo_LINKABLE=ON"),
        OsStr::new("-DZLIB_LIBRARY=z"),
        &define("ZLIB_INCLUDE_DIR", &llvm.join("include")),
    ]));
    let jobs = env::var("NUM_JOBS").unwrap_or_else(|_| "1".to_owned());
    run(Command::new("ninja").arg("-C").arg(build).args(["-j", &jobs]).args(ARCHIVES));
}

fn run(command: &mut Command) {
    let name = command.get_program().to_string_lossy().into_owned();
    let status =
        command.status().unwrap_or_else(|error| panic!("cannot run {name}: {error}; it is needed on PATH"));
    assert!(status.success(), "{command:?} failed: {status}");
}
