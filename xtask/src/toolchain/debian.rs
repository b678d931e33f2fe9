//! The second route: Debian's `rustc-web` and its source, unpacked in the cache folder. It has
//! std for the host and std's source with all crates that std is built from.

use super::compiler::{Compiler, library_path, output_of};
use crate::host::apt::{self, Packages};
use crate::host::cache::{Cache, Holds};
use crate::note;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use std::process::Command;

/// The entry's name in the cache folder.
const ENTRY: &str = "rustc-web";

/// What the entry takes while it is made: 140 MB of packages and what is used of them.
const PEAK_BYTES: u64 = 650_000_000;

/// What is downloaded for it.
pub const DOWNLOAD_BYTES: u64 = 140_000_000;

/// Whether it is in the cache folder.
pub fn is_here(cache: &Cache) -> bool {
    cache.find(ENTRY).is_some()
}

/// The compiler, the host's std, std's source, and WASI's C library. The version of
/// `libstd-rust-web` is in its name; it comes as a dependency.
/// Of the compiler's own source only std's is used.
fn packages() -> Packages {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Packages {
        with_dependencies: owned(&["rustc-web"]),
        alone: owned(&["rustc-web", "libstd-rust-web-dev", "rust-web-src", "wasi-libc"]),
        leave_out: owned(&[
            "./usr/libexec",
            "./usr/src/rustc-*/compiler",
            "./usr/src/rustc-*/debian",
            "./usr/src/rustc-*/src",
            "./usr/src/rustc-*/tests",
            "./usr/src/rustc-*/vendor",
        ]),
    }
}

/// The compiler, fetched where it is not there yet, and again where it does not run any more.
///
/// # Errors
/// When the packages cannot be fetched or what they hold does not run.
pub fn prepare(cache: &Cache) -> Result<Compiler> {
    prepare_with(cache, |folder| {
        let holds = apt::unpack(cache, &packages(), folder)?;
        place_wasi_libc(folder)?;
        Ok(holds)
    })
}

fn prepare_with(cache: &Cache, fetch: impl Fn(&Path) -> Result<Holds>) -> Result<Compiler> {
    let fill = |folder: &Path| {
        let holds = fetch(folder)?;
        version(folder).context("the unpacked rustc does not run")?;
        Ok(holds)
    };
    let mut entry = cache.entry(ENTRY, PEAK_BYTES, fill)?;
    let version = version(&entry.path).or_else(|reason| {
        note!("the compiler in {} does not run ({reason:#}); making it again", entry.path.display());
        cache.remove(ENTRY)?;
        entry = cache.entry(ENTRY, PEAK_BYTES, fill)?;
        version(&entry.path)
    })?;
    Ok(Compiler {
        version,
        identity: entry.identity(),
        rustc: entry.path.join("usr/bin/rustc"),
        libraries: apt::library_folders(&entry.path),
        sysroot: entry.path.join("usr"),
    })
}

/// What the rustc in the unpacked tree says of itself.
fn version(tree: &Path) -> Result<String> {
    let mut rustc = Command::new(tree.join("usr/bin/rustc"));
    if let Some(path) = library_path(&apt::library_folders(tree)) {
        rustc.env("LD_LIBRARY_PATH", path);
    }
    output_of(rustc.arg("--version"))
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_compiler_that_no_longer_runs_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path());
        let (fetched, working) = (Cell::new(0), Cell::new(true));
        let fetch = |tree: &Path| {
            fetched.set(fetched.get() + 1);
            let rustc = tree.join("usr/bin/rustc");
            fs::create_dir_all(tree.join("usr/bin"))?;
            let mode = if working.get() { 0o755 } else { 0o644 };
            fs::write(&rustc, "#!/bin/sh\necho rustc 1.96.0\n")?;
            fs::set_permissions(&rustc, fs::Permissions::from_mode(mode))?;
            Ok(Holds::new())
        };
        let compiler = prepare_with(&cache, fetch).unwrap();
        assert_eq!((compiler.version.as_str(), fetched.get()), ("rustc 1.96.0", 1));
        prepare_with(&cache, fetch).unwrap();
        assert_eq!(fetched.get(), 1);

        fs::set_permissions(&compiler.rustc, fs::Permissions::from_mode(0o644)).unwrap();
        prepare_with(&cache, fetch).unwrap();
        assert_eq!(fetched.get(), 2);

        fs::set_permissions(&compiler.rustc, fs::Permissions::from_mode(0o644)).unwrap();
        working.set(false);
        let error = prepare_with(&cache, fetch).unwrap_err();
        assert!(error.to_string().contains("the unpacked rustc does not run"), "{error:#}");
    }
}
