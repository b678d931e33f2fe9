//! What engine folders say of themselves: those of `bench/engines`, and those that the user names. No
//! engine is known by name here: adding one is adding a folder.

use super::check;
use super::needs::Need;
use crate::host::paths::Paths;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The file that makes a folder an engine folder.
const FILE: &str = "engine.toml";

/// What an engine folder holds: what must be known before its worker is built.
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
    /// Its place in tables; runtimes of the same place stand by name.
    #[serde(default = "usual_order")]
    pub order: u32,
    /// The program of a worker that cargo does not build, and its arguments.
    #[serde(default)]
    pub command: Vec<String>,
    /// The files that decide about such a worker, relative to the folder.
    #[serde(default)]
    pub files: Vec<PathBuf>,
    /// Whether new engine folders are made from this one.
    #[serde(default)]
    pub example: bool,
    /// Its configurations, in the order in which tables show them.
    #[serde(rename = "configuration")]
    pub configurations: Vec<Configuration>,
    /// What its configurations need besides Rust.
    #[serde(default)]
    pub needs: Vec<Need>,
}

/// One way to run a runtime.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// Its name, unique among all engines.
    pub name: String,
    /// The licence of what is measured.
    pub licence: String,
    /// The groups that select it, without `@`.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Names of what it cannot do without, among the runtime's needs.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Cargo features of the worker.
    #[serde(default)]
    pub features: Vec<String>,
    /// Whether it is entered a second time, to see the noise.
    #[serde(default)]
    pub control: bool,
    /// Whether ratios are to this one.
    #[serde(default)]
    pub baseline: bool,
    /// Whether the runtime's name alone stands for this one.
    #[serde(default)]
    pub usual: bool,
    /// What the worker opens.
    #[serde(default)]
    pub input: InputName,
}

/// [`bench::plan::Input`] as `engine.toml` writes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
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

fn usual_order() -> u32 {
    50
}

impl Runtime {
    /// Reads the `engine.toml` in `folder`.
    ///
    /// # Errors
    /// When it cannot be read or says something that cannot be; the message names it.
    pub fn read(folder: &Path) -> Result<Runtime> {
        let file = folder.join(FILE);
        let text = std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        let understanding = || format!("understanding {}", file.display());
        let mut runtime: Runtime = toml::from_str(&text).with_context(understanding)?;
        runtime.name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        runtime.folder = folder.to_owned();
        check::runtime(&runtime).with_context(understanding)?;
        Ok(runtime)
    }

    /// The configuration that the runtime's name stands for.
    pub fn usual(&self) -> Option<&Configuration> {
        self.configurations.iter().find(|one| one.usual).or(self.configurations.first())
    }

    /// Whether cargo builds its worker.
    pub fn is_built_by_cargo(&self) -> bool {
        self.command.is_empty()
    }
}

/// Reads every engine folder: those of the checkout and those that `paths` names.
///
/// # Errors
/// When a folder's file cannot be read, or two folders use the same name; the message names them.
pub fn read(paths: &Paths) -> Result<Vec<Runtime>> {
    let engines = paths.engines();
    let mut folders = BTreeSet::new();
    for entry in std::fs::read_dir(&engines).with_context(|| format!("reading {}", engines.display()))? {
        let folder = entry?.path();
        if folder.join(FILE).is_file() {
            folders.insert(canonical(&folder)?);
        }
    }
    for folder in &paths.engine_dirs {
        folders.insert(canonical(folder)?);
    }
    let runtimes = folders.iter().map(|folder| Runtime::read(folder)).collect::<Result<Vec<_>>>()?;
    sorted(runtimes)
}

/// Reads only the engine folders that `paths` names.
///
/// # Errors
/// As [`read`].
pub fn read_named(paths: &Paths) -> Result<Vec<Runtime>> {
    let folders: BTreeSet<PathBuf> =
        paths.engine_dirs.iter().map(|folder| canonical(folder)).collect::<Result<_>>()?;
    sorted(folders.iter().map(|folder| Runtime::read(folder)).collect::<Result<_>>()?)
}

fn canonical(folder: &Path) -> Result<PathBuf> {
    folder.canonicalize().with_context(|| format!("there is no engine folder {}", folder.display()))
}

fn sorted(mut runtimes: Vec<Runtime>) -> Result<Vec<Runtime>> {
    check::names(&runtimes)?;
    runtimes.sort_by_key(|runtime| (runtime.order, runtime.name.clone()));
    Ok(runtimes)
}

/// The names of every configuration, in catalogue order.
pub fn names(runtimes: &[Runtime]) -> Vec<&str> {
    runtimes.iter().flat_map(|runtime| &runtime.configurations).map(|one| one.name.as_str()).collect()
}
