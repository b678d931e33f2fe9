//! The user's cache folder: what is in it is complete or not there at all. An entry is made in
//! a temporary folder beside it, marked complete, and renamed; a lock makes a second run wait.

mod in_use;
mod marker;
mod space;

use super::paths::Paths;
use super::progress;
use crate::note;
use anyhow::{Context, Result, bail};
use marker::Marker;
pub use marker::{Holds, size_of};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

/// The cache folder.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    available: space::Available,
}

/// A complete entry.
#[derive(Clone, Debug, PartialEq)]
pub struct CacheEntry {
    /// Its folder.
    pub path: PathBuf,
    /// What it holds, as the one who made it said.
    pub holds: Holds,
}

impl CacheEntry {
    /// What the entry holds, in one line; part of the keys of what is built with it.
    pub fn identity(&self) -> String {
        self.holds.iter().map(|(name, version)| format!("{name} {version}")).collect::<Vec<_>>().join("; ")
    }
}

/// What separates an entry's name from the random part of its temporary folder's.
const TEMPORARY: &str = ".tmp.";

impl Cache {
    /// The cache folder of `paths`; it is made when something is put into it.
    pub fn open(paths: &Paths) -> Cache {
        Cache::at(&paths.cache)
    }

    /// A cache folder anywhere.
    pub fn at(folder: &Path) -> Cache {
        Cache { folder: folder.to_owned(), available: space::available }
    }

    /// The entry `name`, where it is there and complete. Waits for nobody and changes nothing.
    pub fn find(&self, name: &str) -> Option<CacheEntry> {
        let path = self.folder.join(name);
        let marker = marker::check(&path).ok()?;
        Some(CacheEntry { path, holds: marker.holds })
    }

    /// The entry `name`; where it is missing or damaged, `fill` puts it together in the
    /// temporary folder that it is given, and says what it holds. `needed_bytes` is what that
    /// takes at its peak, downloads included. `name` may hold slashes.
    ///
    /// # Errors
    /// Those of `fill`, with advice where the disk is full; too little space; a cache folder
    /// that cannot be written.
    pub fn entry(
        &self,
        name: &str,
        needed_bytes: u64,
        fill: impl FnOnce(&Path) -> Result<Holds>,
    ) -> Result<CacheEntry> {
        if let Some(entry) = self.find(name) {
            return Ok(entry);
        }
        let _lock = self.lock(name)?;
        if let Some(entry) = self.find(name) {
            return Ok(entry);
        }
        self.sweep(name);
        self.discard_damaged(name)?;
        self.require(name, needed_bytes)?;
        let filled = self.fill(name, fill);
        filled.map_err(|error| space::advise(error, &self.folder, needed_bytes, self.available))
    }

    /// Checks that the cache folder's disk has room for `needed_bytes` more.
    ///
    /// # Errors
    /// When it has not; the message names the folder, both amounts and the way out.
    pub fn require(&self, what: &str, needed_bytes: u64) -> Result<()> {
        fs::create_dir_all(&self.folder).with_context(|| self.cannot_use())?;
        space::require(&self.folder, what, needed_bytes, self.available)
    }

