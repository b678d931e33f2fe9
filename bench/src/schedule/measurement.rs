//! The cells of a run and the turns that are taken in them: what each engine can do on each case,
//! what it has brought, and why it brought nothing.

use crate::machine::disturbance::RoundState;
use crate::machine::level::Calibrator;
use crate::plan::{Case, EngineSpec, Plan};
use crate::process::pool::Crew;
use crate::process::worker_process::WorkerError;
use crate::record::readings::{Missing, Reading, Recorder, Size, Verdict};
use crate::record::time_use::{Spent, ns};
use crate::schedule::batch::{self, Artifact, Harvest, Moment, Turn};
use crate::schedule::precision::{Block, Standings};
use calibration::CALIBRATION;
use protocol::{ErrorKind, Phase};
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What is known of an engine on a case.
#[derive(Debug, Default)]
pub struct Cell {
    /// Turns that are not taken (again).
    without: BTreeSet<Turn>,
    /// A failure that makes all of the cell's times meaningless.
    failed: bool,
    measured: bool,
    artifact: Option<PathBuf>,
    /// Wall time of one pass or reading, by turn, in nanoseconds.
    unit_ns: HashMap<Turn, u64>,
}

/// An engine and a case, by their numbers in the plan.
pub type Key = (usize, usize);

/// A run under way.
pub struct Session<'a> {
    plan: &'a Plan,
    recorder: &'a mut Recorder,
    crew: Crew,
    calibrator: Calibrator,
    cells: HashMap<Key, Cell>,
    /// How far each block is.
    pub standings: Standings,
}

