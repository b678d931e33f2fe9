//! A worker under test.

use bench::plan::WorkerCommand;
use protocol::{Ability, Hello};
use std::time::Duration;

/// How long any one reply may take. A worker that hangs fails its test and is killed.
pub const LIMIT: Duration = Duration::from_secs(60);

/// A worker under test.
pub struct Subject {
    /// Its configuration.
    pub configuration: String,
    /// How it is started.
    pub worker: WorkerCommand,
    /// Its answer to the hello request.
    pub hello: Hello,
}

impl Subject {
    /// Whether it takes wasm, rather than native libraries.
    pub fn takes_wasm(&self) -> bool {
        let can = &self.hello.can;
        can.jit == Ability::Yes || can.aot == Ability::Yes
    }
}
