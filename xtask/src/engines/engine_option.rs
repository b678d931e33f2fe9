//! What an `engine.toml` says of one option of its configurations.

use serde::{Deserialize, Serialize};

/// What can be changed about the configurations of a runtime, as its `engine.toml` says it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EngineOption {
    /// Its name, unique within the runtime.
    pub name: String,
    /// What it changes, in a few words.
    pub says: String,
    /// The values that it can have.
    pub values: Vec<String>,
    /// The value of a configuration that does not name the option.
    pub default: String,
    /// The configurations that have it; all where none is named.
    #[serde(default)]
    pub only: Vec<String>,
    /// The values that stand for one compile thread and for as many as there are processors, where the option
    /// decides about that.
    #[serde(default)]
    pub compile_threads: Option<ThreadValues>,
}

/// The values of an option that decides about the number of compile threads.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ThreadValues {
    /// One thread.
    pub one: String,
    /// One thread for each processor.
    pub all: String,
}

impl EngineOption {
    /// Whether the configuration `name`, written with or without a build's label, has it.
    pub fn is_for(&self, name: &str) -> bool {
        let plain = name.split('@').next().unwrap_or(name);
        self.only.is_empty() || self.only.iter().any(|only| only == plain)
    }
}
