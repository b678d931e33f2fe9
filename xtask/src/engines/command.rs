//! Workers that cargo does not build: the files that decide about one are copied into the cache folder
//! under a key of all that goes into it. The programs that its needs provide are started from where they
//! are, so that a cache folder may be moved.

use super::recipe::Recipe;
use super::runtime::Runtime;
use crate::host::cache::Holds;
use crate::host::files;
use crate::host::hash::hexadecimal;
use anyhow::{Context, Result};
use bench::plan::WorkerCommand;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the worker's own files, in its entry.
const FILES: &str = "worker";

/// Everything that goes into the worker: its files, its command, its needs.
///
/// # Errors
/// When a file cannot be read.
pub fn key(runtime: &Runtime, recipe: &Recipe) -> Result<String> {
    let mut hash = Sha256::new();
    files::hash(&runtime.worker_files()?, &mut hash)?;
    for word in &runtime.command {
        hash.update((word.len() as u64).to_le_bytes());
        hash.update(word);
    }
    hash.update(recipe.identity());
    Ok(hexadecimal(&hash.finalize()[..8]))
}

/// Puts the worker together in the folder `entry`.
///
/// # Errors
/// When a file cannot be copied.
pub fn fill(runtime: &Runtime, key: &str, entry: &Path) -> Result<Holds> {
    for file in runtime.worker_files()? {
        let to = entry.join(FILES).join(&file.name);
        fs::create_dir_all(to.parent().unwrap_or(entry))?;
        fs::copy(&file.path, &to).with_context(|| format!("writing {}", to.display()))?;
    }
    Ok(Holds::from([(runtime.name.clone(), key.to_owned())]))
}

/// How the engine's own loop of calls is started, where it has one: as `worker`, with the loop in the place of
/// the worker's own program.
pub fn own_loop(runtime: &Runtime, worker: &WorkerCommand) -> Option<WorkerCommand> {
    let own_loop = runtime.own_loop.as_ref()?;
    let mut command = worker.clone();
    let is_own = |arg: &&mut PathBuf| runtime.files.iter().any(|file| arg.ends_with(file));
    let program = command.args.iter_mut().find(is_own)?;
    *program = program.with_file_name(own_loop);
    Some(command)
}

/// How the worker in the folder `entry` is started: names of its files stand for the files there, and
/// the programs of its needs are found before others.
pub fn launch(runtime: &Runtime, recipe: &Recipe, entry: &Path) -> WorkerCommand {
    let provided = |word: &Path| {
        let programs = recipe.provided.iter().filter_map(|provided| provided.program.as_ref());
        programs.clone().find(|(name, _)| Path::new(name) == word).map(|(_, program)| program.clone())
    };
    let own =
        |word: &Path| runtime.files.iter().any(|file| file == word).then(|| entry.join(FILES).join(word));
    let mut words = runtime.command.iter().map(|word| own(Path::new(word)).unwrap_or_else(|| word.into()));
    let program = words.next().unwrap_or_default();
    WorkerCommand {
        program: provided(&program).unwrap_or(program),
        args: words.collect(),
        path: recipe.provided.iter().flat_map(|provided| provided.path.clone()).collect(),
        ..WorkerCommand::of(PathBuf::new())
    }
}
