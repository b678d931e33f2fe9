//! Compiles fizzy from its C++ sources, as its own release build does: -O3, without assertions.

use std::env;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=FIZZY_SOURCE");
    let fetched = PathBuf::from(env::var_os("FIZZY_SOURCE").expect("the pipeline sets FIZZY_SOURCE"));
    let source = fetched.join("fizzy-vendored");
    cc::Build::new()
        .cpp(true)
        .files(sources(&source.join("lib/fizzy")))
        .include(source.join("include"))
        .std("c++17")
        .define("NDEBUG", None)
        // capi.cpp uses std::transform and relies on another header for it, which newer libraries lack.
        .flag("-include")
        .flag("algorithm")
        .opt_level(3)
        .warnings(false)
        .compile("fizzy");
}

/// The files of fizzy itself.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let is_source = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "cpp");
    let mut files: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_source).collect();
    files.sort_unstable();
    files
}
