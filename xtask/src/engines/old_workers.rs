//! Old workers in the cache folder: of each kind the two that were used last are kept, and any that a run
//! is using. A kind is a runtime, or its worker for modules with WASI where that is another one.

use crate::detail;
use crate::host::cache::Cache;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

/// The workers of each kind that are kept, those that were used last.
const KEPT: usize = 2;

/// The folder of the workers, in the cache folder.
pub const FOLDER: &str = "workers";

/// What separates the parts of a worker's name; a key has none.
const SEPARATOR: char = '-';

/// The name of a worker of this kind, with the key of everything that went into it.
pub fn name(kind: &str, key: &str) -> String {
    format!("{kind}{SEPARATOR}{key}")
}

/// A worker in the cache folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedWorker {
    /// Its folder's name, in the folder of the workers.
    pub name: String,
    /// Whether enough others of its kind were used later.
    pub is_old: bool,
}

/// The workers in the cache folder `cache`: kinds by name, and of each the last used first.
///
/// # Errors
/// When a folder cannot be read.
pub fn list(cache: &Path) -> Result<Vec<CachedWorker>> {
    let folder = cache.join(FOLDER);
    let mut kinds: BTreeMap<String, Vec<(SystemTime, String)>> = BTreeMap::new();
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let reading = || format!("reading {}", folder.display());
    for entry in fs::read_dir(&folder).with_context(reading)? {
        let entry = entry.with_context(reading)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // The name of a lock, and of a folder that is being filled or removed, has a dot.
        let Some((kind, key)) = name.rsplit_once(SEPARATOR) else { continue };
        if key.contains('.') || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        let used =
            entry.metadata().and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
        kinds.entry(kind.to_owned()).or_default().push((used, name.clone()));
    }
    let mut workers = Vec::new();
    for mut of_kind in kinds.into_values() {
        of_kind.sort();
        let last_used_first = of_kind.into_iter().rev().enumerate();
        workers
            .extend(last_used_first.map(|(place, (_, name))| CachedWorker { name, is_old: place >= KEPT }));
    }
    Ok(workers)
}

/// Removes the old workers of the kind of the worker `newest` that no run is using. What cannot be removed
/// is left, since it only takes space.
pub fn collect(newest: &str, cache_folder: &Path) {
    let cache = Cache::at(cache_folder);
    let kind_of = |name: &str| name.rsplit_once(SEPARATOR).map(|(kind, _)| kind.to_owned());
    let workers = list(cache_folder).unwrap_or_default();
    for worker in
        workers.into_iter().filter(|worker| worker.is_old && kind_of(&worker.name) == kind_of(newest))
    {
        match cache.remove_unused(&format!("{FOLDER}/{}", worker.name)) {
            Ok(true) => detail!("removed the old worker {}", worker.name),
            Ok(false) => detail!("kept the old worker {}, which a run is using", worker.name),
            Err(error) => detail!("the old worker {} stays: {error:#}", worker.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::cache::Holds;
    use std::fs::File;
    use std::time::Duration;

    /// Makes the entry of a worker that was used `age_min` minutes ago.
    fn made(cache: &Path, name: &str, age_min: u64) {
        let entry = Cache::at(cache).entry(&format!("{FOLDER}/{name}"), 0, |folder| {
            fs::write(folder.join("worker"), "")?;
            Ok(Holds::new())
        });
        let used = SystemTime::now() - Duration::from_secs(60 * age_min);
        File::open(entry.unwrap().path).unwrap().set_modified(used).unwrap();
    }

    fn names(cache: &Path) -> Vec<String> {
        list(cache).unwrap().into_iter().map(|worker| worker.name).collect()
    }

    /// Collects until only `expected` are left. A process that another test is starting holds every open lock until
    /// it becomes another program, so once may not be enough.
    fn collects_to(cache: &Path, newest: &str, expected: &[&str]) {
        for _ in 0..100 {
            collect(newest, cache);
            if names(cache) == expected {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(names(cache), expected);
    }

    #[test]
    fn of_each_kind_the_two_that_were_used_last_are_kept() {
        let cache = tempfile::tempdir().unwrap();
        let cache = cache.path();
        assert!(names(&cache.join("none")).is_empty());
        for (name, age_min) in [("a-b-1", 1), ("a-b-2", 3), ("a-b-3", 2), ("a-1", 9), ("a-2", 8), ("a-3", 7)]
        {
            made(cache, name, age_min);
        }
        fs::create_dir(cache.join("workers/a-b-4.tmp.x")).unwrap();
        collects_to(cache, "a-b-1", &["a-3", "a-2", "a-1", "a-b-1", "a-b-3"]);
        assert!(cache.join("workers/a-b-4.tmp.x").exists(), "a worker that is being built is no old one");
    }

    #[test]
    fn a_worker_that_is_used_again_is_no_old_one() {
        let cache = tempfile::tempdir().unwrap();
        let cache = cache.path();
        for (name, age_min) in [("a-1", 3), ("a-2", 2), ("a-3", 1)] {
            made(cache, name, age_min);
        }
        Cache::at(cache).find_to_use("workers/a-1").unwrap();
        assert_eq!(names(cache), ["a-1", "a-3", "a-2"]);
        collects_to(cache, "a-9", &["a-1", "a-3"]);
    }

    #[test]
    fn a_worker_that_another_run_is_using_is_never_removed() {
        let cache = tempfile::tempdir().unwrap();
        let cache = cache.path();
        for (name, age_min) in [("a-1", 4), ("a-2", 3), ("a-3", 2), ("a-4", 1)] {
            made(cache, name, age_min);
        }
        // What another process does, which has a lock of its own.
        let other_run = File::open(cache.join("workers/a-1.lock")).unwrap();
        other_run.lock_shared().unwrap();
        collects_to(cache, "a-9", &["a-4", "a-3", "a-1"]);
        drop(other_run);
        collects_to(cache, "a-9", &["a-4", "a-3"]);
    }

    #[test]
    fn a_worker_that_is_being_removed_is_not_used() {
        let cache = tempfile::tempdir().unwrap();
        made(cache.path(), "a-1", 1);
        let other_run = File::open(cache.path().join("workers/a-1.lock")).unwrap();
        other_run.lock().unwrap();
        assert!(Cache::at(cache.path()).find_to_use("workers/a-1").is_none());
    }
}
