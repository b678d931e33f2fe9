//! What the pipeline has prepared, and which of it was chosen.

use anyhow::{Context, Result, ensure};
use bench::plan::manifest::Manifest;
use bench::plan::workers_file;
use bench::plan::{Case, EngineSpec, Input, WorkerCommand};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The variant and the size that are measured.
const VARIANT: &str = "stripped";
const SIZE: &str = "small";
/// Names the folder of all output, where it is not the checkout's `generated`.
const GENERATED_VARIABLE: &str = "WASM_PHASES_GENERATED";
/// Engines to choose, separated by commas; all without it.
const ENGINES_VARIABLE: &str = "WASM_PHASES_ENGINES";
/// Samples to choose, separated by commas; all without it.
const SAMPLES_VARIABLE: &str = "WASM_PHASES_SAMPLES";

/// Engines whose workers are built, and cases whose files are there.
#[derive(Debug)]
pub struct Inputs {
    /// The engines.
    pub engines: Vec<EngineSpec>,
    /// The cases.
    pub cases: Vec<Case>,
    generated: PathBuf,
}

impl Inputs {
    /// Finds what the pipeline has prepared.
    ///
    /// # Errors
    /// When something is missing; the message names the file and the command that makes it.
    pub fn find() -> Result<Inputs> {
        Self::find_in(generated())
            .context("something that is to be measured is missing; `cargo xtask bench --criterion` makes it")
    }

    fn find_in(generated: PathBuf) -> Result<Inputs> {
        let wasm = generated.join("wasm");
        let file = wasm.join(Manifest::FILE);
        let manifest = Manifest::read(&wasm).with_context(|| format!("reading {}", file.display()))?;
        let is_chosen = chosen_by(SAMPLES_VARIABLE);
        let samples = manifest.samples.iter().filter(|sample| is_chosen(&sample.name));
        let cases: Vec<Case> = samples.filter_map(|sample| Case::new(sample, VARIANT, SIZE, &wasm)).collect();
        ensure!(!cases.is_empty(), "{} has none of the samples", file.display());

        let file = generated.join(workers_file::FILE);
        let mut engines = workers_file::read(&file).with_context(|| format!("reading {}", file.display()))?;
        let is_chosen = chosen_by(ENGINES_VARIABLE);
        engines.retain(|engine| is_chosen(&engine.name));
        ensure!(!engines.is_empty(), "{} has none of the engines", file.display());

        let modules = cases.iter().filter_map(|case| case.file(Input::Wasm));
        for file in modules.chain(engines.iter().flat_map(workers).flat_map(WorkerCommand::files)) {
            ensure!(file.is_file(), "there is no {}", file.display());
        }
        Ok(Inputs { engines, cases, generated })
    }

    /// A folder for artifacts, which goes with the answer.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn artifacts(&self) -> Result<TempDir> {
        let folder = self.generated.join("artifacts");
        let made =
            std::fs::create_dir_all(&folder).and_then(|()| TempDir::with_prefix_in("criterion-", &folder));
        made.with_context(|| format!("making a folder in {}", folder.display()))
    }
}

fn workers(engine: &EngineSpec) -> impl Iterator<Item = &WorkerCommand> {
    [&engine.worker].into_iter().chain(&engine.wasi_worker)
}

fn generated() -> PathBuf {
    match std::env::var_os(GENERATED_VARIABLE).filter(|folder| !folder.is_empty()) {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("generated"),
    }
}

/// Whether a name stands in the list that `variable` holds.
fn chosen_by(variable: &str) -> impl Fn(&str) -> bool {
    let list = std::env::var(variable).ok();
    move |name| list.as_deref().is_none_or(|list| list.split(',').any(|chosen| chosen == name))
}
