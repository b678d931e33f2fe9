//! Compiles our C++ shim over WAVM, and lists what is linked in which order.

use std::env;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=shim");
    let build = folder("BUILD");
    let shim = build_shim(&folder("SOURCE"), &build);
    link(&shim, &build, &folder("LLVM"));
}

/// A folder that `wavm-archives` tells of.
fn folder(name: &str) -> PathBuf {
    let variable = format!("DEP_WAVM_{name}");
    env::var_os(&variable).unwrap_or_else(|| panic!("cargo sets {variable}")).into()
}

/// Compiles the shim; gives its archive.
fn build_shim(source: &Path, build: &Path) -> PathBuf {
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .files(
            ["folders", "instance", "marks", "module", "process", "wasi"]
                .map(|name| format!("shim/{name}.cpp")),
        )
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
    argument(&build.join("libWAVM.a").display().to_string());
    // Exceptions are thrown by libstdc++, which unwinds with libgcc: if WAVM's unwinder came
    // first, it would not find their frames, and every trap would end the process.
    argument("-lgcc_s");
    for archive in ["libunwind/libWAVMUnwind.a", "BLAKE2/libWAVMBLAKE2.a", "liblmdb/libWAVMlmdb.a"] {
        argument(&build.join("ThirdParty").join(archive).display().to_string());
    }
    argument("-Wl,--start-group");
    for archive in llvm_archives(&llvm.join("lib")) {
        argument(&archive.display().to_string());
    }
    argument("-Wl,--end-group");
    let beside = llvm.join("../x86_64-linux-gnu");
    if beside.is_dir() {
        argument(&format!("-L{}", beside.display()));
    }
    // By file name: the links that carry no version come with development packages only.
    for library in ["stdc++", ":libz.so.1", ":libtinfo.so.6", "pthread", "dl", "m"] {
        argument(&format!("-l{library}"));
    }
}

/// Every archive of LLVM; the linker takes what it needs of them.
fn llvm_archives(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let is_llvm = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("libLLVM") && name.ends_with(".a")
    };
    let mut archives: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(is_llvm).collect();
    assert!(!archives.is_empty(), "no libLLVM*.a in {}: the worker links LLVM statically", folder.display());
    archives.sort();
    archives
}
