//! What an engine saves, without timing anything.

use crate::plan::{Case, EngineSpec};
use crate::process::worker_process::{Worker, WorkerError};
use protocol::Error;
use protocol::message::{Failure, Reply, Request};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Has a fresh worker of `engine` compile and save `case`, and gives the artifact's bytes. For
/// native code these are the library's. `stem` is where the artifact stands meanwhile.
///
/// # Errors
/// Those of the worker; an artifact that cannot be removed.
pub fn bytes(engine: &EngineSpec, case: &Case, stem: &Path, limit: Duration) -> Result<u64, WorkerError> {
    if engine.is_native() {
        let library = case.file(engine.input).ok_or_else(|| no_file(engine, case))?;
        return Ok(std::fs::metadata(library).map_err(WorkerError::Start)?.len());
    }
    let (path, bytes) = save(engine, case, stem, limit)?;
    std::fs::remove_file(path).map_err(WorkerError::Start)?;
    Ok(bytes)
}

/// Has a fresh worker of `engine` compile and save `case` to a file whose path begins with
/// `stem`; gives the file and its bytes.
///
/// # Errors
/// Those of the worker.
pub fn save(
    engine: &EngineSpec,
    case: &Case,
    stem: &Path,
    limit: Duration,
) -> Result<(PathBuf, u64), WorkerError> {
    save_in(&mut Worker::start(&engine.worker, &engine.configuration, limit)?, engine, case, stem)
}

/// The same in `worker`, a fresh one of `engine`.
///
/// # Errors
/// Those of the worker.
pub fn save_in(
    worker: &mut Worker,
    engine: &EngineSpec,
    case: &Case,
    stem: &Path,
) -> Result<(PathBuf, u64), WorkerError> {
    worker.ask(&case.open(engine.input).ok_or_else(|| no_file(engine, case))?, |_| {})?;
    let mut saved = None;
    worker.ask(&Request::Aot { passes: 1, stem: stem.to_owned() }, |reply| {
        if let Reply::Pass(pass) = reply {
            saved = pass.artifact;
        }
    })?;
    saved.ok_or_else(|| WorkerError::Nonsense("an AOT pass without an artifact".into()))
}

/// A case that has nothing for `engine` to open, and why.
pub(crate) fn no_file(engine: &EngineSpec, case: &Case) -> WorkerError {
    let reason = case.lacks(engine.input).unwrap_or("the sample has no file for this engine");
    WorkerError::Failed(Failure { phase: None, error: Error::unsupported(reason) })
}
