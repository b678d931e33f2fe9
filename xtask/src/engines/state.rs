//! What is known of an engine once it has been looked for.

use super::needs::Unavailable;
use super::runtime::Configuration;
use bench::plan::EngineSpec;
use bench::record::EmbeddingFacts;

/// A configuration and its state.
#[derive(Clone, Debug)]
pub struct PreparedEngine {
    /// Where people read about the runtime.
    pub homepage: String,
    /// What its folder says.
    pub configuration: Configuration,
    /// What its runtime costs whoever embeds it, as far as that is known without its worker.
    pub embedding: EmbeddingFacts,
    /// What was found.
    pub state: State,
}

/// Whether a configuration can be measured.
#[derive(Clone, Debug)]
pub enum State {
    /// Its worker is built and has answered.
    Ready(Box<EngineSpec>),
    /// Its worker is not built yet.
    NotBuilt,
    /// What its worker needs is not fetched yet, so that it is not built either.
    NotFetched {
        /// What would be downloaded, about.
        download_bytes: u64,
    },
    /// It cannot be had here, and what would help.
    Unavailable(Unavailable),
}

impl PreparedEngine {
    /// The engine as the instrument knows it, where it can be measured.
    pub fn ready(&self) -> Option<&EngineSpec> {
        match &self.state {
            State::Ready(spec) => Some(spec),
            State::NotBuilt | State::NotFetched { .. } | State::Unavailable(_) => None,
        }
    }
}
