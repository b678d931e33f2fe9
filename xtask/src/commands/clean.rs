//! `cargo xtask clean`: shows what build folders, output and the cache folder take, and removes what
//! can be made again: the engines' build folders and old workers, or the whole cache.

use crate::cli::exit::Exit;
use crate::cli::flags::CleanArgs;
use crate::host::cache::{Cache, size_of};
use crate::host::paths::Paths;
use crate::outln;
use crate::report::sheet;
use crate::run::exclusive;
use anyhow::{Context, Result};
use indicatif::DecimalBytes;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The workers of each runtime that are kept, the newest ones.
const KEPT_WORKERS: usize = 2;

/// The folder of the workers in the cache folder.
const WORKERS: &str = "workers";

/// A folder that takes space.
struct SpaceItem {
    what: String,
    path: PathBuf,
    bytes: u64,
    /// Whether it is removed.
    goes: bool,
}

/// Runs the task.
///
/// # Errors
/// When a folder cannot be read or removed.
pub fn run(args: &CleanArgs, paths: &Paths) -> Result<Exit> {
    let items = items(args, paths)?;
    let removed: u64 = items.iter().filter(|item| item.goes).map(|item| item.bytes).sum();
    if !args.dry_run && items.iter().any(|item| item.goes) {
        // A run that measures uses workers.
        let _alone = exclusive::wait(paths)?;
        let cache = Cache::open(paths);
        for item in items.iter().filter(|item| item.goes) {
            match item.path.strip_prefix(&paths.cache) {
                // Another run may be making it.
                Ok(name) => cache.remove(&name.to_string_lossy())?,
                Err(_) => remove(&item.path)?,
            }
        }
    }
    let mut table = sheet::table(["what", "size", "", "folder"]);
    for item in &items {
        let done = match (item.goes, args.dry_run) {
            (false, _) => "kept",
            (true, false) => "removed",
            (true, true) => "would be removed",
        };
        let size = DecimalBytes(item.bytes).to_string();
        table.add_row([&item.what, &size, done, &item.path.display().to_string()]);
    }
    outln!("{table}");
    let verb = if args.dry_run { "would be removed" } else { "removed" };
    outln!("{} {verb}", DecimalBytes(removed));
    Ok(Exit::Done)
}

/// Everything that takes space, in the order of the table. Every folder stands in it once.
fn items(args: &CleanArgs, paths: &Paths) -> Result<Vec<SpaceItem>> {
    let mut items = Vec::new();
    let mut add = |what: &str, path: &Path, goes| -> Result<()> {
        if path.exists() {
            let bytes = size_of(path).with_context(|| format!("reading {}", path.display()))?;
            items.push(SpaceItem { what: what.to_owned(), path: path.to_owned(), bytes, goes });
        }
        Ok(())
    };
    let target = paths.root.join("target");
    for (name, path) in folders(&target)? {
        match name.as_str() {
            "engines" => {
                for (runtime, path) in folders(&path)? {
                    add(&format!("build of {runtime}"), &path, true)?;
                }
            }
            "wasm-opt" => add("build of wasm-opt", &path, true)?,
            name => add(&format!("build of the workspace, {name}"), &path, false)?,
        }
    }
    add("output", &paths.generated, false)?;
    let workers = paths.cache.join(WORKERS);
    for (worker, is_old) in workers_by_age(&workers)? {
        let age = if is_old { "old worker" } else { "worker" };
        add(&format!("{age} {worker}"), &workers.join(&worker), is_old || args.cache)?;
    }
    for (name, path) in folders(&paths.cache)? {
        if name != WORKERS {
            add(&format!("cache, {name}"), &path, args.cache)?;
        }
    }
    Ok(items)
}

/// The workers in `folder`, and whether newer ones of the same runtime are enough.
fn workers_by_age(folder: &Path) -> Result<Vec<(String, bool)>> {
    let mut runtimes: BTreeMap<String, Vec<(SystemTime, String)>> = BTreeMap::new();
    for (name, path) in folders(folder)? {
        // A folder that is being filled has a dot in its name.
        let Some((runtime, key)) = name.rsplit_once('-') else { continue };
        if key.contains('.') {
            continue;
        }
        let made = path.metadata().and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
        runtimes.entry(runtime.to_owned()).or_default().push((made, name));
    }
    let mut workers = Vec::new();
    for mut of_runtime in runtimes.into_values() {
        of_runtime.sort();
        let newest_first = of_runtime.into_iter().rev().enumerate();
        workers.extend(newest_first.map(|(place, (_, name))| (name, place >= KEPT_WORKERS)));
    }
    Ok(workers)
}

/// The folders in `folder`, by name; none where it is not there.
fn folders(folder: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let mut found = BTreeMap::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    for entry in std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.insert(entry.file_name().to_string_lossy().into_owned(), entry.path());
        }
    }
    Ok(found)
}

fn remove(folder: &Path) -> Result<()> {
    std::fs::remove_dir_all(folder).with_context(|| format!("removing {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_two_newest_workers_of_each_runtime_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        for (age, name) in ["a-b-1", "a-b-2", "c-1", "a-b-3", "c-2.tmp.x"].iter().rev().enumerate() {
            let worker = folder.path().join(name);
            std::fs::create_dir(&worker).unwrap();
            let made = SystemTime::now() - Duration::from_secs(60 * age as u64);
            std::fs::File::open(&worker).unwrap().set_modified(made).unwrap();
        }
        let workers = workers_by_age(folder.path()).unwrap();
        let shown: Vec<(&str, bool)> = workers.iter().map(|(name, old)| (name.as_str(), *old)).collect();
        assert_eq!(shown, [("a-b-3", false), ("a-b-2", false), ("a-b-1", true), ("c-1", false)]);
        assert!(workers_by_age(&folder.path().join("none")).unwrap().is_empty());
    }

    #[test]
    fn build_folders_and_old_workers_go_and_the_rest_goes_with_the_cache_alone() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let paths = Paths {
            root: root.to_owned(),
            generated: root.join("generated"),
            cache: root.join("cache"),
            ..Paths::default()
        };
        let gone = ["target/engines/a", "target/wasm-opt", "cache/workers/a-0"];
        let cached = ["cache/workers/a-1", "cache/workers/a-2", "cache/llvm"];
        let kept = ["target/debug", "generated/results"];
        for (age, name) in gone.iter().chain(&cached).chain(&kept).rev().enumerate() {
            std::fs::create_dir_all(root.join(name)).unwrap();
            let made = SystemTime::now() - Duration::from_secs(60 * age as u64);
            std::fs::File::open(root.join(name)).unwrap().set_modified(made).unwrap();
        }
        let are_there = |names: &[&str], expected: bool| {
            names.iter().for_each(|name| assert_eq!(root.join(name).exists(), expected, "{name}"));
        };
        run(&CleanArgs { cache: true, dry_run: true }, &paths).unwrap();
        are_there(&gone, true);
        run(&CleanArgs { cache: false, dry_run: false }, &paths).unwrap();
        are_there(&gone, false);
        are_there(&cached, true);
        run(&CleanArgs { cache: true, dry_run: false }, &paths).unwrap();
        are_there(&cached, false);
        are_there(&kept, true);
    }
}
