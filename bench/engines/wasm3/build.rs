//! Compiles wasm3 from its C sources, as its own release build does: -O3, without log output.

use std::env;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/imports.c");
    println!("cargo::rerun-if-env-changed=WASM3_SOURCE");
    let fetched = PathBuf::from(env::var_os("WASM3_SOURCE").expect("the pipeline sets WASM3_SOURCE"));
    let source = fetched.join("wasm3/source");
    cc::Build::new()
        .files(sources(&source))
        .file("src/imports.c")
        .include(&source)
        .opt_level(3)
        .define("NDEBUG", None)
        .define("d_m3LogOutput", "0")
        .warnings(false)
        .compile("wasm3");
    println!("cargo::rustc-link-lib=m");
}

/// The files of wasm3 itself, without the host functions that it offers.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let is_own = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".c") && !name.starts_with("m3_api_")
    };
    let mut files: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_own).collect();
    files.sort_unstable();
    files
}
