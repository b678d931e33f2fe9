//! A batch: the passes or warm readings of one kind that one worker takes in one go.

use super::division::Moment;
use crate::plan::{Case, EngineSpec};
use crate::process::{PooledWorker, WorkerError, nanoseconds};
use crate::record::Reading;
use protocol::message::{PassReading, WarmReading};
use protocol::{Artifact, Pass, Phase};
use std::path::Path;
use std::time::Duration;

/// The readings that one worker takes in one go.
#[derive(Debug, Default)]
pub struct Batch {
    /// Its passes, in order.
    pub passes: Vec<PassReading>,
    /// The AOT passes that JIT passes were, too: b' and the total, in order.
    pub saved: Vec<PassReading>,
    /// Its warm readings, in order.
    pub warm: Vec<WarmReading>,
}

impl Batch {
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
        // b' of a JIT pass that also saved; a+b is in that pass.
        let of_save = |pass: &PassReading| {
            pass.wall_ns.iter().find(|(phase, _)| *phase == Phase::BSave).map_or(0, |(_, wall_ns)| *wall_ns)
        };
        let passes = self.passes.iter().map(of_pass).chain(self.saved.iter().map(of_save));
        passes.chain(self.warm.iter().map(|reading| reading.wall_ns)).sum()
    }

    /// Wall time of dropping what the readings have made, in nanoseconds.
    pub fn drops_ns(&self) -> u64 {
        self.passes.iter().map(|pass| pass.drop_ns).chain(self.warm.iter().map(|warm| warm.drop_ns)).sum()
    }

    /// The artifact of the first pass that saved. Later ones are of modules with a section of ours, which makes
    /// them different.
    pub fn plain_artifact(&self) -> Option<&Artifact> {
        self.passes.first().into_iter().chain(self.saved.first()).find_map(|pass| pass.artifact.as_ref())
    }

    /// The artifact that the last pass left.
    pub fn artifact(&self) -> Option<&Artifact> {
        self.passes.last().into_iter().chain(self.saved.last()).find_map(|pass| pass.artifact.as_ref())
    }
}

/// Where a batch finds or leaves an artifact.
#[derive(Clone, Copy, Debug)]
pub struct ArtifactPaths<'a> {
    /// Where an AOT pass writes.
    pub stem: &'a Path,
    /// What an earlier AOT pass has left.
    pub saved: Option<&'a Path>,
    /// Whether a JIT pass also saves.
    pub also_saved: bool,
    /// Whether each batch of warm calls is made on an instance of its own.
    pub renews: bool,
}

/// A JIT pass that has also saved, as a JIT pass and as an AOT pass, whose total is the sum of a+b and b'.
fn divided(mut pass: PassReading) -> (PassReading, PassReading) {
    let of = |wanted: Phase| pass.wall_ns.iter().find(|(phase, _)| *phase == wanted).map_or(0, |one| one.1);
    let (compile_ns, save_ns) = (of(Phase::AbCompile), of(Phase::BSave));
    let saved = PassReading {
        wall_ns: vec![(Phase::BSave, save_ns), (Phase::AotCompile, compile_ns + save_ns)],
        cpu_ns: 0,
        drop_ns: 0,
        outcome: None,
        artifact: pass.artifact.take(),
    };
    pass.wall_ns.retain(|(phase, _)| *phase != Phase::BSave);
    (pass, saved)
}

/// A pass or reading that takes less than this is taken once more in each batch, first, and that one does not
/// count: a process that was stopped finds the caches full of what others left. It costs 20 to 190 µs: a tenth to
/// a third of a pass of 0.1 ms, and less than a hundredth of one of 20 ms. Engines that are slow have one pass a
/// batch, so that theirs would all be such ones.
pub const WAKING_MATTERS: Duration = Duration::from_millis(20);

/// What a batch takes beside its readings: processes are stopped and resumed.
const BATCH_OVERHEAD: Duration = Duration::from_micros(500);

/// The wall time of a batch of `readings`, with the one that does not count, in nanoseconds.
pub fn batch_ns(unit_ns: u64, readings: u32) -> u64 {
    let discarded = u32::from(Duration::from_nanos(unit_ns) < WAKING_MATTERS);
    unit_ns * u64::from(readings + discarded) + nanoseconds(BATCH_OVERHEAD)
}

