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
pub struct Runtime {
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

/// Reads every runtime's `engine.toml`, native code first, then by name.
///
/// # Errors
/// When a folder's file cannot be read; the message names it.
pub fn read(paths: &Paths) -> Result<Vec<Runtime>> {
    let engines = paths.engines();
    let mut runtimes = Vec::new();
    for entry in std::fs::read_dir(&engines).with_context(|| format!("reading {}", engines.display()))? {
        let folder = entry?.path();
        let file = folder.join("engine.toml");
        if !file.is_file() {
            continue;
        }
        let text = std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        let mut runtime: Runtime =
            toml::from_str(&text).with_context(|| format!("understanding {}", file.display()))?;
        runtime.name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        runtime.folder = folder;
        runtimes.push(runtime);
    }
    let runs_wasm = |runtime: &Runtime| {
        runtime.configurations.iter().all(|configuration| matches!(configuration.input, InputName::Wasm))
    };
    runtimes.sort_by_key(|runtime| (runs_wasm(runtime), runtime.name.clone()));
    Ok(runtimes)
}

/// The names of every configuration, in catalogue order.
pub fn names(runtimes: &[Runtime]) -> Vec<&str> {
    runtimes.iter().flat_map(|runtime| &runtime.configurations).map(|one| one.name.as_str()).collect()
}
