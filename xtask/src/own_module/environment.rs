//! The environment of a command: arguments, environment, standard input and folders, and what it
//! has to print. All of it is checked before anything is built or started.

use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};

/// What is given for a command, as it was typed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Given<'a> {
    /// The arguments after the program's name.
    pub args: &'a [String],
    /// Variables, as `NAME=VALUE`.
    pub env: &'a [String],
    /// The file of the standard input.
    pub stdin: Option<&'a Path>,
    /// The file of the expected standard output.
    pub expected_stdout: Option<&'a Path>,
    /// Folders, as `HOST::GUEST`.
    pub dirs: &'a [String],
}

/// The environment of a command, checked.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// The arguments after the program's name.
    pub args: Vec<String>,
    /// The environment.
    pub env: Vec<(String, String)>,
    /// The content of the standard input, and of the expected standard output.
    pub stdin: Option<Vec<u8>>,
    /// What the command must print.
    pub expected_stdout: Option<Vec<u8>>,
    /// Host and guest path of each folder.
    pub dirs: Vec<(PathBuf, String)>,
}

impl Environment {
    /// Reads what is given.
    ///
    /// # Errors
    /// When something is not there, or written in another way than it must be.
    pub fn check(given: Given<'_>) -> Result<Environment> {
        let content = |option: &str, file: Option<&Path>| file.map(|file| content(option, file)).transpose();
        Ok(Environment {
            args: given.args.to_vec(),
            env: given.env.iter().map(|pair| variable(pair)).collect::<Result<_>>()?,
            stdin: content("--stdin", given.stdin)?,
            expected_stdout: content("--expect-stdout", given.expected_stdout)?,
            dirs: given.dirs.iter().map(|pair| folder(pair)).collect::<Result<_>>()?,
        })
    }
}

/// Read once: it may be a pipe, and it may be another file by the time it is needed.
fn content(option: &str, file: &Path) -> Result<Vec<u8>> {
    ensure!(!file.is_dir(), "{option} names {}, which is a folder; name a file", file.display());
    std::fs::read(file)
        .with_context(|| format!("{option} names {}, which cannot be read; name a file", file.display()))
}

fn variable(pair: &str) -> Result<(String, String)> {
    let (name, value) = pair
        .split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .with_context(|| format!("--env {pair} sets nothing; write it as NAME=VALUE"))?;
    Ok((name.to_owned(), value.to_owned()))
}

fn folder(pair: &str) -> Result<(PathBuf, String)> {
    let (host, guest) =
        pair.split_once("::")
            .filter(|(host, guest)| !host.is_empty() && !guest.is_empty())
            .with_context(|| format!("--dir {pair} names no two folders; write it as ./data::/data"))?;
    let folder = std::fs::canonicalize(host).with_context(|| {
        format!("--dir names {host}, which cannot be opened; name a folder that is there")
    })?;
    ensure!(folder.is_dir(), "--dir names {host}, which is no folder; a file can be given with --stdin");
    Ok((folder, guest.to_owned()))
}
