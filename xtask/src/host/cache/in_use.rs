//! Entries in use: a run that starts programs of an entry keeps a shared lock on it until it ends, so
//! that no other run removes the entry meanwhile. The time of use is the folder's time of change.

use super::{Cache, CacheEntry, TEMPORARY};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// The locks of this process, by their files. They end with it.
static HELD: Mutex<BTreeMap<PathBuf, File>> = Mutex::new(BTreeMap::new());

impl Cache {
    /// As [`find`](Self::find), for an entry whose programs are started: it stays until this process
    /// ends, and counts as used now. `None` also while another run is making or removing it.
    pub fn find_to_use(&self, name: &str) -> Option<CacheEntry> {
        let is_there = self.folder.join(name).is_dir() && self.hold(name);
        let Some(entry) = is_there.then(|| self.find(name)).flatten() else {
            // Who makes it again waits for all who use it, this process included.
            self.release(name);
            return None;
        };
        // Where the time cannot be set, as in another user's folder, nothing is removed either.
        let _ = File::open(&entry.path).and_then(|folder| folder.set_modified(SystemTime::now()));
        Some(entry)
    }

    /// Takes the shared lock of the entry `name`, and says whether it may be used.
    fn hold(&self, name: &str) -> bool {
        let path = self.beside(name, ".lock");
        let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        if held.contains_key(&path) {
            return true;
        }
        let lock = File::options().create(true).append(true).open(&path);
        // A folder that cannot be written is one from which nothing can be removed.
        let Ok(lock) = lock else { return true };
        match lock.try_lock_shared() {
            Ok(()) => {
                held.insert(path, lock);
                true
            }
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(_)) => true,
        }
    }

    fn release(&self, name: &str) {
        HELD.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.beside(name, ".lock"));
    }

    /// Removes the entry `name` unless a run is using it; says whether it is gone.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove_unused(&self, name: &str) -> Result<bool> {
        let lock = File::options().create(true).append(true).open(self.beside(name, ".lock"));
        let lock = lock.with_context(|| self.cannot_use())?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("locking {name} in {}", self.folder.display()));
            }
        }
        let path = self.folder.join(name);
        if path.exists() {
            // It is gone at once for others; what a killed run leaves is swept away later.
            let going = self.beside(name, &format!("{TEMPORARY}removed"));
            let _ = fs::remove_dir_all(&going);
            fs::rename(&path, &going)
                .and_then(|()| fs::remove_dir_all(&going))
                .with_context(|| format!("removing {}", path.display()))?;
        }
        Ok(true)
    }
}
