//! The step `wrapper`: a program of unpacked Debian packages behind a small script that finds its
//! libraries and data beside it.

use super::need::Need;
use super::provided::Provided;
use crate::host::apt;
use crate::host::cache::CacheEntry;
use crate::host::programs::{on_path, write_script};
use anyhow::{Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The system's program of the need's name.
pub fn on_system(need: &Need) -> Option<Provided> {
    let name = name(need);
    let version = version(&on_path(&name)?)?;
    Some(Provided { identity: format!("{name} {version} of the system"), ..Provided::default() })
}

/// The name under which the need's program is started.
fn name(need: &Need) -> String {
    let file = need.program.as_deref().and_then(Path::file_name);
    file.unwrap_or_default().to_string_lossy().into_owned()
}

/// The last word of the first line of `--version`, where the program runs.
pub fn version(program: &Path) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.lines().next()?.split_whitespace().last()?.to_owned();
    output.status.success().then_some(version)
}

/// The folder of the scripts in an unpacked tree.
fn scripts(tree: &Path) -> PathBuf {
    tree.join("bin-wrapped")
}

/// Writes the script that starts the unpacked program.
///
/// # Errors
/// When the program does not run.
pub fn finish(need: &Need, tree: &Path) -> Result<()> {
    let (name, program) = (&name(need), need.program.as_deref().unwrap_or(Path::new("")).display());
    let folder = scripts(tree);
    fs::create_dir_all(&folder)?;
    let script = folder.join(name);
    let start = format!("exec \"$tree/{program}\" \"$@\"");
    write_script(
        &script,
        &[
            "tree=$(dirname \"$(readlink -f \"$0\")\")/..",
            "multiarch=$(uname -m)-linux-gnu",
            // Debian keeps parts of PulseAudio's library in a folder of their own.
            "own=$tree/usr/lib/$multiarch:$tree/lib/$multiarch:$tree/usr/lib/$multiarch/pulseaudio",
            "LD_LIBRARY_PATH=$own${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}",
            "export LD_LIBRARY_PATH",
            &start,
        ],
    )?;
    ensure!(version(&script).is_some(), "the unpacked {name} does not run");
    Ok(())
}

/// The scripts, and the library path for the whole build: cmake writes the path of its program,
/// not of the script, into what it makes.
pub fn provide(entry: &CacheEntry) -> Provided {
    let mut env = Vec::new();
    if let Some(path) = apt::search_path("LD_LIBRARY_PATH", &apt::library_folders(&entry.path)) {
        env.push(("LD_LIBRARY_PATH".to_owned(), path));
    }
    Provided { env, path: vec![scripts(&entry.path)], identity: entry.identity(), ..Provided::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unpacked_program_runs_through_its_script_and_a_broken_one_is_refused() {
        let need = "name = 'ninja'\nregistry = 'debian'\npackages = ['ninja-build']\nprogram = 'usr/bin/ninja'\nhelp = ''";
        let need: Need = toml::from_str(need).unwrap();
        let tree = tempfile::tempdir().unwrap();
        fs::create_dir_all(tree.path().join("usr/bin")).unwrap();
        assert!(finish(&need, tree.path()).is_err());
        write_script(&tree.path().join("usr/bin/ninja"), &["echo \"$1 1.11.1\""]).unwrap();
        finish(&need, tree.path()).unwrap();
        assert_eq!(version(&scripts(tree.path()).join("ninja")).as_deref(), Some("1.11.1"));
    }
}
