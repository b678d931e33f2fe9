//! Compiles toywasm from its C sources, as its own release build does: -O3, with the default settings.

use std::env;
use std::path::{Path, PathBuf};

/// Files of features that `c/toywasm_config.h` leaves off: threads, and dynamic linking.
const LEFT_OUT: [&str; 8] =
    ["cluster.c", "suspend.c", "waitlist.c", "usched.c", "lock.c", "dyld.c", "dyld_plt.c", "dyld_dlfcn.c"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=c");
    println!("cargo::rerun-if-env-changed=TOYWASM_SOURCE");
    let fetched = PathBuf::from(env::var_os("TOYWASM_SOURCE").expect("the pipeline sets TOYWASM_SOURCE"));
    let source = fetched.join("toywasm/lib");
    cc::Build::new()
        .files(sources(&source))
        .file("c/shim.c")
        .include("c")
        .include(&source)
        .std("c11")
        .define("_POSIX_C_SOURCE", "199506L")
        .define("NDEBUG", None)
        // The size of `enum valtype` is one byte in toywasm's own build.
        .flag("-fshort-enums")
        // Such a function would be taken to give an int.
        .flag("-Werror=implicit-function-declaration")
        .opt_level(3)
        .warnings(false)
        .compile("toywasm");
    println!("cargo::rustc-link-lib=m");
}

/// The files of toywasm's core.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let is_wanted = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".c") && !LEFT_OUT.contains(&name.as_ref())
    };
    let mut files: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_wanted).collect();
    files.sort_unstable();
    files
}
