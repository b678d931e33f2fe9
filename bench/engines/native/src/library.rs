//! Shared libraries, each opened from a file that nothing else has opened.

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use worker::protocol::{Error, Result};

/// The one signature that samples have.
pub type Function = extern "C" fn(u32) -> u64;

/// A copy of a library's file, removed when dropped.
///
/// The loader tells libraries apart by inode and by path, and gives out what is loaded already.
/// A library whose thread-local destructors are pending stays loaded even after it is closed.
/// Only a new file under a name that was never used makes a load a real one.
#[derive(Debug)]
pub struct FreshFile {
    path: PathBuf,
}

impl FreshFile {
    /// Copies `library` to a new file beside it.
    ///
    /// # Errors
    /// When the library cannot be read or its folder cannot be written.
    pub fn copy_of(library: &Path) -> Result<FreshFile> {
        static COPIES: AtomicU64 = AtomicU64::new(0);
        let number = COPIES.fetch_add(1, Ordering::Relaxed);
        let mut name = library.as_os_str().to_owned();
        name.push(format!(".{}-{number}", std::process::id()));
        // Removed on drop from here on, even when the copy fails half-way.
        let file = FreshFile { path: name.into() };
        fs::copy(library, &file.path).map_err(|error| {
            let text = format!("cannot copy {} to {}: {error}", library.display(), file.path.display());
            io::Error::new(error.kind(), text)
        })?;
        Ok(file)
    }

    /// Loads the library, with every symbol bound.
    ///
    /// # Errors
    /// [`worker::protocol::ErrorKind::Rejected`] when the loader does not take it.
    pub fn open(self) -> Result<LoadedLibrary> {
        // SAFETY: what is loaded is a sample's library, built by the pipeline from a source in
        // this repository; its initialisers are those of Rust's standard library.
        let library = unsafe { Library::open(Some(&self.path), RTLD_NOW | RTLD_LOCAL) };
        Ok(LoadedLibrary { library: library.map_err(Error::rejected)?, _file: self })
    }
}

impl Drop for FreshFile {
    fn drop(&mut self) {
        // A copy that failed has left nothing to remove.
        let _ = fs::remove_file(&self.path);
    }
}

/// A library with a state of its own: closed, then its file removed, when dropped.
#[derive(Debug)]
pub struct LoadedLibrary {
    library: Library,
    _file: FreshFile,
}

impl LoadedLibrary {
    /// The exported function `name`. It must not be called after the library is dropped.
    ///
    /// # Errors
    /// [`worker::protocol::ErrorKind::Link`] when there is no such symbol.
    pub fn function(&self, name: &str) -> Result<Function> {
        // SAFETY: every exported function of a sample has this signature, by the catalogue's rule.
        let symbol = unsafe { self.library.get::<Function>(name) };
        match symbol {
            Ok(symbol) => Ok(*symbol),
            Err(_) => Err(Error::link(format!("the library exports no function `{name}`"))),
        }
    }
}
