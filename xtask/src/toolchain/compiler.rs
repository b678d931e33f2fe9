//! A compiler that one of the routes found, and what wasm is compiled for.

use crate::host::apt;
use anyhow::{Context, Result};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What wasm is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WasmTarget {
    /// `wasm32-unknown-unknown`: exports only.
    Unknown,
    /// `wasm32-wasip1`: WASI commands.
    Wasip1,
}

impl WasmTarget {
    /// The target's name.
    pub fn triple(self) -> &'static str {
        match self {
            WasmTarget::Unknown => "wasm32-unknown-unknown",
            WasmTarget::Wasip1 => "wasm32-wasip1",
        }
    }
}

impl fmt::Display for WasmTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.triple())
    }
}

/// Which features of WebAssembly the compiler may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Features {
    /// Those of the first release, which every engine takes.
    Mvp,
    /// Those that the compiler takes by itself.
    Modern,
    /// Those, and 128-bit SIMD; std is that of [`Features::Modern`].
    Simd,
}

impl Features {
    /// What tells the compiler.
    pub fn flags(self) -> &'static [&'static str] {
        match self {
            Features::Mvp => &["-Ctarget-cpu=mvp"],
            Features::Modern => &[],
            Features::Simd => &["-Ctarget-feature=+simd128"],
        }
    }

    /// Those that std is built with.
    pub fn of_std(self) -> Features {
        match self {
            Features::Mvp => Features::Mvp,
            Features::Modern | Features::Simd => Features::Modern,
        }
    }
}

/// What a route found: a compiler whose sysroot has std's source and the host's std.
#[derive(Clone, Debug, PartialEq)]
pub struct Compiler {
    /// Such as `rustc 1.96.0 (ac68faa20 2026-05-25)`.
    pub version: String,
    /// What tells it from every other.
    pub identity: String,
    /// The program.
    pub rustc: PathBuf,
    /// Where the compiler's own shared libraries are, when the system would not find them.
    pub libraries: Vec<PathBuf>,
    /// Its sysroot.
    pub sysroot: PathBuf,
}

/// std's source in a sysroot.
pub fn library(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib/src/rust/library")
}

/// The library path with `folders` in front, where there are any.
pub fn library_path(folders: &[PathBuf]) -> Option<OsString> {
    apt::search_path("LD_LIBRARY_PATH", folders)
}

/// Runs `command` and gives its standard output.
///
/// # Errors
/// When it cannot be started or fails; the message carries its own words.
pub fn output_of(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_owned();
    let name = Path::new(&program).display();
    let output = command.output().with_context(|| format!("running {name}"))?;
    anyhow::ensure!(
        output.status.success(),
        "{name} {} failed: {}",
        command.get_args().collect::<Vec<_>>().join(OsStr::new(" ")).display(),
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
