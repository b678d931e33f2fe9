//! What an engine saves, without timing anything.

use super::client::Client;
use super::worker_process::WorkerError;
use crate::plan::{Case, EngineSpec};
use protocol::Artifact;
use std::path::Path;
use std::time::Duration;

/// Has a fresh worker of `engine` compile and save `case`, and gives the artifact's bytes. For
/// native code these are the library's. `stem` is where the artifact is written meanwhile.
///
/// # Errors
/// Those of the worker; an artifact that cannot be removed.
pub fn bytes(engine: &EngineSpec, case: &Case, stem: &Path, limit: Duration) -> Result<u64, WorkerError> {
    if engine.is_native()
        && let Some(library) = case.file(engine.input)
    {
        return Ok(std::fs::metadata(library).map_err(WorkerError::Start)?.len());
    }
    let artifact = save(engine, case, stem, limit)?;
    std::fs::remove_file(artifact.path).map_err(WorkerError::Start)?;
    Ok(artifact.bytes)
}

/// Has a fresh worker of `engine` compile and save `case` to a file whose path begins with
/// `stem`; gives the file and its bytes.
///
/// # Errors
/// Those of the worker.
pub fn save(engine: &EngineSpec, case: &Case, stem: &Path, limit: Duration) -> Result<Artifact, WorkerError> {
    save_with(&mut Client::start(engine, case, limit)?, engine, case, stem)
}

/// The same with `client`, of a fresh worker of `engine`.
///
/// # Errors
/// Those of the worker.
pub fn save_with(
    client: &mut Client,
    engine: &EngineSpec,
    case: &Case,
    stem: &Path,
) -> Result<Artifact, WorkerError> {
    client.open(case, engine)?;
    let mut passes = Vec::new();
    client.aot(1, stem, &mut passes)?;
    let saved = passes.pop().and_then(|pass| pass.artifact);
    saved.ok_or_else(|| WorkerError::InvalidReply("an AOT pass without an artifact".into()))
}
