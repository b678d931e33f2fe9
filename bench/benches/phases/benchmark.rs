//! The benchmarks of a cell: what each id means in phases and requests.

use bench::plan::EngineSpec;
use protocol::{Pass, Phase};

/// One benchmark of every cell.
#[derive(Debug)]
pub struct Benchmark {
    /// The last part of its id.
    pub id: &'static str,
    /// The phase that is read.
    pub phase: Phase,
    /// The passes that contain the phase, the preferred one first.
    passes: &'static [Pass],
}

/// Every benchmark, in the order of the phases, totals last.
pub const BENCHMARKS: [Benchmark; 7] = [
    Benchmark { id: "ab-compile", phase: Phase::AbCompile, passes: &[Pass::Jit, Pass::Aot] },
    Benchmark { id: "c-instantiate", phase: Phase::CInstantiateWarm, passes: &[Pass::WarmInstantiate] },
    Benchmark { id: "d-call", phase: Phase::DCallFirst, passes: &[Pass::Jit, Pass::Run] },
    Benchmark { id: "jit", phase: Phase::Jit, passes: &[Pass::Jit] },
    Benchmark { id: "aot-compile", phase: Phase::AotCompile, passes: &[Pass::Aot] },
    Benchmark { id: "aot-execute", phase: Phase::AotExecute, passes: &[Pass::Run] },
    Benchmark { id: "pure-execution", phase: Phase::DCallWarm, passes: &[Pass::WarmCall] },
];

impl Benchmark {
    /// The pass in which `engine` is asked for the phase.
    ///
    /// # Errors
    /// The engine's reason, where it can take none of them.
    pub fn pass<'a>(&self, engine: &'a EngineSpec) -> Result<Pass, &'a str> {
        let possible = self.passes.iter().find(|pass| engine.lacks(**pass).is_none());
        let reason = || self.passes.first().and_then(|pass| engine.lacks(*pass)).unwrap_or_default();
        possible.copied().ok_or_else(reason)
    }
}
