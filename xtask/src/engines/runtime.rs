//! A runtime as its `engine.toml` describes it, and its configurations.

use super::engine_option::EngineOption;
use super::engine_version::{AnyLibrary, Versions};
use super::needs::Need;
use crate::host::files::{self, Named};
use anyhow::Result;
use serde::Deserialize;
use std::path::PathBuf;

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
    /// A folder, relative to this one, whose files such a worker needs besides: what several workers of one language
    /// share.
    #[serde(default, rename = "shared-files")]
    pub shared_files: Option<PathBuf>,
    /// The one of `files` that is a loop of calls of its own and shares nothing with the worker. It stands in the
    /// command where the worker's own program does.
    #[serde(default, rename = "own-loop")]
    pub own_loop: Option<PathBuf>,
    /// Cargo features of a second worker, for modules that import WASI; where there are none, one worker
    /// takes every module.
    #[serde(default, rename = "wasi-features")]
    pub wasi_features: Vec<String>,
    /// What building its worker takes.
    #[serde(default, rename = "build-cost")]
    pub build_cost: Cost,
    /// Whether only `test --all --heavy` tests it.
    #[serde(default)]
    pub heavy: bool,
    /// Whether new engine folders are made from this one.
    #[serde(default)]
    pub example: bool,
    /// The variable that tells its worker, when it starts, which shared library it drives.
    #[serde(default, rename = "library-variable")]
    pub library_variable: Option<String>,
    /// What is known of a library that a person names.
    #[serde(default, rename = "any-library")]
    pub any_library: Option<AnyLibrary>,
    /// Runtimes of which any version can be had.
    #[serde(default)]
    pub versions: Vec<Versions>,
    /// What is known of its release and of how it is driven.
    #[serde(default)]
    pub upkeep: Upkeep,
    /// Its configurations, in the order in which tables show them.
    #[serde(rename = "configuration")]
    pub configurations: Vec<Configuration>,
    /// What its configurations need besides Rust.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// What can be changed about its configurations on the command line.
    #[serde(default, rename = "option")]
    pub options: Vec<EngineOption>,
}

/// A runtime's release, and how it is driven.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Upkeep {
    /// The day of the release, such as `2026-01-31`.
    pub released: Option<String>,
    /// Whether the runtime is still maintained.
    pub maintained: Option<bool>,
    /// The interface by which the worker drives it.
    pub api: Option<String>,
    /// Who built it: `here`, from source, or somebody else.
    pub built_by: Option<String>,
}

/// What building a worker takes. Measured once, on one machine; another's is a multiple of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Cost {
    /// Processor time, in seconds, without what is fetched and without the features of `wasi_features`.
    pub cpu_seconds: f64,
    /// The same for the worker with WASI, after the other one.
    pub wasi_cpu_seconds: f64,
    /// What the crates come to that cargo downloads, in MB.
    pub download_megabytes: u64,
    /// What its target folder takes, in MB.
    pub disk_megabytes: u64,
}

/// One way to run a runtime.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// Its name, unique among all engines.
    pub name: String,
    /// The name by which its worker knows it, where that is another one.
    #[serde(default)]
    pub worker: Option<String>,
    /// Whether it is another release of the runtime than its folder tells of.
    #[serde(skip)]
    pub is_other_release: bool,
    /// The shared library that a person has named for it.
    #[serde(skip)]
    pub library: Option<PathBuf>,
    /// The licence of what is measured, as an SPDX expression.
    pub licence: String,
    /// What there is to know about the licence besides.
    #[serde(default, rename = "licence-note")]
    pub licence_note: Option<String>,
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
    /// Whether it compiles or translates a function when it is called first.
    #[serde(default)]
    pub lazy: bool,
    /// Whether it changes a function's code while that is in use: warm calls must be shown to be steady.
    #[serde(default)]
    pub tiers: bool,
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

/// What separates an engine's name from the label of its build.
pub const LABEL: char = '@';
/// What stands before each option of an engine's name.
pub const OPTION: char = ':';

impl Configuration {
    /// The name by which the worker knows it: without the label of a build.
    pub fn worker_name(&self) -> String {
        if let Some(name) = &self.worker {
            return name.clone();
        }
        let (name, options) = self.name.split_at(self.name.find(OPTION).unwrap_or(self.name.len()));
        format!("{}{options}", name.split(LABEL).next().unwrap_or(name))
    }

    /// The licence with the note about it.
    pub fn whole_licence(&self) -> String {
        match &self.licence_note {
            Some(note) => format!("{} ({note})", self.licence),
            None => self.licence.clone(),
        }
    }
}

impl Runtime {
    /// The same with engines that are called `NAME@LABEL`, beside others of the same names.
    #[must_use]
    pub fn labelled(mut self, label: &str) -> Runtime {
        let names = self.configurations.iter_mut().map(|one| &mut one.name).chain([&mut self.name]);
        for name in names {
            *name = format!("{name}{LABEL}{label}");
        }
        self
    }

    /// Its name without the label of a build.
    pub fn plain_name(&self) -> &str {
        self.name.split(LABEL).next().unwrap_or(&self.name)
    }

    /// Its name in names of files.
    pub fn file_name(&self) -> String {
        self.name.replace(LABEL, "_")
    }

    /// The configuration that the runtime's name stands for.
    pub fn usual(&self) -> Option<&Configuration> {
        self.configurations.iter().find(|one| one.usual).or(self.configurations.first())
    }

    /// All files of a worker that cargo does not build: its own, and those that it shares.
    ///
    /// # Errors
    /// When the folder of shared files cannot be read.
    pub fn worker_files(&self) -> Result<Vec<Named>> {
        let mut named: Vec<Named> =
            self.files.iter().map(|name| Named::in_folder(&self.folder, name)).collect();
        named.extend(self.shared()?);
        Ok(named)
    }

    /// The files that its worker shares with others.
    ///
    /// # Errors
    /// When their folder cannot be read.
    pub fn shared(&self) -> Result<Vec<Named>> {
        let Some(shared) = self.shared_files.as_ref().map(|shared| self.folder.join(shared)) else {
            return Ok(Vec::new());
        };
        let named = |path: &PathBuf| Named::in_folder(&shared, path.strip_prefix(&shared).unwrap_or(path));
        Ok(files::sources(&shared)?.iter().map(named).collect())
    }

    /// Whether cargo builds its worker.
    pub fn is_built_by_cargo(&self) -> bool {
        self.command.is_empty()
    }
}
