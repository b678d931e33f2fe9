//! The phases of a module's life and the passes that read them: one name for each,
//! the same in messages, CSV files, tables and benchmark ids.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One timed stretch of a module's life, or a total over several of them.
///
/// `first` and `warm` readings are never mixed: the first instantiation of a module may build
/// memory images, and the first call of an instance includes lazy compilation and thunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Creation of the engine; outside every total.
    Engine,
    /// a: bytes in memory → validated, where the engine offers it alone.
    AParse,
    /// a+b: bytes in memory → module ready.
    AbCompile,
    /// b': module → artifact file written and closed, without a sync.
    BSave,
    /// c': artifact file (in the page cache) → module ready.
    CLoad,
    /// c: module → instance with its entry resolved, the first time for this module.
    CInstantiateFirst,
    /// c: the same on a module that has been instantiated before.
    CInstantiateWarm,
    /// d: call of the entry → its result, the first call of the instance.
    DCallFirst,
    /// d: the steady state; for commands and stateful exports, the first call of a fresh
    /// instance of a warm module.
    DCallWarm,
    /// a+b+c+d, end to end in one pass.
    Jit,
    /// a+b+b', end to end in one pass.
    AotCompile,
    /// c'+c+d, end to end in one pass.
    AotExecute,
}

impl Phase {
    /// Every phase, in the order of a module's life, totals last.
    pub const ALL: [Phase; 12] = [
        Phase::Engine,
        Phase::AParse,
        Phase::AbCompile,
        Phase::BSave,
        Phase::CLoad,
        Phase::CInstantiateFirst,
        Phase::CInstantiateWarm,
        Phase::DCallFirst,
        Phase::DCallWarm,
        Phase::Jit,
        Phase::AotCompile,
        Phase::AotExecute,
    ];

    /// The phase's name in files and on the command line, such as `ab-compile`.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Engine => "engine",
            Phase::AParse => "a-parse",
            Phase::AbCompile => "ab-compile",
            Phase::BSave => "b-save",
            Phase::CLoad => "c-load",
            Phase::CInstantiateFirst => "c-instantiate-first",
            Phase::CInstantiateWarm => "c-instantiate-warm",
            Phase::DCallFirst => "d-call-first",
            Phase::DCallWarm => "d-call-warm",
            Phase::Jit => "jit",
            Phase::AotCompile => "aot-compile",
            Phase::AotExecute => "aot-execute",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The kind of pass a reading comes from; each pass starts from a fresh engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pass {
    /// Validate alone.
    Parse,
    /// Compile, instantiate and call.
    Jit,
    /// Compile and save.
    Aot,
    /// Load, instantiate and call, in a process that has compiled nothing.
    Run,
    /// Load and nothing more.
    Load,
    /// Repeated instantiations or calls on a module that is held.
    Warm,
    /// A JIT pass that is the first thing a process does.
    ColdJit,
    /// A run pass that is the first thing a process does.
    ColdRun,
}

impl Pass {
    /// The pass's name in files, such as `jit`.
    pub fn name(self) -> &'static str {
        match self {
            Pass::Parse => "parse",
            Pass::Jit => "jit",
            Pass::Aot => "aot",
            Pass::Run => "run",
            Pass::Load => "load",
            Pass::Warm => "warm",
            Pass::ColdJit => "cold-jit",
            Pass::ColdRun => "cold-run",
        }
    }
}

impl Pass {
    /// Whether it is the first thing that its process does.
    pub fn is_cold(self) -> bool {
        matches!(self, Pass::ColdJit | Pass::ColdRun)
    }
}

impl fmt::Display for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_has_one_name_in_messages_and_in_files() {
        for phase in Phase::ALL {
            let json = serde_json::to_string(&phase).expect("phases serialise");
            assert_eq!(json, format!("\"{}\"", phase.name()));
        }
    }

    #[test]
    fn a_pass_has_one_name_in_messages_and_in_files() {
        let passes = [Pass::Parse, Pass::Jit, Pass::Aot, Pass::Run, Pass::Load, Pass::Warm];
        for pass in passes.into_iter().chain([Pass::ColdJit, Pass::ColdRun]) {
            let json = serde_json::to_string(&pass).expect("passes serialise");
            assert_eq!(json, format!("\"{}\"", pass.name()));
        }
    }
}
