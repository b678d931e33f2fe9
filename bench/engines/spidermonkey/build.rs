//! Compiles the host in C++ against Debian's SpiderMonkey, links it, and gathers the JavaScript that it runs: this
//! folder's, and what all workers in JavaScript share.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// What all workers in JavaScript share, from this folder. A file of `js` replaces one of the same name.
const SHARED: &str = "../../worker-js";

/// The library, as its packages lay it out.
const LIBRARY: &str = "mozjs-102";

fn main() {
    for path in ["build.rs", "shim", "js", SHARED] {
        println!("cargo::rerun-if-changed={path}");
    }
    println!("cargo::rerun-if-env-changed=WASM_PHASES_MOZJS");
    let root = PathBuf::from(env::var_os("WASM_PHASES_MOZJS").unwrap_or("/".into()));
    build_host(&root.join("usr/include").join(LIBRARY));
    link(&root.join("usr/lib/x86_64-linux-gnu"));
    gather();
}

fn build_host(headers: &Path) {
    assert!(headers.is_dir(), "no folder {}; `cargo xtask` fetches it", headers.display());
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .files(["shim/host.cpp", "shim/natives.cpp", "shim/streams.cpp"])
        // System headers, so that warnings of ours are seen and theirs are not.
        .flag("-isystem")
        .flag(headers)
        // As the library is built.
        .flag("-fno-rtti")
        .flag("-fno-exceptions")
        // Its roots are in lists on purpose, which GCC 12 takes for pointers that are left behind.
        .flag_if_supported("-Wno-dangling-pointer")
        .compile("spidermonkey_host");
}

fn link(folder: &Path) {
    println!("cargo::rustc-link-search=native={}", folder.display());
    println!("cargo::rustc-link-lib=dylib={LIBRARY}");
    println!("cargo::rustc-link-arg=-Wl,-rpath,{}", folder.display());
}

/// Writes `sources.rs`: the name and the text of every file of JavaScript.
fn gather() {
    let mut files = BTreeMap::new();
    for folder in [Path::new(SHARED), Path::new("js")] {
        let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.extension().is_some_and(|extension| extension == "mjs") {
                let whole = path.canonicalize().expect("a file that was listed");
                files.insert(path.file_name().expect("a file").to_owned(), whole);
            }
        }
    }
    let mut text = String::from("[\n");
    for (name, path) in files {
        writeln!(text, "    (c{name:?}, include_str!({path:?})),").expect("memory");
    }
    text.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(out.join("sources.rs"), text).expect("OUT_DIR can be written");
}
