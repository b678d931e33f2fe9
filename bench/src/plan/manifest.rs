//! `generated/wasm/manifest.json`: what `cargo xtask samples` has built. It is all that the
//! `bench` crate knows of a sample.

use protocol::{Entry, Outcome};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Everything that was built, in catalogue order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The compiler that made every module and every library, such as `rustc 1.96.0 (…)`.
    pub toolchain: String,
    /// The samples.
    pub samples: Vec<BuiltSample>,
}

/// One sample: what to call, and the files that hold it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BuiltSample {
    /// Its name in the catalogue, such as `fibonacci`.
    pub name: String,
    /// Its group in the catalogue, such as `core`.
    pub group: String,
    /// What it exercises, in a few words.
    pub exercises: String,
    /// Whether a call changes what the next one does, so that each needs a fresh instance.
    pub fresh_instance: bool,
    /// What is called and its expected result: `small`, `medium`, `large`.
    pub sizes: Vec<Size>,
    /// The wasm files, one a variant.
    pub modules: Vec<BuiltModule>,
    /// The native libraries; a command has none.
    pub natives: Vec<Native>,
}

/// A sample at one size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Size {
    /// `small`, `medium` or `large`.
    pub name: String,
    /// What is called, with its arguments. Its files and folders are absolute paths.
    pub entry: Entry,
    /// The result of the native code.
    pub expected: Outcome,
    /// The file that holds what a native command printed, relative to the manifest's folder.
    pub expected_stdout: Option<PathBuf>,
}

/// One wasm file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BuiltModule {
    /// `stripped`, `unstripped`, …
    pub variant: String,
    /// The file, relative to the manifest's folder.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// The size of its code section's content.
    pub code_section_bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// One native shared library of a sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Native {
    /// `baseline` (the target's oldest CPU) or `host` (this machine's).
    pub cpu: String,
    /// The compiler's name of that CPU, such as `x86-64` or `znver3`.
    pub target_cpu: String,
    /// `stripped` or `unstripped`.
    pub variant: String,
    /// The file, relative to the manifest's folder.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

impl Manifest {
    /// The manifest's file in the samples' folder.
    pub const FILE: &'static str = "manifest.json";

    /// Reads the manifest in `folder`; paths in the answer are relative to `folder`.
    ///
    /// # Errors
    /// When there is no manifest, or not one of this version.
    pub fn read(folder: &Path) -> std::io::Result<Manifest> {
        let text = std::fs::read(folder.join(Self::FILE))?;
        Ok(serde_json::from_slice(&text)?)
    }
}
