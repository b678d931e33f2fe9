//! The benchmarks of a cell: what each id means in phases and requests.

use bench::plan::EngineSpec;
use bench::schedule::batch::Turn;
use protocol::Phase;

/// One benchmark of every cell.
#[derive(Debug)]
pub struct Benchmark {
    /// The last part of its id.
    pub id: &'static str,
    /// The phase that is read.
    pub phase: Phase,
    /// The turns that contain the phase, the preferred one first.
    turns: &'static [Turn],
}

/// Every benchmark, in the order of the phases, totals last.
pub const BENCHMARKS: [Benchmark; 7] = [
    Benchmark { id: "ab-compile", phase: Phase::AbCompile, turns: &[Turn::Jit, Turn::Aot] },
    Benchmark { id: "c-instantiate", phase: Phase::CInstantiateWarm, turns: &[Turn::Instantiate] },
    Benchmark { id: "d-call", phase: Phase::DCallFirst, turns: &[Turn::Jit, Turn::Run] },
    Benchmark { id: "jit", phase: Phase::Jit, turns: &[Turn::Jit] },
    Benchmark { id: "aot-compile", phase: Phase::AotCompile, turns: &[Turn::Aot] },
    Benchmark { id: "aot-execute", phase: Phase::AotExecute, turns: &[Turn::Run] },
    Benchmark { id: "pure-execution", phase: Phase::DCallWarm, turns: &[Turn::Call] },
];

impl Benchmark {
    /// The turn in which `engine` is asked for the phase.
    ///
    /// # Errors
    /// The engine's reason, where it can take none of them.
    pub fn turn<'a>(&self, engine: &'a EngineSpec) -> Result<Turn, &'a str> {
        let possible = self.turns.iter().find(|turn| turn.impossible(engine).is_none());
        let reason = || self.turns.first().and_then(|turn| turn.impossible(engine)).unwrap_or_default();
        possible.copied().ok_or_else(reason)
    }
}
