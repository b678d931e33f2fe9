//! One engine's turn in a block: a few passes or warm readings of one kind, asked for and
//! written down.

use crate::plan::{Case, Effort, EngineSpec};
use crate::process::pool::{Role, Seat};
use crate::process::worker_process::WorkerError;
use crate::record::readings::Reading;
use protocol::message::{PassReading, Reply, Request, WarmReading};
use protocol::{Pass, Phase};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The kinds of turn. Each kind and case makes a block in which every engine takes its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Turn {
    /// Validations.
    Parse,
    /// JIT passes.
    Jit,
    /// AOT passes.
    Aot,
    /// Run passes.
    Run,
    /// Loads and nothing more, for cases that are only compiled.
    Load,
    /// Warm instantiations.
    Instantiate,
    /// Warm calls.
    Call,
    /// One JIT pass, the first thing that a process does.
    ColdJit,
    /// One run pass, the first thing that a process does.
    ColdRun,
}

impl Turn {
    /// The turns that start from the wasm; they may come in any order.
    pub const COMPILING: [Turn; 4] = [Turn::Parse, Turn::Jit, Turn::Aot, Turn::ColdJit];
    /// The turns that use what was compiled; they may come in any order.
    pub const RUNNING: [Turn; 5] = [Turn::Run, Turn::Load, Turn::Instantiate, Turn::Call, Turn::ColdRun];

    /// The pass that its readings belong to.
    pub fn pass(self) -> Pass {
        match self {
            Turn::Parse => Pass::Parse,
            Turn::Jit => Pass::Jit,
            Turn::Aot => Pass::Aot,
            Turn::Run => Pass::Run,
            Turn::Load => Pass::Load,
            Turn::Instantiate | Turn::Call => Pass::Warm,
            Turn::ColdJit => Pass::ColdJit,
            Turn::ColdRun => Pass::ColdRun,
        }
    }

    /// Whether it needs a process that has done nothing yet: one pass is all that it can have.
    pub fn is_cold(self) -> bool {
        matches!(self, Turn::ColdJit | Turn::ColdRun)
    }

    /// The phase or total that its block is about.
    pub fn phase(self) -> Phase {
        match self {
            Turn::Parse => Phase::AParse,
            Turn::Jit | Turn::ColdJit => Phase::Jit,
            Turn::Aot => Phase::AotCompile,
            Turn::Run | Turn::ColdRun => Phase::AotExecute,
            Turn::Load => Phase::CLoad,
            Turn::Instantiate => Phase::CInstantiateWarm,
            Turn::Call => Phase::DCallWarm,
        }
    }

    /// Whether it loads what an AOT turn has saved, where the engine saves anything.
    pub fn loads(self) -> bool {
        matches!(self, Turn::Run | Turn::Load | Turn::Instantiate | Turn::Call | Turn::ColdRun)
    }

    /// Whether it compiles.
    pub fn compiles(self) -> bool {
        matches!(self, Turn::Parse | Turn::Jit | Turn::Aot | Turn::ColdJit)
    }

    /// The process that it needs.
    pub fn role(self, has_artifact: bool) -> Role {
        match self {
            Turn::Parse | Turn::Jit | Turn::Aot => Role::Compile,
            Turn::Run | Turn::Load => Role::Run,
            Turn::ColdJit | Turn::ColdRun => Role::Single,
            Turn::Instantiate | Turn::Call => {
                if has_artifact {
                    Role::Run
                } else {
                    Role::Compile
                }
            }
        }
    }

    /// Whether it is a turn of `engine` on `case`: where a case is only compiled its loads are read
    /// alone, else they are read on the way to a result.
    pub fn belongs_to(self, case: &Case, engine: &str) -> bool {
        self != Turn::Load || case.only_compiled(engine).is_some()
    }

    /// Whether it makes instances or calls.
    pub fn needs_instances(self) -> bool {
        !matches!(self, Turn::Parse | Turn::Aot | Turn::Load)
    }

    /// Why `engine` never takes this turn, where it does not.
    pub fn impossible(self, engine: &EngineSpec) -> Option<&str> {
        let can = &engine.hello.can;
        match self {
            Turn::Parse => can.parse.reason(),
            Turn::Jit | Turn::ColdJit => can.jit.reason(),
            Turn::Aot => can.aot.reason(),
            Turn::Run | Turn::ColdRun if engine.is_native() => None,
            Turn::Run | Turn::ColdRun | Turn::Load => can.aot.reason(),
            Turn::Instantiate => can.instantiate.reason(),
            Turn::Call => None,
        }
    }
}