/// Takes `count` passes or readings with `worker`, and one more, first, where `discards_first`. What came before
/// an error is in `batch` all the same.
///
/// # Errors
/// Those of the worker.
pub fn take(
    worker: &mut PooledWorker,
    pass: Pass,
    (count, discards_first): (u32, bool),
    reading: Duration,
    artifact: ArtifactPaths<'_>,
    batch: &mut Batch,
) -> Result<(), WorkerError> {
    let count = count + u32::from(discards_first);
    let loaded = artifact.saved.unwrap_or(artifact.stem);
    if pass == Pass::WarmCall && artifact.renews {
        worker.renew()?;
    }
    let client = &mut worker.client;
    let answer = match pass {
        Pass::Parse => client.parse(count, &mut batch.passes),
        Pass::Jit if artifact.also_saved => {
            let mut made = Vec::new();
            let answer = client.jit_and_save(count, artifact.stem, &mut made);
            let (jit, saved): (Vec<_>, Vec<_>) = made.into_iter().map(divided).unzip();
            batch.passes.extend(jit);
            batch.saved.extend(saved);
            answer
        }
        Pass::Jit | Pass::ColdJit => client.jit(count, &mut batch.passes),
        Pass::Aot => client.aot(count, artifact.stem, &mut batch.passes),
        Pass::Run | Pass::ColdRun => client.run(count, loaded, &mut batch.passes),
        Pass::Load => client.load(count, loaded, &mut batch.passes),
        Pass::WarmInstantiate => client.instantiate(count, &mut batch.warm),
        Pass::WarmCall => client.call(count, reading, &mut batch.warm),
    };
    if pass.compiles() {
        client.process.settle();
    }
    answer
}

/// The records of a batch.
pub fn readings(
    (round, cycle): Moment,
    (engine, case, kind): (&EngineSpec, &Case, Pass),
    process: u32,
    first_is_cold: bool,
    batch: &Batch,
) -> Vec<Reading> {
    let reading = |phase: Phase, iteration: usize, cold: bool| Reading {
        round,
        process,
        engine: engine.name.clone(),
        entry: engine.entry,
        sample: case.sample.clone(),
        variant: case.variant.clone(),
        size: case.size.clone(),
        pass: kind,
        phase,
        cycle,
        iteration: u32::try_from(iteration).unwrap_or(u32::MAX),
        cold,
        calls: 1,
        wall_ns: 0,
        cpu_ns: None,
    };
    // Where the drop takes no time, it is left to a collector, which has no reading of its own.
    let drop = |iteration: usize, cold: bool, wall_ns: u64| {
        (wall_ns > 0).then(|| Reading { wall_ns, ..reading(Phase::Drop, iteration, cold) })
    };
    let mut readings = Vec::new();
    for (iteration, pass) in batch.passes.iter().enumerate() {
        let cold = first_is_cold && iteration == 0;
        let last = pass.wall_ns.len().saturating_sub(1);
        readings.extend(pass.wall_ns.iter().enumerate().map(|(index, &(phase, wall_ns))| Reading {
            wall_ns,
            // Processor time is read around whole passes: it belongs to the total.
            cpu_ns: (index == last).then_some(pass.cpu_ns),
            ..reading(phase, iteration, cold)
        }));
        readings.extend(drop(iteration, cold, pass.drop_ns));
    }
    for (iteration, pass) in batch.saved.iter().enumerate() {
        let cold = first_is_cold && iteration == 0;
        // Its processor time is part of the JIT pass'.
        readings.extend(pass.wall_ns.iter().map(|&(phase, wall_ns)| Reading {
            wall_ns,
            pass: Pass::Aot,
            ..reading(phase, iteration, cold)
        }));
    }
    for (iteration, warm) in batch.warm.iter().enumerate() {
        let cold = first_is_cold && iteration == 0;
        readings.push(Reading {
            wall_ns: warm.wall_ns,
            cpu_ns: warm.cpu_ns,
            calls: warm.calls,
            ..reading(warm.phase, iteration, cold)
        });
        readings.extend(drop(iteration, cold, warm.drop_ns));
    }
    readings
}
