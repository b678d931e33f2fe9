//! Workers that cargo does not build: the files that decide about one are copied into the cache folder
//! under a key of all that goes into it, with links to the programs that its needs provide.

use super::recipe::Recipe;
use super::runtime::Runtime;
use crate::host::cache::Holds;
use crate::host::files::{self, Named};
use crate::host::hash::hexadecimal;
use anyhow::{Context, Result};
use bench::plan::WorkerCommand;
use sha2::{Digest, Sha256};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

/// The folder of the links to programs, in the worker's entry.
const PROGRAMS: &str = "bin";
/// The folder of the worker's own files, in its entry.
const FILES: &str = "worker";

/// Everything that goes into the worker: its files, its command, its needs.
///
/// # Errors
/// When a file cannot be read.
pub fn key(runtime: &Runtime, recipe: &Recipe) -> Result<String> {
    let mut hash = Sha256::new();
    let named: Vec<Named> =
        runtime.files.iter().map(|name| Named::in_folder(&runtime.folder, name)).collect();
    files::hash(&named, &mut hash)?;
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
/// When a file cannot be copied or a link not be made.
pub fn fill(runtime: &Runtime, recipe: &Recipe, key: &str, entry: &Path) -> Result<Holds> {
    for file in &runtime.files {
        let to = entry.join(FILES).join(file);
        fs::create_dir_all(to.parent().unwrap_or(entry))?;
        fs::copy(runtime.folder.join(file), &to).with_context(|| format!("writing {}", to.display()))?;
    }
    fs::create_dir_all(entry.join(PROGRAMS))?;
    for (name, program) in recipe.provided.iter().filter_map(|provided| provided.program.as_ref()) {
        let link = entry.join(PROGRAMS).join(name);
        symlink(program, &link).with_context(|| format!("making the link {}", link.display()))?;
    }
    Ok(Holds::from([(runtime.name.clone(), key.to_owned())]))
}

/// How the worker in the folder `entry` is started: names of its files stand for the files there, and
/// the programs of its needs are found before others.
pub fn launch(runtime: &Runtime, entry: &Path) -> WorkerCommand {
    let programs = entry.join(PROGRAMS);
    let word = |word: &String| match runtime.files.iter().find(|file| *file == Path::new(word)) {
        Some(file) => entry.join(FILES).join(file),
        None => word.into(),
    };
    let mut words = runtime.command.iter().map(word);
    let program = words.next().unwrap_or_default();
    let linked = programs.join(&program);
    WorkerCommand {
        program: if linked.is_symlink() { linked } else { program },
        args: words.collect(),
        path: vec![programs],
        build: String::new(),
    }
}
