//! The sizes of artifacts, which the survey makes.

use super::Measurement;
use crate::plan::{Case, EngineSpec};
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
        self.recorder.size(&ArtifactSize {
            engine: engine.name.clone(),
            sample: case.sample.clone(),
            variant: case.variant.clone(),
            module_bytes,
            artifact_bytes,
            artifact_module_bytes,
        })
    }
}
