//! The size of what an engine saves, without timing anything.

use crate::plan::{Case, EngineSpec};
use crate::worker::{Worker, WorkerError};
use protocol::message::{Reply, Request};
use std::path::Path;
use std::time::Duration;

/// Has a fresh worker of `engine` compile and save `case`, and gives the artifact's bytes. For
/// native code these are the library's. `stem` is where the artifact stands meanwhile.
///
/// # Errors
/// Those of the worker; an artifact that cannot be removed.
pub fn bytes(engine: &EngineSpec, case: &Case, stem: &Path, limit: Duration) -> Result<u64, WorkerError> {
    let no_file = || WorkerError::Nonsense(format!("the sample {} has no file for this engine", case.sample));
    let module = case.file(engine.input).ok_or_else(no_file)?;
    if engine.is_native() {
        return Ok(std::fs::metadata(module).map_err(WorkerError::Start)?.len());
    }
    let mut worker = Worker::start(&engine.worker, &engine.configuration, limit)?;
    let open = Request::Open {
        module: module.to_owned(),
        entry: case.entry.clone(),
        expected: case.expected.clone(),
        expected_stdout: None,
        fresh_instance: case.fresh_instance,
    };
    worker.ask(&open, |_| {})?;
    let mut saved = None;
    worker.ask(&Request::Aot { passes: 1, stem: stem.to_owned() }, |reply| {
        if let Reply::Pass(pass) = reply {
            saved = pass.artifact;
        }
    })?;
    let (path, bytes) =
        saved.ok_or_else(|| WorkerError::Nonsense("an AOT pass without an artifact".into()))?;
    std::fs::remove_file(path).map_err(WorkerError::Start)?;
    Ok(bytes)
}
