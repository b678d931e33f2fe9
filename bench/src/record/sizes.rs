//! `sizes.csv`: the bytes of each artifact.

use serde::{Deserialize, Serialize};

/// `sizes.csv`
pub const SIZES_FILE: &str = "sizes.csv";

/// The columns of `sizes.csv`.
pub(super) const COLUMNS: [&str; 11] = [
    "engine",
    "sample",
    "variant",
    "module_bytes",
    "artifact_bytes",
    "artifact_module_bytes",
    "code_bytes",
    "data_bytes",
    "maps_bytes",
    "names_bytes",
    "other_bytes",
];

/// A line of `sizes.csv`: the bytes of one artifact.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ArtifactSize {
    /// The engine's name.
    pub engine: String,
    /// The sample's name.
    pub sample: String,
    /// The wasm's variant.
    pub variant: String,
    /// The wasm's bytes; for native code, the library's.
    pub module_bytes: u64,
    /// The artifact's bytes.
    pub artifact_bytes: u64,
    /// How many of them are a copy of the module, which loading needs beside the code.
    #[serde(default)]
    pub artifact_module_bytes: u64,
    /// Code; `None`, as for the following, where the artifact's format cannot be read.
    #[serde(default)]
    pub code_bytes: Option<u64>,
    /// Data that is loaded.
    #[serde(default)]
    pub data_bytes: Option<u64>,
    /// Maps of traps, addresses and frames.
    #[serde(default)]
    pub maps_bytes: Option<u64>,
    /// Names and symbols.
    #[serde(default)]
    pub names_bytes: Option<u64>,
    /// The rest.
    #[serde(default)]
    pub other_bytes: Option<u64>,
}
