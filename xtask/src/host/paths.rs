//! Where things are: the checkout, `generated/`, and the user's cache folder. Nothing is ever
//! written elsewhere.

use super::programs;
use anyhow::{Context, Result};
use etcetera::BaseStrategy;
use std::path::{Path, PathBuf};

/// The folders that the pipeline reads and writes.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    /// The checkout.
    pub root: PathBuf,
    /// The sample programs and their catalogue; `WASM_PHASES_SAMPLE_SRC` names another folder.
    pub sample_src: PathBuf,
    /// Engine folders besides those of the checkout; `WASM_PHASES_ENGINE_DIR` names them, separated by
    /// colons.
    pub engine_dirs: Vec<PathBuf>,
    /// Shared libraries to measure, `FILE` or `FILE=NAME`.
    pub libraries: Vec<PathBuf>,
    /// All output that belongs to this checkout; `WASM_PHASES_GENERATED` names another folder.
    pub generated: PathBuf,
    /// Downloaded toolchains and finished workers, shared by every checkout of this user.
    pub cache: PathBuf,
    /// Whether each target folder is removed as soon as its program is built; `WASM_PHASES_LOW_DISK` asks
    /// for it.
    pub low_disk: bool,
}

impl Paths {
    /// Finds the folders: the checkout that this program was built from, and the user's cache
    /// folder, which `WASM_PHASES_CACHE` overrides. Makes none of them.
    ///
    /// # Errors
    /// When there is neither `WASM_PHASES_CACHE` nor a home folder.
    pub fn find() -> Result<Paths> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask stands in the checkout")?;
        Ok(Paths {
            root: root.to_owned(),
            sample_src: named_by("WASM_PHASES_SAMPLE_SRC")?.unwrap_or_else(|| root.join("sample-src")),
            engine_dirs: engine_dirs(),
            libraries: Vec::new(),
            generated: named_by("WASM_PHASES_GENERATED")?.unwrap_or_else(|| root.join("generated")),
            cache: cache_folder()?,
            low_disk: programs::is_set("WASM_PHASES_LOW_DISK"),
        })
    }

    /// The samples' modules and their manifest.
    pub fn wasm(&self) -> PathBuf {
        self.generated.join("wasm")
    }

    /// The result folders, one a run.
    pub fn results(&self) -> PathBuf {
        self.generated.join("results")
    }

    /// The engine folders.
    pub fn engines(&self) -> PathBuf {
        self.root.join("bench/engines")
    }
}

/// The folder that an environment variable names, if it names one.
fn named_by(variable: &str) -> Result<Option<PathBuf>> {
    let Some(folder) = std::env::var_os(variable).filter(|folder| !folder.is_empty()) else {
        return Ok(None);
    };
    let folder = Path::new(&folder);
    let absolute = std::path::absolute(folder);
    Ok(Some(absolute.with_context(|| format!("{variable} names {}", folder.display()))?))
}

fn engine_dirs() -> Vec<PathBuf> {
    let folders = std::env::var_os("WASM_PHASES_ENGINE_DIR").unwrap_or_default();
    std::env::split_paths(&folders).filter(|folder| !folder.as_os_str().is_empty()).collect()
}

fn cache_folder() -> Result<PathBuf> {
    if let Some(folder) = named_by("WASM_PHASES_CACHE")? {
        return Ok(folder);
    }
    let base = etcetera::choose_base_strategy()
        .context("there is no home folder for the cache; name one in WASM_PHASES_CACHE")?;
    Ok(base.cache_dir().join("wasm-phases"))
}
