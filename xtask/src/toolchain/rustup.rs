//! The first route: the active rustc, where it has the wasm targets and std's source.

use super::compiler::{Compiler, WasmTarget, library, output_of};
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The active rustc, whose sysroot this is.
///
/// # Errors
/// When it lacks std's source or a wasm target; the reason says which.
pub fn find(sysroot: PathBuf) -> Result<Compiler> {
    check(&sysroot)?;
    let rustc = sysroot.join("bin/rustc");
    let verbose = output_of(Command::new(&rustc).arg("-vV"))?;
    let version = verbose.lines().next().context("rustc -vV says nothing")?.to_owned();
    Ok(Compiler { version, identity: verbose, rustc, libraries: Vec::new(), sysroot })
}

/// The sysroot of the active rustc, as cargo uses it in the folder `root`.
///
/// # Errors
/// When there is no rustc.
pub fn sysroot(root: &Path) -> Result<PathBuf> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    output_of(Command::new(rustc).args(["--print", "sysroot"]).current_dir(root)).map(PathBuf::from)
}

/// Whether the sysroot has what the samples need.
fn check(sysroot: &Path) -> Result<()> {
    ensure!(library(sysroot).join("Cargo.lock").is_file(), "it lacks rust-src");
    for target in [WasmTarget::Unknown, WasmTarget::Wasip1] {
        let folder = sysroot.join("lib/rustlib").join(target.triple()).join("lib");
        ensure!(folder.is_dir(), "it lacks the target {target}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_sysroot_counts_when_it_has_the_source_and_both_targets() {
        let folder = tempfile::tempdir().unwrap();
        let sysroot = folder.path();
        assert_eq!(check(sysroot).unwrap_err().to_string(), "it lacks rust-src");
        fs::create_dir_all(library(sysroot)).unwrap();
        fs::write(library(sysroot).join("Cargo.lock"), "").unwrap();
        assert_eq!(check(sysroot).unwrap_err().to_string(), "it lacks the target wasm32-unknown-unknown");
        fs::create_dir_all(sysroot.join("lib/rustlib/wasm32-unknown-unknown/lib")).unwrap();
        assert_eq!(check(sysroot).unwrap_err().to_string(), "it lacks the target wasm32-wasip1");
        fs::create_dir_all(sysroot.join("lib/rustlib/wasm32-wasip1/lib")).unwrap();
        check(sysroot).unwrap();
    }
}
