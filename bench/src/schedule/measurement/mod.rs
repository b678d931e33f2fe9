//! The cells of a run and the batches that are taken in them: what each engine offers on each case,
//! what was read, and why something has no reading.

mod compilations;
mod expected;
mod sizes;

use crate::machine::{CALIBRATION, LevelMeter, MemoryKills};
use crate::plan::{Effort, EngineEntry, Plan};
use crate::process::{ProcessUse, WorkerError, WorkerPool, nanoseconds};
use crate::record::{CellId, Failure, FailureKind, Reading, Recorder, RoundState, TimeUse};
use crate::schedule::batch::{self, ArtifactPaths, Batch, WAKING_MATTERS, batch_ns};
use crate::schedule::block::{Block, CellKey, Groups};
use crate::schedule::division::{Moment, division};
use crate::schedule::precision::PrecisionTracker;
use protocol::{ErrorKind, Pass, Phase};
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What is known of an engine on a case.
#[derive(Debug, Default)]
struct CellState {
    /// Passes that are not made (again).
    done: BTreeSet<Pass>,
    /// A failure after which no more batches are taken.
    failed: bool,
    measured: bool,
    /// The first round that has a reading of it.
    first_round: Option<u32>,
    artifact: Option<PathBuf>,
    /// Wall time of one pass or reading, by pass, in nanoseconds.
    unit_ns: HashMap<Pass, u64>,
    /// The same of the survey's JIT pass, which decides how often the cell compiles.
    surveyed_jit_ns: u64,
}

/// A run under way.
pub struct Measurement<'a> {
    plan: &'a Plan,
    /// The plan's effort, or what is left of it to fit the time budget.
    pub effort: Effort,
    /// Where everything is recorded.
    pub recorder: &'a mut Recorder,
    pool: WorkerPool,
    /// Which cases are measured next to each other.
    pub groups: Groups,
    level: LevelMeter,
    memory_kills: MemoryKills,
    cells: HashMap<CellKey, CellState>,
    /// Untimed calls before the warm ones of a process, by engine and case.
    warm_up_calls: HashMap<CellKey, u64>,
    /// Wall time inside readings, in nanoseconds.
    timed_ns: u64,
    /// Wall time of dropping what readings made, in nanoseconds.
    drops_ns: u64,
    /// Wall time of writing records, in nanoseconds.
    writing_ns: u64,
    /// How precisely the ratios of each block are known.
    pub precision: PrecisionTracker,
}