/// What a turn brought.
#[derive(Debug, Default)]
pub struct Harvest {
    /// Its passes, in order.
    pub passes: Vec<PassReading>,
    /// Its warm readings, in order.
    pub warm: Vec<WarmReading>,
}

impl Harvest {
    /// The wall time of a typical pass or reading, in nanoseconds: the least of them.
    pub fn unit_ns(&self) -> Option<u64> {
        let passes = self.passes.iter().filter_map(|pass| pass.wall_ns.last().map(|(_, wall_ns)| *wall_ns));
        passes.chain(self.warm.iter().map(|reading| reading.wall_ns)).min()
    }

    /// Wall time inside readings, in nanoseconds.
    pub fn timed_ns(&self) -> u64 {
        let of_pass = |pass: &PassReading| {
            let total = pass.wall_ns.last().map_or(0, |(_, wall_ns)| *wall_ns);
            let engine = pass.wall_ns.iter().find(|(phase, _)| *phase == Phase::Engine);
            total + engine.map_or(0, |(_, wall_ns)| *wall_ns)
        };
        self.passes.iter().map(of_pass).chain(self.warm.iter().map(|reading| reading.wall_ns)).sum()
    }

    /// Wall time of dropping what the readings have made, in nanoseconds.
    pub fn drops_ns(&self) -> u64 {
        self.passes.iter().map(|pass| pass.drop_ns).chain(self.warm.iter().map(|warm| warm.drop_ns)).sum()
    }

    /// The artifact that the last pass left, with its size in bytes.
    pub fn artifact(&self) -> Option<&(PathBuf, u64)> {
        self.passes.last().and_then(|pass| pass.artifact.as_ref())
    }
}

/// A round, from 1 (0 is the survey before the first), and a cycle in it, from 0.
pub type Moment = (u32, u32);

/// A reading from which on a cell's share is the long one.
const LONG: Duration = Duration::from_millis(1);
/// The fewest readings of a round are not taken where they take longer than this altogether.
const TOO_LONG_TO_REPEAT: Duration = Duration::from_secs(2);

/// How a round's share of readings is divided when one takes `unit_ns`: into how many turns, and
/// how many readings each has.
pub fn division(effort: &Effort, turn: Turn, unit_ns: u64) -> (u32, u32) {
    if turn.is_cold() {
        return (1, 1);
    }
    let fitting =
        |share: Duration| u32::try_from(share.as_nanos() / u128::from(unit_ns.max(1))).unwrap_or(u32::MAX);
    let share = if Duration::from_nanos(unit_ns) < LONG { effort.share } else { effort.long_share };
    let fewest = fitting(TOO_LONG_TO_REPEAT).clamp(1, effort.min_readings.max(1));
    let readings = fitting(share).clamp(fewest, effort.max_readings.max(fewest));
    let turns = readings.min(effort.cycles.max(1));
    (turns, readings.div_ceil(turns))
}

/// Whether one of `turns` turns, spread evenly over `cycles` cycles, falls in `cycle`.
pub fn falls_in(cycle: u32, turns: u32, cycles: u32) -> bool {
    // Turn i stands at the middle of the i-th of `turns` equal stretches.
    (0..turns).any(|turn| (2 * turn + 1) * cycles / (2 * turns.max(1)) == cycle)
}

