//! `cargo xtask clean`: shows what build folders, output and the cache folder take, and removes what
//! can be made again: build folders, this tool's own among them, and old workers, or the whole cache.

use crate::cli::exit::Exit;
use crate::cli::flags::CleanArgs;
use crate::engines::old_workers::{self, CachedWorker};
use crate::host::cache::{Cache, size_of};
use crate::host::paths::Paths;
use crate::outln;
use crate::report::sheet;
use crate::run::exclusive;
use crate::samples;
use anyhow::{Context, Result};
use indicatif::DecimalBytes;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A folder that takes space.
struct SpaceItem {
    what: String,
    path: PathBuf,
    bytes: u64,
    /// Whether it is removed.
    goes: bool,
    /// Whether it stays because a run is using it.
    in_use: bool,
}

/// Runs the task.
///
/// # Errors
/// When a folder cannot be read or removed.
pub fn run(args: &CleanArgs, paths: &Paths) -> Result<Exit> {
    let mut items = items(args, paths)?;
    if !args.dry_run && items.iter().any(|item| item.goes) {
        remove(&mut items, paths)?;
    }
    let mut table = sheet::table(["what", "size", "", "folder"]);
    for item in &items {
        let done = match (item.goes, args.dry_run) {
            _ if item.in_use => "kept, in use",
            (false, _) => "kept",
            (true, false) => "removed",
            (true, true) => "would be removed",
        };
        let size = DecimalBytes(item.bytes).to_string();
        table.add_row([&item.what, &size, done, &item.path.display().to_string()]);
    }
    let removed: u64 = items.iter().filter(|item| item.goes).map(|item| item.bytes).sum();
    outln!("{table}");
    let verb = if args.dry_run { "would be removed" } else { "removed" };
    outln!("{} {verb}", DecimalBytes(removed));
    if removed > 0 && !args.dry_run {
        outln!(
            "the next `cargo xtask` compiles this tool again, about a minute; workers that are kept need no build"
        );
    }
    Ok(Exit::Done)
}

/// Everything that takes space, in the order of the table. Every folder stands in it once; a folder's size is
/// without those inside it that have a line of their own.
fn items(args: &CleanArgs, paths: &Paths) -> Result<Vec<SpaceItem>> {
    let mut items: Vec<SpaceItem> = Vec::new();
    let mut add = |what: &str, path: &Path, goes| -> Result<()> {
        if path.exists() {
            let inside: u64 =
                items.iter().filter(|item| item.path.starts_with(path)).map(|item| item.bytes).sum();
            let bytes = size_of(path).with_context(|| format!("reading {}", path.display()))?;
            let bytes = bytes.saturating_sub(inside);
            let (what, path) = (what.to_owned(), path.to_owned());
            items.push(SpaceItem { what, path, bytes, goes, in_use: false });
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
            name => add(&format!("build of the workspace, {name}"), &path, true)?,
        }
    }
    let samples = samples::build_folder(paths);
    add("build of the samples", &samples, true)?;
    add("output", &paths.generated, false)?;
    for CachedWorker { name, is_old, .. } in old_workers::list(&paths.cache)? {
        let age = if is_old { "old worker" } else { "worker" };
        let path = paths.cache.join(old_workers::FOLDER).join(&name);
        add(&format!("{age} {name}"), &path, is_old || args.cache)?;
    }
    for (name, path) in folders(&paths.cache)? {
        if name != old_workers::FOLDER {
            add(&format!("cache, {name}"), &path, args.cache)?;
        }
    }
    Ok(items)
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

/// Removes what is to go and is not in use.
fn remove(items: &mut [SpaceItem], paths: &Paths) -> Result<()> {
    // A run that measures uses more than its workers.
    let _alone = exclusive::wait(paths)?;
    let cache = Cache::open(paths);
    for item in items.iter_mut().filter(|item| item.goes) {
        match item.path.strip_prefix(&paths.cache) {
            Ok(name) => {
                item.goes = cache.remove_unused(&name.to_string_lossy())?;
                item.in_use = !item.goes;
            }
            Err(_) => {
                let removing = || format!("removing {}", item.path.display());
                std::fs::remove_dir_all(&item.path).with_context(removing)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

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
        let gone =
            ["target/engines/a", "target/wasm-opt", "target/debug", "generated/cargo", "cache/workers/a-0"];
        let cached = ["cache/workers/a-1", "cache/workers/a-2", "cache/llvm"];
        let kept = ["generated/results"];
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