impl<'a> Measurement<'a> {
    /// A measurement that has tried nothing yet.
    pub fn new(plan: &'a Plan, recorder: &'a mut Recorder) -> Measurement<'a> {
        let pool = WorkerPool::new(plan.effort.limit, plan.effort.pin);
        Measurement {
            plan,
            effort: plan.effort.clone(),
            recorder,
            pool,
            groups: Groups::of(plan),
            level: LevelMeter::start(plan.kernel.as_deref(), plan.effort.pin),
            memory_kills: MemoryKills::now(),
            cells: HashMap::new(),
            warm_up_calls: HashMap::new(),
            timed_ns: 0,
            drops_ns: 0,
            writing_ns: 0,
            precision: PrecisionTracker::default(),
        }
    }

    /// Has every process of an engine with tiers make as many untimed calls before its warm ones as `calls` says.
    pub fn warm_up(&mut self, calls: impl Fn(&CellId) -> u64) {
        for (engine, spec) in self.plan.engines.iter().enumerate().filter(|(_, spec)| spec.tiers) {
            for (case, facts) in self.plan.cases.iter().enumerate() {
                let cell = CellId { entry: EngineEntry::Subject, ..CellId::of(spec, facts) };
                self.warm_up_calls.insert((engine, case), calls(&cell));
            }
        }
    }

    /// Ends every worker, so that what follows happens in fresh processes.
    pub fn fresh_processes(&mut self) {
        self.pool.end_all();
    }

    /// Where the time went, but for pauses and the total.
    pub fn time_use(&self) -> TimeUse {
        let times = self.pool.times;
        let inside_ns = self.timed_ns + self.drops_ns;
        TimeUse {
            timed_ns: self.timed_ns,
            drops_ns: self.drops_ns,
            around_ns: times.busy_ns.saturating_sub(inside_ns),
            processes_ns: times.processes_ns,
            calibration_ns: self.level.time_ns,
            switching_ns: times.switching_ns,
            writing_ns: self.writing_ns,
            ..TimeUse::default()
        }
    }

    /// Processor time that stopped workers used, in nanoseconds.
    pub fn stolen_cpu_ns(&self) -> u64 {
        self.pool.stolen_cpu_ns()
    }

    /// How many cells were measured, and how many failed.
    pub fn counts(&self) -> (usize, usize) {
        let measured = self.cells.values().filter(|cell| cell.measured).count();
        (measured, self.cells.values().filter(|cell| cell.failed).count())
    }

    /// Records a round that is over; the readings of one that is not used do not count.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn end_round(&mut self, round: &RoundState) -> io::Result<()> {
        if !round.used {
            self.precision.forget(round.round);
        }
        self.recorder.round(round)
    }

    /// Whether no more batches of `pass` are taken in a cell.
    pub fn is_done(&self, key: CellKey, pass: Pass) -> bool {
        self.cells.get(&key).is_some_and(|cell| cell.failed || cell.done.contains(&pass))
    }

    /// Times the calibration kernel as a member of `block`, while every worker is stopped.
    ///
    /// # Errors
    /// When the readings cannot be written.
    pub fn calibrate(&mut self, (round, cycle): Moment, (group, pass): Block) -> io::Result<()> {
        let Some(wall_ns) = self.level.level_ns() else { return Ok(()) };
        let reading = |(pass, case): (Pass, usize)| {
            let case = &self.plan.cases[case];
            Reading {
                round,
                process: 0,
                engine: CALIBRATION.to_owned(),
                entry: EngineEntry::Subject,
                sample: case.sample.clone(),
                variant: case.variant.clone(),
                size: case.size.clone(),
                pass,
                phase: pass.phase(),
                cycle,
                iteration: 0,
                cold: pass.is_cold(),
                calls: 1,
                wall_ns,
                cpu_ns: None,
            }
        };
        let passes = self.passes_read_in((group, pass));
        let cases = self.groups.cases(group);
        let read = passes.flat_map(|pass| cases.iter().map(move |case| (pass, *case)));
        let readings: Vec<Reading> = read.map(reading).collect();
        self.recorder.readings(&readings)
    }

    /// Takes a batch of an engine on a case. Round 0 is the survey: it tries and checks with a
    /// single pass and keeps no time.
    ///
    /// # Errors
    /// When results cannot be written; a failing engine is no error.
    pub fn take_batch(&mut self, moment: Moment, key: CellKey, pass: Pass) -> io::Result<()> {
        let plan = self.plan;
        let engine = &plan.engines[key.0];
        let cell = self.cells.entry(key).or_default();
        if cell.failed || cell.done.contains(&pass) {
            return Ok(());
        }
        let case = &plan.cases[key.1];
        if !case.has_pass(pass, &engine.name) {
            cell.done.insert(pass);
            return Ok(());
        }
        if let Some(reason) = case.failure_of(&engine.name) {
            return self.record_failure(moment.0, key, pass, FailureKind::Failed, None, reason.to_owned());
        }
        if let Some(reason) = case.unsupported(pass, engine) {
            let reason = reason.to_owned();
            return self.record_failure(moment.0, key, pass, FailureKind::Unsupported, None, reason);
        }
        let saved = match case.file(engine.input) {
            Some(library) if engine.is_native() => Some(library.to_owned()),
            _ => cell.artifact.clone(),
        };
        if engine.has_artifacts() && saved.is_none() && pass.loads() {
            // The failure of the AOT pass says why there is no artifact.
            cell.done.insert(pass);
            return Ok(());
        }
        let count = match (moment.0, cell.unit_ns.get(&pass)) {
            (0, _) | (_, None) => 1,
            (_, Some(&unit_ns)) => division(&self.effort, pass, unit_ns).1,
        };
        self.measure(moment, key, pass, count, saved.as_deref())
    }

    fn measure(
        &mut self,
        moment: Moment,
        key: CellKey,
        pass: Pass,
        count: u32,
        saved: Option<&Path>,
    ) -> io::Result<()> {
        let plan = self.plan;
        let (engine, case) = (&plan.engines[key.0], &plan.cases[key.1]);
        let (round, cycle) = moment;
        let entry = engine.entry;
        let name = format!("{}-{entry}-{}-{}-{round}-{cycle}", engine.name, case.sample, case.variant);
        let stem = plan.artifacts.join(name);
        let also_saved = pass == Pass::Jit && self.also_saves(&self.effort, round, key);
        let reading = self.effort.reading;
        let mut batch = Batch::default();
        let unit_ns = self.cells.get(&key).and_then(|cell| cell.unit_ns.get(&pass)).copied();
        let matters = unit_ns.is_none_or(|unit_ns| Duration::from_nanos(unit_ns) < WAKING_MATTERS);
        let (mut process, mut discards_first) = (0, false);
        let process_use = ProcessUse::of(pass, saved.is_some());
        let warm_up_calls = self.warm_up_calls.get(&key).copied().unwrap_or(0);
        let answer = self.pool.with_worker((self.groups.process(key), engine), case, process_use, |worker| {
            worker.open(plan, engine, key.1)?;
            // The first pass of its kind in a process is another quantity, however long it takes.
            let is_new = !worker.made.contains(&pass) && !pass.is_warm();
            (process, discards_first) = (worker.number, !pass.is_cold() && (is_new || matters));
            let renews = case.renews_instances && !case.fresh_instance;
            let artifact = ArtifactPaths { stem: &stem, saved, also_saved, renews };
            if pass.is_warm() {
                worker.hold(saved, (warm_up_calls, case.fresh_instance))?;
            }
            let answer = batch::take(worker, pass, (count, discards_first), reading, artifact, &mut batch);
            worker.made.insert(pass);
            answer
        });
        self.timed_ns += batch.timed_ns();
        self.drops_ns += batch.drops_ns();
        let start = Instant::now();
        self.keep(moment, key, pass, &batch, (process, discards_first))?;
        self.writing_ns += nanoseconds(start.elapsed());
        match answer {
            Ok(()) => Ok(()),
            Err(error) => self.record_error(round, key, pass, &error),
        }
    }

    /// Records a batch.
    fn keep(
        &mut self,
        moment: Moment,
        key: CellKey,
        pass: Pass,
        batch: &Batch,
        (process, discards_first): (u32, bool),
    ) -> io::Result<()> {
        let plan = self.plan;
        let (engine, case) = (&plan.engines[key.0], &plan.cases[key.1]);
        let cell = self.cells.entry(key).or_default();
        if let Some(unit_ns) = batch.unit_ns() {
            cell.unit_ns.insert(pass, unit_ns);
        }
        if let Some(artifact) = batch.artifact()
            && let Some(old) = cell.artifact.replace(artifact.path.clone())
        {
            std::fs::remove_file(old)?;
        }
        if moment.0 == 0 {
            cell.surveyed_jit_ns = cell.unit_ns.get(&Pass::Jit).copied().unwrap_or(0);
            return self.record_size(engine, case, pass, batch);
        }
        cell.measured |= !batch.passes.is_empty() || !batch.warm.is_empty();
        cell.first_round.get_or_insert(moment.0);
        if !pass.is_cold() {
            let block = self.block_of(key, pass);
            self.precision.note(block, (pass, key), moment, batch, discards_first);
        }
        let first_is_cold = discards_first || pass.is_cold();
        let readings = batch::readings(moment, (engine, case, pass), process, first_is_cold, batch);
        self.recorder.readings(&readings)
    }

    /// Records why a batch has no readings, or ended early.
    fn record_error(&mut self, round: u32, key: CellKey, pass: Pass, error: &WorkerError) -> io::Result<()> {
        let is_mvp = || self.plan.cases[key.1].is_mvp();
        let (kind, phase) = match error {
            WorkerError::Failed(failure) => {
                (FailureKind::of(failure.error.kind, failure.phase, is_mvp), failure.phase)
            }
            _ => (FailureKind::Failed, None),
        };
        let kind = if kind == FailureKind::Failed { self.kind_of_failure(round, key, error) } else { kind };
        let reason = match kind {
            FailureKind::FailedLate => {
                format!("failed in round {round} of {}: {error}", self.effort.rounds.max(round))
            }
            FailureKind::Machine => format!("the machine ran out of {}: {error}", shortage(error)),
            FailureKind::Failed | FailureKind::Unsupported | FailureKind::NotSteady => error.to_string(),
        };
        self.record_failure(round, key, pass, kind, phase, reason)
    }

    /// Whose fault something is that should have worked, and whether the rounds before it count. A wrong
    /// result makes all of the cell's times doubtful.
    fn kind_of_failure(&mut self, round: u32, key: CellKey, error: &WorkerError) -> FailureKind {
        let out_of_memory = self.memory_kills.any_since() && error.was_killed();
        let is_wrong = matches!(error, WorkerError::Failed(one) if one.error.kind == ErrorKind::WrongResult);
        let has_rounds =
            self.cells.get(&key).and_then(|cell| cell.first_round).is_some_and(|first| first < round);
        match () {
            () if out_of_memory || error.is_full_disk() => FailureKind::Machine,
            () if has_rounds && !is_wrong => FailureKind::FailedLate,
            () => FailureKind::Failed,
        }
    }

    fn record_failure(
        &mut self,
        round: u32,
        key: CellKey,
        pass: Pass,
        kind: FailureKind,
        phase: Option<Phase>,
        reason: String,
    ) -> io::Result<()> {
        let (engine, case) = (&self.plan.engines[key.0], &self.plan.cases[key.1]);
        let cell = self.cells.entry(key).or_default();
        cell.done.insert(pass);
        cell.failed |= kind != FailureKind::Unsupported;
        self.recorder.failure(&Failure {
            round,
            engine: engine.name.clone(),
            entry: engine.entry,
            sample: case.sample.clone(),
            variant: case.variant.clone(),
            size: case.size.clone(),
            pass,
            phase,
            kind,
            reason,
        })
    }

    /// Makes no more batches of `engine`.
    pub fn leave_out(&mut self, engine: usize) {
        for case in 0..self.plan.cases.len() {
            self.cells.entry((engine, case)).or_default().done.extend(all_passes());
        }
    }

    /// How a cell's share of a round is divided, as far as earlier batches tell: into how many batches,
    /// and how long each takes, in nanoseconds. `None` where none is taken.
    pub fn division(&self, key: CellKey, pass: Pass) -> Option<(u32, u64)> {
        if self.is_done(key, pass) {
            return None;
        }
        let unit_ns = self.cells.get(&key).and_then(|cell| cell.unit_ns.get(&pass)).copied();
        let Some(unit_ns) = unit_ns else { return Some((1, 0)) };
        let (batches, readings) = division(&self.effort, pass, unit_ns);
        Some((batches, batch_ns(unit_ns, readings)))
    }
}

/// What the machine ran out of.
fn shortage(error: &WorkerError) -> &'static str {
    if error.is_full_disk() { "disk space" } else { "memory" }
}

fn all_passes() -> impl Iterator<Item = Pass> {
    Pass::COMPILING.into_iter().chain(Pass::RUNNING)
}
