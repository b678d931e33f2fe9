//! What a command finds around it: arguments, environment, standard input and folders, and what it
//! has to print. All of it is checked before anything is built or started.

use crate::cli::flags::OwnArgs;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};

/// The surroundings of a command, checked.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
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

impl Surroundings {
    /// Reads what the command line names.
    ///
    /// # Errors
    /// When something is not there, or written in another way than it must be.
    pub fn check(args: &OwnArgs) -> Result<Surroundings> {
        let content = |option: &str, file: &Option<PathBuf>| {
            file.as_deref().map(|file| content(option, file)).transpose()
        };
        Ok(Surroundings {
            args: args.arg.clone(),
            env: args.env.iter().map(|pair| variable(pair)).collect::<Result<_>>()?,
            stdin: content("--stdin", &args.stdin)?,
            expected_stdout: content("--expect-stdout", &args.expect_stdout)?,
            dirs: args.dir.iter().map(|pair| folder(pair)).collect::<Result<_>>()?,
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
