//! The sizes of artifacts, which the survey makes.

use super::Measurement;
use crate::plan::{Case, EngineSpec};
use crate::process::artifact_parts;
use crate::record::ArtifactSize;
use crate::schedule::batch::Batch;
use protocol::Pass;
use std::io;

impl Measurement<'_> {
    /// Records the artifact's bytes, once an engine; a native library is its own artifact.
    pub(super) fn record_size(
        &mut self,
        engine: &EngineSpec,
        case: &Case,
        pass: Pass,
        batch: &Batch,
    ) -> io::Result<()> {
        let Some(module) = case.file(engine.input).filter(|_| engine.is_subject()) else { return Ok(()) };
        let module_bytes = std::fs::metadata(module)?.len();
        let (artifact_bytes, artifact_module_bytes) = match batch.plain_artifact() {
            Some(artifact) => (artifact.bytes, artifact.module_bytes),
            None if engine.is_native() && pass == Pass::Run => (module_bytes, 0),
            None => return Ok(()),
        };
        // The first artifact is no longer there where another followed it.
        let file = batch.artifact().map_or(module, |artifact| artifact.path.as_path());
        let parts = std::fs::read(file).ok().and_then(|bytes| artifact_parts(&bytes, artifact_bytes));
        self.recorder.size(&ArtifactSize {
            engine: engine.name.clone(),
            sample: case.sample.clone(),
            variant: case.variant.clone(),
            module_bytes,
            artifact_bytes,
            artifact_module_bytes,
            code_bytes: parts.map(|parts| parts.code_bytes),
            data_bytes: parts.map(|parts| parts.data_bytes),
            maps_bytes: parts.map(|parts| parts.maps_bytes),
            names_bytes: parts.map(|parts| parts.names_bytes),
            other_bytes: parts.map(|parts| parts.other_bytes),
        })
    }
}
