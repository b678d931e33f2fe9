//! Takes the versions that the worker reports from the lock file, the only place that knows them.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=Cargo.lock");
    let manifest_dir = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let path = Path::new(&manifest_dir).join("Cargo.lock");
    let lock = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}; run cargo with --locked", path.display()));
    for (variable, package) in [
        ("WASMER_VERSION", "wasmer"),
        ("WASIX_VERSION", "wasmer-wasix"),
        ("CRANELIFT_VERSION", "cranelift-codegen"),
    ] {
        let version = locked(&lock, package)
            .unwrap_or_else(|| panic!("{} holds no package `{package}`", path.display()));
        println!("cargo::rustc-env={variable}={version}");
    }
}

/// The version of `package` in a lock file's text.
fn locked<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let entry = lock.split("[[package]]").find(|entry| entry.contains(&format!("name = \"{package}\"\n")))?;
    entry.lines().find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
}