impl<'a> Session<'a> {
    /// A session that has tried nothing yet.
    pub fn new(plan: &'a Plan, recorder: &'a mut Recorder) -> Session<'a> {
        let crew = Crew::new(plan.effort.limit, plan.effort.pin);
        Session {
            plan,
            recorder,
            crew,
            calibrator: Calibrator::start(),
            cells: HashMap::new(),
            standings: Standings::default(),
        }
    }

    /// Ends every worker, so that what follows happens in fresh processes.
    pub fn fresh_processes(&mut self) {
        self.crew.dismiss();
    }

    /// Where the time went, but for pauses and the total.
    pub fn spent(&self) -> Spent {
        Spent { calibration_ns: self.calibrator.spent_ns, ..self.crew.spent }
    }

    /// Processor time that stopped workers used, in nanoseconds.
    pub fn stolen_cpu_ns(&self) -> u64 {
        self.crew.stolen_cpu_ns()
    }

    /// How many cells were measured, and how many failed.
    pub fn counts(&self) -> (usize, usize) {
        let measured = self.cells.values().filter(|cell| cell.measured).count();
        (measured, self.cells.values().filter(|cell| cell.failed).count())
    }

    /// Writes down a round that is over; one that is not used is forgotten.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn end_round(&mut self, round: &RoundState) -> io::Result<()> {
        if !round.used {
            self.standings.forget(round.round);
        }
        self.recorder.round(round)
    }

    /// Whether a cell brings nothing more in turns of this kind.
    pub fn is_without(&self, key: Key, turn: Turn) -> bool {
        self.cells.get(&key).is_some_and(|cell| cell.failed || cell.without.contains(&turn))
    }

    /// Times the calibration kernel as a member of `block`, while every worker stands still.
    ///
    /// # Errors
    /// When the readings cannot be written.
    pub fn calibrate(&mut self, (round, cycle): Moment, (case, turn): Block) -> io::Result<()> {
        let case = &self.plan.cases[case];
        let Some(wall_ns) = self.calibrator.level_ns() else { return Ok(()) };
        self.recorder.readings(&[Reading {
            round,
            process: 0,
            engine: CALIBRATION.to_owned(),
            sample: case.sample.clone(),
            variant: case.variant.clone(),
            size: case.size.clone(),
            pass: turn.pass(),
            phase: turn.phase(),
            cycle,
            iteration: 0,
            cold: turn.is_cold(),
            calls: 1,
            wall_ns,
            cpu_ns: None,
        }])
    }

    /// Has an engine take its turn on a case. Round 0 is the survey: it tries and checks with a
    /// single pass and keeps no time.
    ///
    /// # Errors
    /// When results cannot be written; a failing engine is no error.
    pub fn take_turn(&mut self, moment: Moment, key: Key, turn: Turn) -> io::Result<()> {
        let plan = self.plan;
        let engine = &plan.engines[key.0];
        let cell = self.cells.entry(key).or_default();
        if cell.failed || cell.without.contains(&turn) {
            return Ok(());
        }
        let case = &plan.cases[key.1];
        if !turn.belongs_to(case, &engine.name) {
            cell.without.insert(turn);
            return Ok(());
        }
        if let Some(reason) = case.failure_of(&engine.name) {
            let reason = reason.to_owned();
            return self.go_without(moment.0, key, turn, Verdict::Failed, None, reason);
        }
        let only = case.only_compiled(&engine.name).filter(|_| turn.needs_instances());
        let lack = only.or_else(|| case.lacks(engine.input));
        if let Some(reason) = lack.or_else(|| turn.impossible(engine)) {
            let reason = reason.to_owned();
            return self.go_without(moment.0, key, turn, Verdict::Unsupported, None, reason);
        }
        let has_artifact = engine.is_native() || Turn::Aot.impossible(engine).is_none();
        let saved = match case.file(engine.input) {
            Some(library) if engine.is_native() => Some(library.to_owned()),
            _ => cell.artifact.clone(),
        };
        if has_artifact && saved.is_none() && turn.loads() {
            // The AOT turn has said why there is no artifact.
            cell.without.insert(turn);
            return Ok(());
        }
        let count = match (moment.0, cell.unit_ns.get(&turn)) {
            (0, _) | (_, None) => 1,
            (_, Some(&unit_ns)) => batch::division(&plan.effort, turn, unit_ns).1,
        };
        self.measure(moment, key, turn, count, saved.as_deref())
    }

    fn measure(
        &mut self,
        moment: Moment,
        key: Key,
        turn: Turn,
        count: u32,
        saved: Option<&Path>,
    ) -> io::Result<()> {
        let plan = self.plan;
        let (engine, case) = (&plan.engines[key.0], &plan.cases[key.1]);
        let (round, cycle) = moment;
        let name = format!("{}-{}-{}-{round}-{cycle}", engine.name, case.sample, case.variant);
        let stem = plan.artifacts.join(name);
        let mut harvest = Harvest::default();
        let (mut process, mut fresh) = (0, false);
        let answer = self.crew.with_seat((key.0, engine), turn.role(saved.is_some()), |seat| {
            seat.open(plan, engine, key.1)?;
            (process, fresh) = (seat.process, !seat.taken.contains(&turn));
            let artifact = Artifact { stem: &stem, saved };
            let answer = batch::take(seat, turn, count, plan.effort.reading, artifact, &mut harvest);
            seat.taken.insert(turn);
            answer
        });
        let spent = &mut self.crew.spent;
        let (timed_ns, drops_ns) = (harvest.timed_ns(), harvest.drops_ns());
        spent.timed_ns += timed_ns;
        spent.drops_ns += drops_ns;
        spent.around_ns = spent.around_ns.saturating_sub(timed_ns + drops_ns);
        let start = Instant::now();
        self.keep(moment, key, turn, &harvest, (process, fresh))?;
        self.crew.spent.writing_ns += ns(start.elapsed());
        match answer {
            Ok(()) => Ok(()),
            Err(error) => self.lose(round, key, turn, &error),
        }
    }

    /// Writes down what a turn brought.
    fn keep(
        &mut self,
        moment: Moment,
        key: Key,
        turn: Turn,
        harvest: &Harvest,
        (process, fresh): (u32, bool),
    ) -> io::Result<()> {
        let plan = self.plan;
        let (engine, case) = (&plan.engines[key.0], &plan.cases[key.1]);
        let cell = self.cells.entry(key).or_default();
        if let Some(unit_ns) = harvest.unit_ns() {
            cell.unit_ns.insert(turn, unit_ns);
        }
        if let Some((path, _)) = harvest.artifact()
            && let Some(old) = cell.artifact.replace(path.clone())
        {
            std::fs::remove_file(old)?;
        }
        if moment.0 == 0 {
            return self.record_size(engine, case, turn, harvest);
        }
        cell.measured |= !harvest.passes.is_empty() || !harvest.warm.is_empty();
        if !turn.is_cold() {
            self.standings.note((key.1, turn), key.0, moment, harvest, fresh);
        }
        let readings = batch::readings(moment, (engine, case, turn), process, fresh, harvest);
        self.recorder.readings(&readings)
    }

    /// Writes down the artifact's bytes; a native library is its own artifact.
    fn record_size(
        &mut self,
        engine: &EngineSpec,
        case: &Case,
        turn: Turn,
        harvest: &Harvest,
    ) -> io::Result<()> {
        let Some(module) = case.file(engine.input) else { return Ok(()) };
        let module_bytes = std::fs::metadata(module)?.len();
        let artifact_bytes = match harvest.artifact() {
            Some((_, artifact_bytes)) => *artifact_bytes,
            None if engine.is_native() && turn == Turn::Run => module_bytes,
            None => return Ok(()),
        };
        self.recorder.size(&Size {
            engine: engine.name.clone(),
            sample: case.sample.clone(),
            variant: case.variant.clone(),
            module_bytes,
            artifact_bytes,
        })
    }

    /// Writes down why a turn brought nothing, or ended early.
    fn lose(&mut self, round: u32, key: Key, turn: Turn, error: &WorkerError) -> io::Result<()> {
        let (verdict, phase) = match error {
            WorkerError::Failed(failure) => (verdict(failure.error.kind, failure.phase), failure.phase),
            _ => (Verdict::Failed, None),
        };
        self.go_without(round, key, turn, verdict, phase, error.to_string())
    }

    fn go_without(
        &mut self,
        round: u32,
        key: Key,
        turn: Turn,
        verdict: Verdict,
        phase: Option<Phase>,
        reason: String,
    ) -> io::Result<()> {
        let (engine, case) = (&self.plan.engines[key.0], &self.plan.cases[key.1]);
        let cell = self.cells.entry(key).or_default();
        cell.without.insert(turn);
        cell.failed |= verdict == Verdict::Failed;
        self.recorder.missing(&Missing {
            round,
            engine: engine.name.clone(),
            sample: case.sample.clone(),
            variant: case.variant.clone(),
            size: case.size.clone(),
            pass: turn.pass(),
            phase,
            verdict,
            reason,
        })
    }

    /// How a cell's share of a round is divided, as far as earlier turns tell: into how many turns,
    /// and how long each takes, in nanoseconds. `None` where it takes no turn.
    pub fn division(&self, key: Key, turn: Turn) -> Option<(u32, u64)> {
        if self.is_without(key, turn) {
            return None;
        }
        let unit_ns = self.cells.get(&key).and_then(|cell| cell.unit_ns.get(&turn)).copied();
        let Some(unit_ns) = unit_ns else { return Some((1, 0)) };
        let (turns, readings) = batch::division(&self.plan.effort, turn, unit_ns);
        Some((turns, unit_ns * u64::from(readings) + ns(TURN_OVERHEAD)))
    }
}

/// What a turn takes beside its readings: processes are stopped and continued.
const TURN_OVERHEAD: Duration = Duration::from_micros(500);

/// A module that an engine does not take is unsupported; anything else should have worked.
pub fn verdict(kind: ErrorKind, phase: Option<Phase>) -> Verdict {
    match (kind, phase) {
        // Lucet looks imports up when it compiles.
        (ErrorKind::Unsupported, _) | (ErrorKind::Invalid | ErrorKind::Link, Some(Phase::AbCompile)) => {
            Verdict::Unsupported
        }
        _ => Verdict::Failed,
    }
}
