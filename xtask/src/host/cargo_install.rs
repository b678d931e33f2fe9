//! Programs that cargo installs from crates, for tests that hold our files against other tools: built once, into the
//! cache folder.

use super::cache::{Cache, Holds};
use super::cargo;
use super::paths::Paths;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Room that building a tool takes at its peak.
const NEEDED_BYTES: u64 = 400_000_000;

/// A program, by the crate of the same name.
pub struct InstalledTool {
    /// The crate and its program.
    pub name: &'static str,
    /// The crate's exact version.
    pub version: &'static str,
    /// The variable that tells the tests where it is.
    pub variable: &'static str,
}

/// The program of `tool`; where it is missing it is built now, by a command that `run` runs.
///
/// # Errors
/// Those of `run`, and those of the cache folder.
pub fn program(
    tool: &InstalledTool,
    paths: &Paths,
    run: impl FnOnce(&mut Command) -> Result<()>,
) -> Result<PathBuf> {
    let InstalledTool { name, version, .. } = tool;
    let entry = Cache::open(paths).entry(&format!("{name}-{version}"), NEEDED_BYTES, |folder| {
        run(&mut command(tool, folder))?;
        Ok(Holds::from([((*name).to_owned(), (*version).to_owned())]))
    })?;
    Ok(entry.path.join("bin").join(name))
}

fn command(tool: &InstalledTool, folder: &Path) -> Command {
    let mut cargo = cargo::clean();
    // Dependencies as the crate's authors tested them, and the build beside nothing of ours.
    cargo.args(["install", "--locked", "--no-track", "--root"]).arg(folder);
    cargo.arg(format!("{}@{}", tool.name, tool.version));
    cargo
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[ignore = "it builds a tool for half a minute; `cargo xtask test --all` does so as well"]
    fn a_tool_is_built_once_and_found_later() {
        let place = tempfile::tempdir().unwrap();
        let paths = Paths { cache: place.path().to_owned(), ..Paths::default() };
        let tool = InstalledTool { name: "critcmp", version: "0.1.8", variable: "" };
        let run = |command: &mut Command| {
            assert!(command.status().unwrap().success());
            Ok(())
        };
        let built = program(&tool, &paths, run).unwrap();
        assert!(Command::new(&built).arg("--version").status().unwrap().success());
        assert_eq!(program(&tool, &paths, |_| anyhow::bail!("it is there")).unwrap(), built);
    }
}
