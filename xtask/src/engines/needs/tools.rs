//! Build programs: the system's, else Debian's packages in the cache folder, each behind a small
//! script that finds its libraries and data beside it.

use super::need::{Need, Provided};
use crate::host::apt::{self, Packages};
use crate::host::cache::Entry;
use crate::host::programs::{on_path, write_script};
use anyhow::{Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// CMake.
pub const CMAKE: Need = Need {
    name: "cmake",
    system: || program_of_the_system("cmake"),
    packages: Packages { with_dependencies: &["cmake"], alone: &["cmake", "cmake-data"], leave_out: &[] },
    peak_bytes: 120_000_000,
    finish: |tree| finish(tree, "cmake"),
    provide,
    command: "sudo apt install cmake",
};

/// Ninja.
pub const NINJA: Need = Need {
    name: "ninja",
    system: || program_of_the_system("ninja"),
    packages: Packages { with_dependencies: &[], alone: &["ninja-build"], leave_out: &[] },
    peak_bytes: 2_000_000,
    finish: |tree| finish(tree, "ninja"),
    provide,
    command: "sudo apt install ninja-build",
};

fn program_of_the_system(name: &str) -> Option<Provided> {
    let version = version(&on_path(name)?)?;
    Some(Provided { identity: format!("{name} {version} of the system"), ..Provided::default() })
}

/// The last word of the first line of `--version`, where the program runs.
fn version(program: &Path) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.lines().next()?.split_whitespace().last()?.to_owned();
    output.status.success().then_some(version)
}

/// The folder of the scripts in an unpacked tree.
fn scripts(tree: &Path) -> PathBuf {
    tree.join("bin-wrapped")
}

fn finish(tree: &Path, name: &str) -> Result<()> {
    let folder = scripts(tree);
    fs::create_dir_all(&folder)?;
    let script = folder.join(name);
    let start = format!("exec \"$tree/usr/bin/{name}\" \"$@\"");
    write_script(
        &script,
        &[
            "tree=$(dirname \"$(readlink -f \"$0\")\")/..",
            "multiarch=$(uname -m)-linux-gnu",
            "LD_LIBRARY_PATH=$tree/usr/lib/$multiarch:$tree/lib/$multiarch${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}",
            "export LD_LIBRARY_PATH",
            &start,
        ],
    )?;
    ensure!(version(&script).is_some(), "the unpacked {name} does not run");
    Ok(())
}

/// The scripts, and the library path for the whole build: cmake writes the path of its program,
/// not of the script, into what it makes.
fn provide(entry: &Entry) -> Provided {
    let mut env = Vec::new();
    if let Some(path) = apt::search_path("LD_LIBRARY_PATH", &apt::library_folders(&entry.path)) {
        env.push(("LD_LIBRARY_PATH".to_owned(), path));
    }
    Provided { env, path: vec![scripts(&entry.path)], identity: entry.identity() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unpacked_program_runs_through_its_script_and_a_broken_one_is_refused() {
        let tree = tempfile::tempdir().unwrap();
        fs::create_dir_all(tree.path().join("usr/bin")).unwrap();
        assert!(finish(tree.path(), "ninja").is_err());
        write_script(&tree.path().join("usr/bin/ninja"), &["echo \"$1 1.11.1\""]).unwrap();
        finish(tree.path(), "ninja").unwrap();
        assert_eq!(version(&scripts(tree.path()).join("ninja")).as_deref(), Some("1.11.1"));
    }
}
