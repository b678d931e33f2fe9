//! Programs of the machine: where they are, whether they may be used, how they are run, and scripts
//! that start them.

use crate::detail;
use anyhow::{Context, Result, bail};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Whether `WASM_PHASES_PRIVATE` asks to use nothing of the system that could be fetched
/// instead: LLVM, cmake, ninja, and rustup's wasm targets. It is there for testing that way.
pub fn private_only() -> bool {
    is_set("WASM_PHASES_PRIVATE")
}

/// Whether the environment variable `name` asks for something: whether it is neither empty nor `0`.
pub fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0")
}

/// The program `name` on PATH.
pub fn on_path(name: &str) -> Option<PathBuf> {
    which::which(name).ok()
}

/// Writes the shell script `path`, executable.
///
/// # Errors
/// When the file cannot be written.
pub fn write_script(path: &Path, lines: &[&str]) -> Result<()> {
    std::fs::write(path, format!("#!/bin/sh\n{}\n", lines.join("\n")))?;
    Ok(std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?)
}

/// Runs `command` with `input` as its standard input, to its end.
///
/// # Errors
/// When it cannot be started or fails; the message carries its own words.
pub fn run_with_input(mut command: Command, input: &str) -> Result<()> {
    let name = command.get_program().to_owned();
    let starting = || format!("cannot start {}", Path::new(&name).display());
    detail!("running {command:?}");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(starting)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A compiler that fails early does not read it; its own message says more.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().with_context(starting)?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        bail!("{} failed ({}):\n{}", Path::new(&name).display(), output.status, words.trim_end());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_that_is_written_can_be_run() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("script");
        write_script(&script, &["exit 3"]).unwrap();
        assert_eq!(Command::new(script).status().unwrap().code(), Some(3));
    }

    #[test]
    fn a_failing_compiler_is_quoted() {
        let mut failing = Command::new("sh");
        failing.args(["-c", "cat; echo 'error: no such crate' >&2; exit 3"]);
        let error = run_with_input(failing, "source").unwrap_err().to_string();
        assert!(error.contains("error: no such crate") && error.contains("exit status: 3"), "{error}");
    }
}