    /// Removes the entry `name`, so that the next request makes it again.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove(&self, name: &str) -> Result<()> {
        let _lock = self.lock(name)?;
        let path = self.folder.join(name);
        if path.exists() {
            fs::remove_dir_all(&path).with_context(|| format!("removing {}", path.display()))?;
        }
        Ok(())
    }

    /// Takes the lock `name`, waiting, and saying so, while another run holds it. The lock ends
    /// with the file.
    ///
    /// # Errors
    /// When the lock file cannot be made or locked.
    pub fn lock(&self, name: &str) -> Result<File> {
        self.lock_while(name, &format!("{name} is being prepared"))
    }

    /// As [`lock`](Self::lock), where something else goes on than preparing an entry: `doing` says what, as a
    /// sentence.
    ///
    /// # Errors
    /// As [`lock`](Self::lock).
    pub fn lock_while(&self, name: &str, doing: &str) -> Result<File> {
        let (path, file) = self.lock_file(name)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => {
                let spinner = progress::spinner(format!("waiting while {doing}"));
                file.lock().with_context(|| format!("waiting for {}", path.display()))?;
                spinner.finish_and_clear();
                Ok(file)
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("locking {}", path.display()))
            }
        }
    }

    /// The same for a lock that several may hold, as long as nobody has it alone.
    ///
    /// # Errors
    /// As [`lock`](Self::lock).
    pub fn lock_shared_while(&self, name: &str, doing: &str) -> Result<File> {
        let (path, file) = self.lock_file(name)?;
        match file.try_lock_shared() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => {
                let spinner = progress::spinner(format!("waiting while {doing}"));
                file.lock_shared().with_context(|| format!("waiting for {}", path.display()))?;
                spinner.finish_and_clear();
                Ok(file)
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("locking {}", path.display()))
            }
        }
    }

    /// Takes the lock `name` where nobody holds it.
    ///
    /// # Errors
    /// As [`lock`](Self::lock).
    pub fn try_lock(&self, name: &str) -> Result<Option<File>> {
        let (path, file) = self.lock_file(name)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("locking {}", path.display()))
            }
        }
    }

    fn lock_file(&self, name: &str) -> Result<(PathBuf, File)> {
        let path = self.beside(name, ".lock");
        fs::create_dir_all(path.parent().unwrap_or(&self.folder)).with_context(|| self.cannot_use())?;
        let file =
            File::options().create(true).append(true).open(&path).with_context(|| self.cannot_use())?;
        Ok((path, file))
    }

    /// A folder inside the cache folder that is no entry: state that may be lost or half-written
    /// at any time, and is used under a lock of the same name.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn scratch(&self, name: &str) -> Result<PathBuf> {
        let path = self.folder.join(name);
        fs::create_dir_all(&path).with_context(|| self.cannot_use())?;
        Ok(path)
    }

    fn fill(&self, name: &str, fill: impl FnOnce(&Path) -> Result<Holds>) -> Result<CacheEntry> {
        let path = self.folder.join(name);
        let (parent, last) = (path.parent(), path.file_name());
        let (Some(parent), Some(last)) = (parent, last) else { bail!("`{name}` is no name for an entry") };
        fs::create_dir_all(parent).with_context(|| self.cannot_use())?;
        let temporary = tempfile::Builder::new()
            .prefix(&format!("{}{TEMPORARY}", last.to_string_lossy()))
            .tempdir_in(parent)
            .with_context(|| self.cannot_use())?;
        let holds = fill(temporary.path())?;
        let marker = Marker::of(temporary.path(), holds)?;
        marker.write(temporary.path())?;
        fs::rename(temporary.path(), &path)
            .with_context(|| format!("moving the finished {name} to {}", path.display()))?;
        let _ = temporary.keep();
        Ok(CacheEntry { path, holds: marker.holds })
    }

    /// Says what is wrong with a damaged entry, and removes it.
    fn discard_damaged(&self, name: &str) -> Result<()> {
        let path = self.folder.join(name);
        if !path.exists() {
            return Ok(());
        }
        if let Err(reason) = marker::check(&path) {
            note!("{} is incomplete ({reason:#}); making it again", path.display());
        }
        fs::remove_dir_all(&path).with_context(|| format!("removing {}", path.display()))
    }

    /// Removes the temporary folders of dead runs: those of `name`, whose lock is ours, and
    /// those whose lock nobody holds. Best effort: what cannot be removed is left.
    fn sweep(&self, name: &str) {
        for path in temporaries(&self.folder, 2) {
            let Some((entry, _)) = path.to_str().and_then(|text| text.split_once(TEMPORARY)) else {
                continue;
            };
            let lock = File::options().append(true).open(format!("{entry}.lock"));
            let held = lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)));
            if !held || Path::new(entry) == self.folder.join(name) {
                let _ = fs::remove_dir_all(&path);
            }
        }
    }

    fn beside(&self, name: &str, suffix: &str) -> PathBuf {
        self.folder.join(format!("{name}{suffix}"))
    }

    fn cannot_use(&self) -> String {
        format!(
            "the cache folder {} cannot be used; name another in WASM_PHASES_CACHE",
            self.folder.display()
        )
    }
}

/// The temporary folders in `folder` and, to `depth` levels, in the folders inside it.
fn temporaries(folder: &Path, depth: usize) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let folders = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    folders
        .map(|entry| entry.path())
        .flat_map(|path| match path.file_name().and_then(|name| name.to_str()) {
            Some(name) if name.contains(TEMPORARY) => vec![path],
            _ if depth > 1 => temporaries(&path, depth - 1),
            _ => Vec::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests;
