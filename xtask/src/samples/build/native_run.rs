//! Commands as ordinary native programs: how one is run, since its output is the reference for every
//! engine, and the entry that runs the same command in an engine.

use super::store;
use crate::host::files;
use crate::samples::catalogue::{Sample, SampleEntry, WasiCommand};
use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// How a native program ended.
#[derive(Debug, PartialEq, Eq)]
pub struct NativeExit {
    /// Its exit code.
    pub exit_code: i32,
    /// What it printed.
    pub stdout: Vec<u8>,
}

/// Runs the native `program` of `sample` at `size`: with the arguments, the environment and the
/// input that the guest gets, in a folder where the guest's folders go by the same names.
///
/// # Errors
/// When it cannot be started or is ended by a signal.
pub fn run(program: &Path, sample: &Sample, size: &str, sources: &Path) -> Result<NativeExit> {
    let SampleEntry::Command(command) = &sample.entry else { bail!("{} is no command", sample.name) };
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    for (guest, host) in &command.dirs {
        std::os::unix::fs::symlink(sources.join(host), folder.path().join(guest))?;
    }
    let stdin = match &command.stdin {
        Some(file) => Stdio::from(File::open(sources.join(file)).with_context(|| format!("opening {file}"))?),
        None => Stdio::null(),
    };
    let args = command.sizes.all().into_iter().find(|(name, _)| *name == size).map(|(_, args)| args);
    let output = std::process::Command::new(program)
        .args(args.into_iter().flatten())
        .env_clear()
        .envs(&command.env)
        .current_dir(folder.path())
        .stdin(stdin)
        .output()
        .with_context(|| format!("cannot start {}", program.display()))?;
    let words = String::from_utf8_lossy(&output.stderr);
    let exit_code = output.status.code();
    ensure!(exit_code.is_some(), "{} ended with {}: {words}", program.display(), output.status);
    Ok(NativeExit { exit_code: exit_code.unwrap_or_default(), stdout: output.stdout })
}

/// The entry that a worker runs: `command` with `args`, its files and folders as absolute paths.
pub fn entry(sample: &Sample, command: &WasiCommand, args: &[String], sources: &Path) -> protocol::Entry {
    let program = [sample.name.clone()];
    let own = |(guest, host): (&String, &String)| (sources.join(host), guest.clone());
    protocol::Entry::Command {
        args: program.iter().chain(args).cloned().collect(),
        env: command.env.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        stdin: command.stdin.as_ref().map(|file| sources.join(file)),
        dirs: command.dirs.iter().map(own).collect(),
    }
}

/// The key of what a command may read: its environment, its input and its folders.
///
/// # Errors
/// When a file cannot be read.
pub fn files_key(command: &WasiCommand, sources: &Path) -> Result<String> {
    let mut files = BTreeSet::new();
    for folder in command.dirs.values() {
        files.extend(files::sources(&sources.join(folder))?);
    }
    files.extend(command.stdin.iter().map(|file| sources.join(file)));
    let files: Vec<PathBuf> = files.into_iter().collect();
    let words = format!("{:?} {:?} {:?}", command.env, command.stdin, command.dirs);
    Ok(store::key([words, store::files_key(&files, sources)?]))
}
