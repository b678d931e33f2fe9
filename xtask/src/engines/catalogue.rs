//! What the folders of `bench/engines` say of themselves. No engine is known by name here: adding one
//! is adding a folder.

use super::patched::Patched;
use crate::host::paths::Paths;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::path::PathBuf;

/// An engine folder: what must be known before its worker is built.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// The folder's name.
    #[serde(skip)]
    pub name: String,
    /// The folder.
    #[serde(skip)]
    pub folder: PathBuf,
    /// Where people read about the runtime.
    pub homepage: String,
    /// Its configurations, in the order in which tables show them.
    #[serde(rename = "configuration")]
    pub configurations: Vec<Configuration>,
    /// Registry crates that it needs changed.
    #[serde(default)]
    pub patched: Vec<Patched>,
}

/// One way to run a runtime.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// Its name, such as `wasmer-llvm`.
    pub name: String,
    /// The licence of what is measured.
    pub licence: String,
    /// What its build needs besides Rust.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Cargo features of the worker.
    #[serde(default)]
    pub features: Vec<String>,
    /// What the worker opens.
    #[serde(default)]
    pub input: InputName,
}

/// [`bench::plan::Input`] as `engine.toml` writes it.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InputName {
    /// The wasm file.
    #[default]
    Wasm,
    /// The native library for the oldest CPU.
    NativeBaseline,
    /// The native library for this machine's CPU.
    NativeHost,
}

/// Reads every family's `engine.toml`, native code first, then by name.
///
/// # Errors
/// When a folder's file cannot be read; the message names it.
pub fn read(paths: &Paths) -> Result<Vec<Family>> {
    let engines = paths.engines();
    let mut families = Vec::new();
    for entry in std::fs::read_dir(&engines).with_context(|| format!("reading {}", engines.display()))? {
        let folder = entry?.path();
        let file = folder.join("engine.toml");
        if !file.is_file() {
            continue;
        }
        let text = std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        let mut family: Family =
            toml::from_str(&text).with_context(|| format!("understanding {}", file.display()))?;
        family.name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        family.folder = folder;
        families.push(family);
    }
    let runs_wasm = |family: &Family| {
        family.configurations.iter().all(|configuration| matches!(configuration.input, InputName::Wasm))
    };
    families.sort_by_key(|family| (runs_wasm(family), family.name.clone()));
    Ok(families)
}

/// The names of every configuration, in catalogue order.
pub fn names(families: &[Family]) -> Vec<&str> {
    families.iter().flat_map(|family| &family.configurations).map(|one| one.name.as_str()).collect()
}
