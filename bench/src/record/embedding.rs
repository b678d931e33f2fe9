//! What a runtime costs whoever embeds it, and what there is to know about its upkeep.

use serde::{Deserialize, Serialize};

/// What a runtime costs whoever embeds it. What is not known is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingFacts {
    /// The size of the worker program and of the libraries that are not the system's, without symbols and debug
    /// information, in bytes.
    pub program_bytes: Option<u64>,
    /// Crates in the worker's lock file, which are more than are compiled here; `None` where cargo does not build it.
    pub locked_crates: Option<usize>,
    /// Processor time of its build, in seconds, as it was measured once on one machine.
    pub build_cpu_s: Option<f64>,
    /// Resident memory of a worker that has done nothing yet, in bytes.
    pub idle_bytes: Option<u64>,
    /// The day of the release, such as `2026-01-31`.
    pub released: Option<String>,
    /// Whether the runtime is still maintained.
    pub maintained: Option<bool>,
    /// The interface by which it is driven.
    pub api: Option<String>,
    /// Who built it: `here`, from source, or somebody else.
    pub built_by: Option<String>,
}
