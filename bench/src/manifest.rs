//! `generated/wasm/manifest.json`: what `cargo xtask samples` has built. It is all that the
//! instrument knows of a sample.

use protocol::{Outcome, Value};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Everything that was built, in catalogue order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The compiler that made every module and every library, such as `rustc 1.96.0 (…)`.
    pub toolchain: String,
    /// The samples.
    pub samples: Vec<Sample>,
}

/// One sample: what to call, and the files that hold it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Its name in the catalogue, such as `fibonacci`.
    pub name: String,
    /// What it exercises, in a few words.
    pub exercises: String,
    /// The exported function that is called.
    pub export: String,
    /// Whether a call changes what the next one does, so that each needs a fresh instance.
    pub fresh_instance: bool,
    /// Arguments and expected results: `small`, `medium`, `large`.
    pub sizes: Vec<Size>,
    /// The wasm files, one a variant.
    pub modules: Vec<Module>,
    /// The native libraries.
    pub natives: Vec<Native>,
}

/// One argument list of a sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Size {
    /// `small`, `medium` or `large`.
    pub name: String,
    /// The arguments of the call.
    pub args: Vec<Value>,
    /// What native code returned for them.
    pub expected: Outcome,
}

/// One wasm file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Module {
    /// `stripped`, `unstripped`, …
    pub variant: String,
    /// The file, relative to the manifest's folder.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// One native shared library of a sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Native {
    /// `baseline` (the target's oldest CPU) or `host` (this machine's).
    pub cpu: String,
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
