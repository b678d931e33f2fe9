//! The environment of a command: arguments, environment, standard input and folders, and what it
//! has to print. All of it is checked before anything is built or started.

use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};

/// What is given for a command, as it was typed.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The arguments after the program's name.
    pub args: Vec<String>,
    /// Variables.
    pub env: Vec<(String, String)>,
    /// The file of the standard input.
    pub stdin: Option<PathBuf>,
    /// The file of the expected standard output.
    pub expected_stdout: Option<PathBuf>,
    /// The file of the expected standard error.
    pub expected_stderr: Option<PathBuf>,
    /// Host and guest path of each folder.
    pub dirs: Vec<(PathBuf, String)>,
}

/// The environment of a command, checked.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// The arguments after the program's name.
    pub args: Vec<String>,
    /// The environment.
    pub env: Vec<(String, String)>,
    /// The content of the standard input.
    pub stdin: Option<Vec<u8>>,
    /// What the command must print.
    pub expected_stdout: Option<Vec<u8>>,
    /// What it must write to its standard error.
    pub expected_stderr: Option<Vec<u8>>,
    /// Host and guest path of each folder.
    pub dirs: Vec<(PathBuf, String)>,
}

impl Environment {
    /// Reads what is given.
    ///
    /// # Errors
    /// When something is not there.
    pub fn check(given: &Given) -> Result<Environment> {
        let content = |option: &str, file: &Option<PathBuf>| {
            file.as_deref().map(|file| content(option, file)).transpose()
        };
        Ok(Environment {
            args: given.args.clone(),
            env: given.env.clone(),
            stdin: content("--stdin", &given.stdin)?,
            expected_stdout: content("--expect-stdout", &given.expected_stdout)?,
            expected_stderr: content("--expect-stderr", &given.expected_stderr)?,
            dirs: given.dirs.iter().map(|(host, guest)| folder(host, guest)).collect::<Result<_>>()?,
        })
    }
}

/// Read once: it may be a pipe, and it may be another file by the time it is needed.
fn content(option: &str, file: &Path) -> Result<Vec<u8>> {
    ensure!(!file.is_dir(), "{option} names {}, which is a folder; name a file", file.display());
    std::fs::read(file)
        .with_context(|| format!("{option} names {}, which cannot be read; name a file", file.display()))
}

fn folder(host: &Path, guest: &str) -> Result<(PathBuf, String)> {
    let folder = std::fs::canonicalize(host).with_context(|| {
        format!("--dir names {}, which cannot be opened; name a folder that is there", host.display())
    })?;
    let shown = host.display();
    ensure!(folder.is_dir(), "--dir names {shown}, which is no folder; a file can be given with --stdin");
    Ok((folder, guest.to_owned()))
}