/// Asks for `count` passes or readings. What came before an error is in `harvest` all the same.
///
/// # Errors
/// Those of the worker.
pub fn take(
    seat: &mut Seat,
    turn: Turn,
    count: u32,
    reading: Duration,
    artifact: Artifact<'_>,
    harvest: &mut Harvest,
) -> Result<(), WorkerError> {
    // The first pass of its kind in a process is another quantity, so that turn gets one more.
    let passes = if turn.is_cold() || seat.taken.contains(&turn) { count } else { count + 1 };
    let request = match turn {
        Turn::Parse => Request::Parse { passes },
        Turn::Jit | Turn::ColdJit => Request::Jit { passes },
        Turn::Aot => Request::Aot { passes, stem: artifact.stem.to_owned() },
        Turn::Run | Turn::ColdRun => {
            Request::Run { passes, artifact: artifact.saved.unwrap_or(artifact.stem).to_owned() }
        }
        Turn::Load => Request::Load { passes, artifact: artifact.saved.unwrap_or(artifact.stem).to_owned() },
        Turn::Instantiate => {
            seat.hold(artifact.saved)?;
            Request::Instantiate { readings: count }
        }
        Turn::Call => {
            seat.hold(artifact.saved)?;
            let reading_ns = u64::try_from(reading.as_nanos()).unwrap_or(u64::MAX);
            Request::Call { readings: count, calls: None, reading_ns }
        }
    };
    let answer = seat.ask(&request, |reply| match reply {
        Reply::Pass(pass) => harvest.passes.push(pass),
        Reply::Reading(reading) => harvest.warm.push(reading),
        Reply::Hello(_) | Reply::Probed { .. } | Reply::Done { .. } | Reply::Failed(_) => {}
    });
    if turn.compiles() {
        seat.settle();
    }
    answer
}

/// Where a turn finds or leaves an artifact.
#[derive(Clone, Copy, Debug)]
pub struct Artifact<'a> {
    /// Where an AOT pass writes.
    pub stem: &'a Path,
    /// What an earlier AOT turn has left.
    pub saved: Option<&'a Path>,
}

/// A harvest as readings.
pub fn readings(
    (round, cycle): Moment,
    (engine, case, turn): (&EngineSpec, &Case, Turn),
    seat_process: u32,
    first_is_cold: bool,
    harvest: &Harvest,
) -> Vec<Reading> {
    let reading = |phase: Phase, iteration: usize, cold: bool| Reading {
        round,
        process: seat_process,
        engine: engine.name.clone(),
        sample: case.sample.clone(),
        variant: case.variant.clone(),
        size: case.size.clone(),
        pass: turn.pass(),
        phase,
        cycle,
        iteration: u32::try_from(iteration).unwrap_or(u32::MAX),
        cold,
        calls: 1,
        wall_ns: 0,
        cpu_ns: None,
    };
    let passes = harvest.passes.iter().enumerate().flat_map(|(iteration, pass)| {
        let last = pass.wall_ns.len().saturating_sub(1);
        pass.wall_ns.iter().enumerate().map(move |(index, &(phase, wall_ns))| Reading {
            wall_ns,
            // Processor time is read around whole passes: it belongs to the total.
            cpu_ns: (index == last).then_some(pass.cpu_ns),
            ..reading(phase, iteration, first_is_cold && iteration == 0)
        })
    });
    let warm = harvest.warm.iter().enumerate().map(|(iteration, warm)| Reading {
        wall_ns: warm.wall_ns,
        cpu_ns: warm.cpu_ns,
        calls: warm.calls,
        ..reading(warm.phase, iteration, false)
    });
    passes.chain(warm).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_spread_over_the_cycles_and_none_is_lost() {
        for turns in 1..=10 {
            let cycles = (0..10).filter(|cycle| falls_in(*cycle, turns, 10));
            assert_eq!(cycles.count(), turns as usize);
        }
        assert_eq!((0..10).filter(|cycle| falls_in(*cycle, 1, 10)).collect::<Vec<_>>(), [5]);
        assert_eq!((0..10).filter(|cycle| falls_in(*cycle, 2, 10)).collect::<Vec<_>>(), [2, 7]);
    }

    #[test]
    fn short_readings_are_many_a_turn_and_long_ones_have_few_turns() {
        let effort = Effort {
            share: Duration::from_millis(40),
            long_share: Duration::from_millis(100),
            min_readings: 3,
            cycles: 10,
            max_readings: 40,
            ..Effort::full()
        };
        assert_eq!(division(&effort, Turn::Jit, 1_000), (10, 4));
        assert_eq!(division(&effort, Turn::Jit, 900_000), (10, 4));
        assert_eq!(division(&effort, Turn::Jit, 5_000_000), (10, 2));
        assert_eq!(division(&effort, Turn::Jit, 20_000_000), (5, 1));
        assert_eq!(division(&effort, Turn::Jit, 100_000_000), (3, 1));
        assert_eq!(division(&effort, Turn::Jit, 900_000_000), (2, 1));
        assert_eq!(division(&effort, Turn::Jit, 9_000_000_000), (1, 1));
        assert_eq!(division(&effort, Turn::ColdJit, 1_000), (1, 1));
    }
}
