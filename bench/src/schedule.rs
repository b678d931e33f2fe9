//! The order of measuring: a survey that tries and checks every cell once, then rounds of
//! blocks. A block is one case and one kind of turn, with every engine in it in random order, so
//! that a drift of the machine hits all engines alike and every reading has its partners.

use crate::crew::{Crew, Role};
use crate::plan::{Case, EngineSpec, Plan};
use crate::results::{Missing, Recorder, Size, Verdict};
use crate::turn::{self, Artifact, Harvest, Turn};
use crate::worker::WorkerError;
use protocol::{ErrorKind, Phase};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How far a run is.
#[derive(Clone, Debug)]
pub struct Progress<'a> {
    /// The round, from 1; 0 is the survey.
    pub round: u32,
    /// Work done in this stage, in nanoseconds for rounds and in turns for the survey.
    pub done: u64,
    /// Work of this stage in all.
    pub total: u64,
    /// The sample that is being measured.
    pub sample: &'a str,
}

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Rounds that were begun and finished.
    pub rounds: u32,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// Cells in which at least one reading was taken.
    pub measured_cells: usize,
    /// Cells that should have worked and did not.
    pub failed_cells: usize,
    /// Processor time that stopped workers used, in nanoseconds; must be zero.
    pub stolen_cpu_ns: u64,
}

/// Measures `plan`; readings go to `recorder` as they are made. It ends early, with everything
/// written, when `interrupted` becomes true.
///
/// # Errors
/// When results or artifacts cannot be written; failing engines are no error.
pub fn run(
    plan: &Plan,
    recorder: &mut Recorder,
    interrupted: &AtomicBool,
    mut progress: impl FnMut(Progress<'_>),
) -> io::Result<Outcome> {
    std::fs::create_dir_all(&plan.artifacts)?;
    let mut session = Session {
        plan,
        recorder,
        interrupted,
        rng: ChaCha8Rng::seed_from_u64(plan.seed),
        crew: Crew::new(plan.effort.limit),
        cells: HashMap::new(),
        started: Instant::now(),
    };
    session.survey(&mut progress)?;
    let rounds = session.rounds(&mut progress)?;
    session.crew.dismiss();
    std::fs::remove_dir_all(&plan.artifacts)?;
    Ok(Outcome {
        rounds,
        interrupted: interrupted.load(Ordering::Relaxed),
        measured_cells: session.cells.values().filter(|cell| cell.measured).count(),
        failed_cells: session.cells.values().filter(|cell| cell.failed).count(),
        stolen_cpu_ns: session.crew.stolen_cpu_ns(),
    })
}

/// What is known of an engine on a case.
#[derive(Debug, Default)]
struct Cell {
    /// Turns that are not taken (again).
    without: BTreeSet<Turn>,
    /// A failure that makes all of the cell's times meaningless.
    failed: bool,
    measured: bool,
    artifact: Option<PathBuf>,
    /// Wall time of one pass or reading, by turn, in nanoseconds.
    unit_ns: HashMap<Turn, u64>,
}

type Key = (usize, usize);

struct Session<'a> {
    plan: &'a Plan,
    recorder: &'a mut Recorder,
    interrupted: &'a AtomicBool,
    rng: ChaCha8Rng,
    crew: Crew,
    cells: HashMap<Key, Cell>,
    started: Instant,
}

