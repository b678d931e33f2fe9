//! A measured file as `run.json` describes it.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A file that was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModuleFacts {
    /// The sample.
    pub sample: String,
    /// Where it was copied from, where it is the user's own.
    #[serde(default)]
    pub path: Option<PathBuf>,
    /// The wasm's variant, or `native-<cpu>-<variant>`.
    pub variant: String,
    /// Its bytes.
    pub bytes: u64,
    /// The bytes of its code section's content, where it is wasm.
    #[serde(default)]
    pub code_section_bytes: Option<u64>,
    /// The compiler's name of the CPU that it is for, such as `x86-64`, where it is native.
    #[serde(default)]
    pub target_cpu: Option<String>,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}
