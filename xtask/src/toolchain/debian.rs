//! The second route: Debian's `rustc-web` and its source, unpacked in the cache folder. It has
//! std for the host and std's source with all crates that std is built from.

use super::{Compiler, Route, library_path, output_of};
use crate::cache::{Cache, Entry, Holds};
use crate::needs::apt::{self, Packages};
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use std::process::Command;

/// The entry's name in the cache folder.
const ENTRY: &str = "rustc-web";

/// What the entry takes while it is made: 140 MB of packages and what is used of them.
const PEAK_BYTES: u64 = 650_000_000;

/// The compiler, the host's std, std's source, and WASI's C library. The version of
/// `libstd-rust-web` is in its name; it comes as a dependency.
/// Of the compiler's own source only std's is used.
const PACKAGES: Packages = Packages {
    with_dependencies: &["rustc-web"],
    alone: &["rustc-web", "libstd-rust-web-dev", "rust-web-src", "wasi-libc"],
    leave_out: &[
        "./usr/libexec",
        "./usr/src/rustc-*/compiler",
        "./usr/src/rustc-*/debian",
        "./usr/src/rustc-*/src",
        "./usr/src/rustc-*/tests",
        "./usr/src/rustc-*/vendor",
    ],
};

/// The name under which the entry records what `rustc -vV` said.
const VERSION: &str = "rustc -vV";

/// The compiler, fetched where it is not there yet.
///
/// # Errors
/// When the packages cannot be fetched or what they hold does not run.
pub fn prepare(cache: &Cache) -> Result<Compiler> {
    let entry = cache.entry(ENTRY, PEAK_BYTES, |folder| fetch(cache, folder))?;
    let version =
        entry.holds.get(VERSION).and_then(|text| text.lines().next()).unwrap_or_default().to_owned();
    Ok(compiler(&entry, version))
}

fn compiler(entry: &Entry, version: String) -> Compiler {
    Compiler {
        route: Route::Debian,
        version,
        identity: entry.identity(),
        rustc: entry.path.join("usr/bin/rustc"),
        libraries: apt::library_folders(&entry.path),
        sysroot: entry.path.join("usr"),
    }
}

fn fetch(cache: &Cache, folder: &Path) -> Result<Holds> {
    let mut holds = apt::unpack(cache, &PACKAGES, folder)?;
    place_wasi_libc(folder)?;
    let mut rustc = Command::new(folder.join("usr/bin/rustc"));
    if let Some(path) = library_path(&apt::library_folders(folder)) {
        rustc.env("LD_LIBRARY_PATH", path);
    }
    let version = output_of(rustc.arg("-vV")).context("the unpacked rustc does not run")?;
    holds.insert(VERSION.into(), version);
    Ok(holds)
}

/// Puts WASI's start files and C library where rustc looks for a target's own.
fn place_wasi_libc(folder: &Path) -> Result<()> {
    let to = folder.join("usr/lib/rustlib/wasm32-wasip1/lib/self-contained");
    fs::create_dir_all(&to)?;
    for name in ["crt1-command.o", "crt1-reactor.o", "libc.a"] {
        let from = folder.join("usr/lib/wasm32-wasi").join(name);
        fs::copy(&from, to.join(name)).with_context(|| format!("wasi-libc has no {}", from.display()))?;
    }
    Ok(())
}
