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

/// The kind of pass a reading comes from; each starts from a fresh engine, warm passes aside.
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
    /// Repeated instantiations of a module that is held.
    WarmInstantiate,
    /// Repeated calls on a module that is held.
    WarmCall,
    /// A JIT pass that is the first thing a process does.
    ColdJit,
    /// A run pass that is the first thing a process does.
    ColdRun,
}

impl Pass {
    /// Every pass, in the order of a module's life.
    pub const ALL: [Pass; 9] = [
        Pass::Parse,
        Pass::Jit,
        Pass::Aot,
        Pass::ColdJit,
        Pass::Run,
        Pass::Load,
        Pass::WarmInstantiate,
        Pass::WarmCall,
        Pass::ColdRun,
    ];
    /// The passes that start from the wasm; they may come in any order.
    pub const COMPILING: [Pass; 4] = [Pass::Parse, Pass::Jit, Pass::Aot, Pass::ColdJit];
    /// The passes that use what was compiled; they may come in any order.
    pub const RUNNING: [Pass; 5] =
        [Pass::Run, Pass::Load, Pass::WarmInstantiate, Pass::WarmCall, Pass::ColdRun];

    /// The pass's name in files, such as `jit`.
    pub fn name(self) -> &'static str {
        match self {
            Pass::Parse => "parse",
            Pass::Jit => "jit",
            Pass::Aot => "aot",
            Pass::Run => "run",
            Pass::Load => "load",
            Pass::WarmInstantiate => "warm-instantiate",
            Pass::WarmCall => "warm-call",
            Pass::ColdJit => "cold-jit",
            Pass::ColdRun => "cold-run",
        }
    }

    /// Whether it is the first thing that its process does; such a process takes no other reading.
    pub fn is_cold(self) -> bool {
        matches!(self, Pass::ColdJit | Pass::ColdRun)
    }

    /// Whether its readings are of a module or an instance that has been used before.
    pub fn is_warm(self) -> bool {
        matches!(self, Pass::WarmInstantiate | Pass::WarmCall)
    }

    /// The phase or total that engines are compared by in this pass.
    pub fn phase(self) -> Phase {
        match self {
            Pass::Parse => Phase::AParse,
            Pass::Jit | Pass::ColdJit => Phase::Jit,
            Pass::Aot => Phase::AotCompile,
            Pass::Run | Pass::ColdRun => Phase::AotExecute,
            Pass::Load => Phase::CLoad,
            Pass::WarmInstantiate => Phase::CInstantiateWarm,
            Pass::WarmCall => Phase::DCallWarm,
        }
    }

    /// Whether it starts from the wasm.
    pub fn compiles(self) -> bool {
        Pass::COMPILING.contains(&self)
    }

    /// Whether it loads what an AOT pass has saved, where the engine saves anything.
    pub fn loads(self) -> bool {
        Pass::RUNNING.contains(&self)
    }

    /// Whether it makes instances or calls.
    pub fn needs_instances(self) -> bool {
        !matches!(self, Pass::Parse | Pass::Aot | Pass::Load)
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
        for pass in Pass::ALL {
            let json = serde_json::to_string(&pass).expect("passes serialise");
            assert_eq!(json, format!("\"{}\"", pass.name()));
        }
    }
}
