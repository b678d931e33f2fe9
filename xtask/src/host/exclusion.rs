//! Building and measuring keep out of each other's way, also across processes of this user: builds share a
//! lock, and whoever measures holds it alone. A build of this process that stands still counts as none.

use super::cache::Cache;
use super::paths::Paths;
use anyhow::{Context, Result};
use std::fs::{File, TryLockError};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The lock's name in the cache folder.
const LOCK: &str = "measuring";

/// The builds of this process.
static BUILDS: Mutex<Vec<Arc<File>>> = Mutex::new(Vec::new());

/// Whether this process measures while its own builds stand still; a build that begins meanwhile waits for seconds only.
static LOOKS: AtomicBool = AtomicBool::new(false);

/// A build under way, until it is dropped.
#[derive(Debug)]
pub struct Building(Arc<File>);

/// A measurement under way, until it is dropped; the builds of this process that stood still are builds again
/// then.
#[derive(Debug)]
pub struct Measuring {
    lock: File,
    stopped_builds: Vec<Arc<File>>,
}

/// Waits until nothing is measured, and keeps measurements from beginning. Builds keep nobody else from building.
///
/// # Errors
/// When the cache folder cannot be used.
pub fn building(paths: &Paths) -> Result<Building> {
    let doing = if LOOKS.load(Ordering::Relaxed) {
        "the first look is taken"
    } else {
        "another run measures on this machine"
    };
    let lock = Arc::new(Cache::open(paths).lock_shared_while(LOCK, doing)?);
    BUILDS.lock().unwrap_or_else(PoisonError::into_inner).push(lock.clone());
    Ok(Building(lock))
}

impl Drop for Building {
    fn drop(&mut self) {
        BUILDS.lock().unwrap_or_else(PoisonError::into_inner).retain(|one| !Arc::ptr_eq(one, &self.0));
    }
}

/// Waits until no other run builds or measures, and keeps others from both.
///
/// # Errors
/// When the cache folder cannot be used.
pub fn measuring(paths: &Paths) -> Result<Measuring> {
    let lock = Cache::open(paths).lock_while(LOCK, "another run builds or measures on this machine")?;
    Ok(Measuring { lock, stopped_builds: Vec::new() })
}

/// The same where it can be had at once, while the builds of this process stand still; never waits.
///
/// # Errors
/// When the cache folder cannot be used.
pub fn measuring_now(paths: &Paths) -> Result<Option<Measuring>> {
    let stopped_builds = BUILDS.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for build in &stopped_builds {
        build.unlock().context("unlocking for a look")?;
    }
    match Cache::open(paths).try_lock(LOCK)? {
        Some(lock) => {
            LOOKS.store(true, Ordering::Relaxed);
            Ok(Some(Measuring { lock, stopped_builds }))
        }
        None => build_again(&stopped_builds).map(|()| None),
    }
}

impl Drop for Measuring {
    fn drop(&mut self) {
        LOOKS.store(false, Ordering::Relaxed);
        let _ = self.lock.unlock();
        // Without the lock another run may measure beside these builds: no reason to end them.
        let _ = build_again(&self.stopped_builds);
    }
}

fn build_again(builds: &[Arc<File>]) -> Result<()> {
    for build in builds {
        match build.try_lock_shared() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => build.lock_shared().context("waiting for another run")?,
            Err(TryLockError::Error(error)) => return Err(error).context("locking a build"),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn builds_share_and_whoever_measures_is_alone() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths { cache: folder.path().to_owned(), ..Paths::default() };
        // What other processes do, each of which has a lock of its own.
        let other = || File::open(folder.path().join("measuring.lock")).unwrap();
        // A process that another test is starting holds every lock of this one until it becomes another program.
        let soon = |is_free: &dyn Fn() -> bool| {
            (0..100).any(|_| {
                is_free() || {
                    std::thread::sleep(Duration::from_millis(20));
                    false
                }
            })
        };
        let first = building(&paths).unwrap();
        let second = building(&paths).unwrap();
        let elsewhere = other();
        elsewhere.lock_shared().unwrap();
        assert!(measuring_now(&paths).unwrap().is_none(), "another process builds");
        elsewhere.unlock().unwrap();

        let look = measuring_now(&paths).unwrap().expect("the builds of this process stand still");
        assert!(other().try_lock_shared().is_err() && other().try_lock().is_err());
        drop(look);
        assert!(soon(&|| other().try_lock_shared().is_ok()), "they are builds again");
        assert!(other().try_lock().is_err(), "they are builds again");
        drop((first, second));
        let alone = measuring(&paths).unwrap();
        assert!(other().try_lock_shared().is_err());
        drop(alone);
        assert!(soon(&|| other().try_lock().is_ok()));
    }
}
