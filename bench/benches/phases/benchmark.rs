//! The benchmarks of a cell: what each id means in phases and requests.

use bench::plan::EngineSpec;
use protocol::Pass;
use protocol::Phase;

/// One benchmark of every cell.
#[derive(Debug)]
pub struct Benchmark {
    /// The last part of its id.
    pub id: &'static str,
    /// The phase that is read.
    pub phase: Phase,
    /// The turns that contain the phase, the preferred one first.
    turns: &'static [Pass],
}

/// Every benchmark, in the order of the phases, totals last.
pub const BENCHMARKS: [Benchmark; 7] = [
    Benchmark { id: "ab-compile", phase: Phase::AbCompile, turns: &[Pass::Jit, Pass::Aot] },
    Benchmark { id: "c-instantiate", phase: Phase::CInstantiateWarm, turns: &[Pass::WarmInstantiate] },
    Benchmark { id: "d-call", phase: Phase::DCallFirst, turns: &[Pass::Jit, Pass::Run] },
    Benchmark { id: "jit", phase: Phase::Jit, turns: &[Pass::Jit] },
    Benchmark { id: "aot-compile", phase: Phase::AotCompile, turns: &[Pass::Aot] },
    Benchmark { id: "aot-execute", phase: Phase::AotExecute, turns: &[Pass::Run] },
    Benchmark { id: "pure-execution", phase: Phase::DCallWarm, turns: &[Pass::WarmCall] },
];

impl Benchmark {
    /// The turn in which `engine` is asked for the phase.
    ///
    /// # Errors
    /// The engine's reason, where it can take none of them.
    pub fn turn<'a>(&self, engine: &'a EngineSpec) -> Result<Pass, &'a str> {
        let possible = self.turns.iter().find(|turn| turn.impossible(engine).is_none());
        let reason = || self.turns.first().and_then(|turn| turn.impossible(engine)).unwrap_or_default();
        possible.copied().ok_or_else(reason)
    }
}
