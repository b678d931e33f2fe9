//! Programs of the machine: where they are, whether they may be used, and scripts that start them.

use anyhow::Result;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Whether `WASM_PHASES_PRIVATE` asks to use nothing of the system that could be fetched
/// instead: LLVM, cmake, ninja, and rustup's wasm targets. It is there for testing that way.
pub fn private_only() -> bool {
    std::env::var_os("WASM_PHASES_PRIVATE").is_some_and(|value| !value.is_empty() && value != "0")
}

/// The program `name` on PATH.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|file| is_program(file))
}

/// Whether `file` is a file that may be executed.
pub fn is_program(file: &Path) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// Writes the shell script `path`, executable.
///
/// # Errors
/// When the file cannot be written.
pub fn write_script(path: &Path, lines: &[&str]) -> Result<()> {
    std::fs::write(path, format!("#!/bin/sh\n{}\n", lines.join("\n")))?;
    Ok(std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_executable_file_is_a_program() {
        let folder = tempfile::tempdir().unwrap();
        let (plain, script) = (folder.path().join("plain"), folder.path().join("script"));
        std::fs::write(&plain, "").unwrap();
        write_script(&script, &["exit 3"]).unwrap();
        assert!(!is_program(&plain) && is_program(&script) && !is_program(folder.path()));
        assert_eq!(std::process::Command::new(script).status().unwrap().code(), Some(3));
    }
}
