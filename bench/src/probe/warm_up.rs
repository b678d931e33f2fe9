//! The warm-up series: the first call of a process and each one that follows, for engines that change their code
//! while it runs. It tells whether warm calls are steady, and after how many calls: `warm-up.csv`.

use super::fresh::started;
use super::passes::ProbeProgress;
use crate::plan::{Case, EngineSpec, Plan};
use crate::process::{Client, WorkerError, artifact};
use crate::record::{CellId, CsvRecord, WARM_UP_FILE, WarmUpReading, append, with_header};
use protocol::message::WarmReading;
use protocol::{Pass, Phase};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A series goes on for this long: the highest tiers come within some ten milliseconds.
const SPAN: Duration = Duration::from_millis(500);
/// The fewest readings of a series, where calls are slow.
const FEWEST: usize = 40;
/// Where not even these fit, it ends after this long.
const LONGEST: Duration = Duration::from_secs(8);
/// Readings of one call each at the beginning, whatever a call takes.
const SINGLE: usize = 20;
/// Then a reading should take this long, so that reading the clock does not count, ...
const SHORTEST_NS: u64 = 20_000;
/// ... and this part of all before it: calls are looked at closely where code changes, and over what else goes on in
/// a machine later.
const PART: u64 = 100;
/// Readings between two looks at the time.
const LOOK: u32 = 10;

/// Whether the plan has a series of `engine` on `case`.
fn is_wanted(plan: &Plan, engine: &EngineSpec, case: &Case) -> bool {
    engine.is_subject()
        && (engine.tiers || plan.effort.warm_up_of_every_engine)
        && plan.effort.passes.contains(&Pass::WarmCall)
        && case.unsupported(Pass::WarmCall, engine).is_none()
        && case.failure_of(&engine.name).is_none()
}

/// Whether the plan has any series.
pub fn is_any_wanted(plan: &Plan) -> bool {
    plan.engines.iter().any(|engine| plan.cases.iter().any(|case| is_wanted(plan, engine, case)))
}

/// Reads the series of `plan` into `warm-up.csv` in `folder`. A series that fails ends there: the same calls fail
/// in the rounds, where that is recorded. It ends early when `interrupted` becomes true.
///
/// # Errors
/// When results cannot be written; failing engines are no error.
pub fn read(
    plan: &Plan,
    folder: &Path,
    interrupted: &AtomicBool,
    mut progress: impl FnMut(ProbeProgress<'_>),
) -> io::Result<()> {
    let mut file = with_header(folder.join(WARM_UP_FILE), WarmUpReading::COLUMNS)?;
    let wanted: Vec<(&EngineSpec, &Case)> = plan
        .cases
        .iter()
        .flat_map(|case| plan.engines.iter().map(move |engine| (engine, case)))
        .filter(|(engine, case)| is_wanted(plan, engine, case))
        .collect();
    for (done, &(engine, case)) in wanted.iter().enumerate() {
        progress(ProbeProgress { done, total: wanted.len(), sample: &case.sample, engine: &engine.name });
        for process in 1..=plan.effort.warm_up_processes {
            if interrupted.load(Ordering::Relaxed) {
                return Ok(());
            }
            let mut series =
                Series { cell: CellId::of(engine, case), process, readings: Vec::new(), call: 1, wall_ns: 0 };
            let _ = series.read(engine, case, plan);
            append(&mut file, &series.readings)?;
        }
    }
    Ok(())
}

/// The calls of one process.
struct Series {
    cell: CellId,
    process: u32,
    readings: Vec<WarmUpReading>,
    /// The number of the next call.
    call: u64,
    /// What all readings take together, in nanoseconds.
    wall_ns: u64,
}

impl Series {
    /// All of them. An engine that does not compile in the same process loads what another one has saved.
    fn read(&mut self, engine: &EngineSpec, case: &Case, plan: &Plan) -> Result<(), WorkerError> {
        let compiles = case.unsupported(Pass::Jit, engine).is_none();
        let stem = plan.artifacts.join(format!("{}-{}-{}-warm-up", engine.name, case.sample, case.variant));
        let save = || Ok(artifact::save(engine, case, &stem, plan.effort.limit)?.path);
        let saved: Option<PathBuf> = (!compiles && !engine.is_native()).then(save).transpose()?;
        let native = if engine.is_native() { case.file(engine.input) } else { None };
        let artifact = native.or(saved.as_deref());
        let answer = self.first(artifact, started(engine, case, plan)?);
        let answer = answer.and_then(|()| self.others(artifact, started(engine, case, plan)?, case));
        if let Some(saved) = &saved {
            std::fs::remove_file(saved).map_err(WorkerError::Start)?;
        }
        answer
    }

    /// The first call, in a process of its own: where others follow, a worker does not read it.
    fn first(&mut self, artifact: Option<&Path>, mut client: Client) -> Result<(), WorkerError> {
        let mut passes = Vec::new();
        match artifact {
            Some(artifact) => client.run(1, artifact, &mut passes)?,
            None => client.jit(1, &mut passes)?,
        }
        let phases = passes.first().map(|pass| pass.wall_ns.as_slice()).unwrap_or_default();
        let call = phases.iter().find(|(phase, _)| *phase == Phase::DCallFirst);
        call.into_iter().for_each(|(_, wall_ns)| self.push(1, *wall_ns));
        self.call = 2;
        Ok(())
    }

    /// Those that follow.
    fn others(
        &mut self,
        artifact: Option<&Path>,
        mut client: Client,
        case: &Case,
    ) -> Result<(), WorkerError> {
        client.hold(artifact)?;
        let start = Instant::now();
        let mut calls = 1;
        let is_over = |count: usize| {
            let took = start.elapsed();
            took > LONGEST || (took > SPAN && count >= FEWEST)
        };
        while !is_over(self.readings.len()) {
            let mut read: Vec<WarmReading> = Vec::new();
            let answer = client.call_exactly(LOOK, calls, &mut read);
            read.iter().for_each(|reading| self.push(reading.calls, reading.wall_ns));
            answer?;
            if !case.fresh_instance {
                calls = self.next_calls();
            }
        }
        Ok(())
    }

    /// How many calls the next readings have.
    fn next_calls(&self) -> u64 {
        let count = self.readings.len();
        if count < SINGLE {
            return 1;
        }
        let last = &self.readings[count - (LOOK as usize).min(count)..];
        let call_ns = last.iter().map(|one| one.wall_ns / one.calls).min().unwrap_or(0).max(1);
        SHORTEST_NS.max(self.wall_ns / PART).div_ceil(call_ns)
    }

    fn push(&mut self, calls: u64, wall_ns: u64) {
        let CellId { engine, sample, variant, size, .. } = self.cell.clone();
        let (process, call) = (self.process, self.call);
        self.readings.push(WarmUpReading { engine, sample, variant, size, process, call, calls, wall_ns });
        self.call += calls;
        self.wall_ns += wall_ns;
    }
}