impl Session<'_> {
    /// Tries every turn of every cell once and keeps no time: results are checked, costs are
    /// learned, and what cannot be is written down with its reason.
    fn survey(&mut self, progress: &mut impl FnMut(Progress<'_>)) -> io::Result<()> {
        let plan = self.plan;
        let turns = Turn::COMPILING.into_iter().chain(Turn::RUNNING);
        let blocks: Vec<(usize, Turn)> =
            (0..plan.cases.len()).flat_map(|case| turns.clone().map(move |turn| (case, turn))).collect();
        let total = (blocks.len() * plan.engines.len()) as u64;
        let mut done = 0;
        for (case, turn) in blocks {
            for engine in 0..plan.engines.len() {
                progress(Progress { round: 0, done, total, sample: &plan.cases[case].sample });
                self.take_turn(0, (engine, case), turn)?;
                done += 1;
                if self.interrupted.load(Ordering::Relaxed) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn rounds(&mut self, progress: &mut impl FnMut(Progress<'_>)) -> io::Result<u32> {
        let effort = &self.plan.effort;
        let round_ns = self.round_ns();
        let total = round_ns * u64::from(effort.rounds);
        let mut done = 0;
        for round in 1..=effort.rounds {
            if round > 1 && effort.time_budget.is_some_and(|budget| self.started.elapsed() > budget) {
                return Ok(round - 1);
            }
            // Fresh processes: what differs between them must show between rounds.
            self.crew.dismiss();
            for (case, turn) in self.shuffled_blocks() {
                for engine in self.shuffled_engines() {
                    let sample = &self.plan.cases[case].sample;
                    progress(Progress { round, done, total, sample });
                    self.take_turn(round, (engine, case), turn)?;
                    done += self.turn_ns((engine, case), turn);
                    if self.interrupted.load(Ordering::Relaxed) {
                        return Ok(round - 1);
                    }
                }
            }
        }
        Ok(effort.rounds)
    }

    /// Every block of a round: cases in random order; within a case, compiling turns before
    /// those that need an artifact, each in random order.
    fn shuffled_blocks(&mut self) -> Vec<(usize, Turn)> {
        let mut cases: Vec<usize> = (0..self.plan.cases.len()).collect();
        cases.shuffle(&mut self.rng);
        let mut blocks = Vec::new();
        for case in cases {
            let mut compiling = Turn::COMPILING;
            compiling.shuffle(&mut self.rng);
            let mut running = Turn::RUNNING;
            running.shuffle(&mut self.rng);
            blocks.extend(compiling.into_iter().chain(running).map(|turn| (case, turn)));
        }
        blocks
    }

    fn shuffled_engines(&mut self) -> Vec<usize> {
        let mut engines: Vec<usize> = (0..self.plan.engines.len()).collect();
        engines.shuffle(&mut self.rng);
        engines
    }

    fn take_turn(&mut self, round: u32, key: Key, turn: Turn) -> io::Result<()> {
        let plan = self.plan;
        let engine = &plan.engines[key.0];
        let cell = self.cells.entry(key).or_default();
        if cell.failed || cell.without.contains(&turn) {
            return Ok(());
        }
        if let Some(reason) = turn.impossible(engine) {
            let reason = reason.to_owned();
            return self.go_without(round, key, turn, Verdict::Unsupported, None, reason);
        }
        let has_artifact = engine.is_native() || Turn::Aot.impossible(engine).is_none();
        let saved = match plan.cases[key.1].file(engine.input) {
            Some(library) if engine.is_native() => Some(library.to_owned()),
            _ => cell.artifact.clone(),
        };
        if has_artifact && saved.is_none() && turn.role(true) == Role::Run {
            // The AOT turn has said why there is no artifact.
            cell.without.insert(turn);
            return Ok(());
        }
        let count = match (round, cell.unit_ns.get(&turn)) {
            (0, _) | (_, None) => 1,
            (_, Some(&unit_ns)) => turn::count(&plan.effort, plan.effort.turn, unit_ns),
        };
        self.measure(round, key, turn, count, saved.as_deref())
    }

    fn measure(
        &mut self,
        round: u32,
        key: Key,
        turn: Turn,
        count: u32,
        saved: Option<&Path>,
    ) -> io::Result<()> {
        let plan = self.plan;
        let (engine, case) = (&plan.engines[key.0], &plan.cases[key.1]);
        let stem = plan.artifacts.join(format!("{}-{}-{}-{round}", engine.name, case.sample, case.variant));
        let mut harvest = Harvest::default();
        let (mut process, mut fresh) = (0, false);
        let answer = self.crew.with_seat((key.0, engine), turn.role(saved.is_some()), |seat| {
            seat.open(plan, engine, key.1)?;
            (process, fresh) = (seat.process, seat.passes == 0);
            let artifact = Artifact { stem: &stem, saved };
            let answer = turn::take(seat, turn, count, plan.effort.reading, artifact, &mut harvest);
            seat.passes += u32::try_from(harvest.passes.len()).unwrap_or(u32::MAX);
            answer
        });
        self.keep(round, key, turn, &harvest, (process, fresh))?;
        match answer {
            Ok(()) => Ok(()),
            Err(error) => self.lose(round, key, turn, &error),
        }
    }

    /// Writes down what a turn brought.
    fn keep(
        &mut self,
        round: u32,
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
        if round == 0 {
            return self.record_size(engine, case, turn, harvest);
        }
        cell.measured |= !harvest.passes.is_empty() || !harvest.warm.is_empty();
        let readings = turn::readings((round, engine, case, turn), process, fresh, harvest);
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

    /// The time that a round will take, as far as the survey can tell.
    fn round_ns(&self) -> u64 {
        let turns = Turn::COMPILING.into_iter().chain(Turn::RUNNING);
        self.cells
            .keys()
            .flat_map(|&key| turns.clone().map(move |turn| (key, turn)))
            .map(|(key, turn)| self.turn_ns(key, turn))
            .sum()
    }

    fn turn_ns(&self, key: Key, turn: Turn) -> u64 {
        let Some(cell) = self.cells.get(&key) else { return 0 };
        if cell.failed || cell.without.contains(&turn) {
            return 0;
        }
        let Some(&unit_ns) = cell.unit_ns.get(&turn) else { return 0 };
        let count = turn::count(&self.plan.effort, self.plan.effort.turn, unit_ns);
        let overhead = Duration::from_millis(2);
        unit_ns * u64::from(count) + u64::try_from(overhead.as_nanos()).unwrap_or(0)
    }
}

/// A module that an engine does not take is unsupported; anything else should have worked.
fn verdict(kind: ErrorKind, phase: Option<Phase>) -> Verdict {
    match (kind, phase) {
        (ErrorKind::Unsupported, _) | (ErrorKind::Invalid, Some(Phase::AbCompile)) => Verdict::Unsupported,
        _ => Verdict::Failed,
    }
}
