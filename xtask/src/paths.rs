//! Where things are: the checkout, `generated/`, and the user's cache folder. Nothing is ever
//! written elsewhere.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// The folders that the pipeline reads and writes.
#[derive(Clone, Debug)]
pub struct Paths {
    /// The checkout.
    pub root: PathBuf,
    /// All output that belongs to this checkout.
    pub generated: PathBuf,
    /// Downloaded toolchains and finished workers, shared by every checkout of this user.
    pub cache: PathBuf,
}

impl Paths {
    /// Finds the folders: the checkout that this program was built from, and the user's cache
    /// folder, which `WASM_PHASES_CACHE` overrides. Makes none of them.
    ///
    /// # Errors
    /// When there is neither `WASM_PHASES_CACHE` nor a home folder.
    pub fn find() -> Result<Paths> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask stands in the checkout")?;
        let generated = std::env::var_os("WASM_PHASES_GENERATED").map(PathBuf::from);
        Ok(Paths {
            root: root.to_owned(),
            generated: generated.unwrap_or_else(|| root.join("generated")),
            cache: cache_folder()?,
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

    /// The engine families' folders.
    pub fn engines(&self) -> PathBuf {
        self.root.join("bench/engines")
    }

    /// The sample programs and their catalogue.
    pub fn sample_src(&self) -> PathBuf {
        self.root.join("sample-src")
    }
}

fn cache_folder() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("WASM_PHASES_CACHE").filter(|folder| !folder.is_empty()) {
        return std::path::absolute(&folder)
            .with_context(|| format!("WASM_PHASES_CACHE names {}", Path::new(&folder).display()));
    }
    use etcetera::BaseStrategy;
    let base = etcetera::choose_base_strategy()
        .context("there is no home folder for the cache; name one in WASM_PHASES_CACHE")?;
    Ok(base.cache_dir().join("wasm-phases"))
}
