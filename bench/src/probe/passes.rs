//! What the stages that look on instead of timing have in common: every engine on every case, each
//! pass in a process of its own, one at a time. What goes wrong loses a pass and never the run.

use crate::plan::{Case, EngineSpec, Plan, twin_of};
use crate::process::artifact;
use crate::process::worker_process::{Worker, WorkerError};
use crate::record::readings::{self, CellId, Missing, Verdict};
use crate::schedule::batch::Turn;
use crate::schedule::measurement;
use protocol::Pass;
use protocol::message::{Probe, Reply, Request, Stretch};
use serde::Serialize;
use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// The turns whose passes are looked at.
const TURNS: [Turn; 6] = [Turn::Parse, Turn::Jit, Turn::Aot, Turn::Run, Turn::Load, Turn::Call];

/// How far a stage is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// Cells that are done.
    pub done: usize,
    /// Cells in all.
    pub total: usize,
    /// The sample that is looked at.
    pub sample: &'a str,
    /// The engine that is looked at.
    pub engine: &'a str,
}

/// One pass of one engine on one case.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// The engine.
    pub engine: &'a EngineSpec,
    /// The case.
    pub case: &'a Case,
    /// The pass.
    pub pass: Pass,
    /// What an AOT pass writes and the others load, where there is one.
    pub artifact: Option<&'a Path>,
}

impl Visit<'_> {
    /// The cell that it belongs to.
    pub fn cell(&self) -> CellId {
        CellId {
            engine: self.engine.name.clone(),
            sample: self.case.sample.clone(),
            variant: self.case.variant.clone(),
            size: self.case.size.clone(),
        }
    }

    /// Has `worker` open the case.
    ///
    /// # Errors
    /// Those of the worker.
    pub fn open(&self, worker: &mut Worker) -> Result<(), WorkerError> {
        let open =
            self.case.open(self.engine.input).ok_or_else(|| artifact::no_file(self.engine, self.case))?;
        worker.ask(&open, |_| {})
    }

    /// Has `worker` go through the pass with `probe`; gives what stands between its boundaries.
    ///
    /// # Errors
    /// Those of the worker.
    pub fn probe(&self, worker: &mut Worker, probe: Probe) -> Result<Vec<Stretch>, WorkerError> {
        let request = Request::Probe { probe, pass: self.pass, artifact: self.artifact.map(Path::to_owned) };
        let mut seen = Vec::new();
        worker.ask(&request, |reply| {
            if let Reply::Probed { stretches } = reply {
                seen = stretches;
            }
        })?;
        Ok(seen)
    }
}

/// Something that looks at passes, and what it writes down.
pub trait Look {
    /// A line of its file.
    type Row: Serialize;

    /// A worker that saves what the workers that are looked at load.
    ///
    /// # Errors
    /// [`WorkerError::Start`].
    fn saver(&self, engine: &EngineSpec) -> Result<Worker, WorkerError>;

    /// Looks at one pass, in a process that it starts.
    ///
    /// # Errors
    /// Those of the worker.
    fn look(&mut self, visit: &Visit<'_>) -> Result<Vec<Self::Row>, WorkerError>;

    /// The line of a pass that nothing is known of, because of `reason`.
    fn without(&self, visit: &Visit<'_>, reason: &str) -> Self::Row;

    /// Why no pass at all can be looked at, once that is known.
    fn impossible(&self) -> Option<&str> {
        None
    }

    /// Is told of a pass that should have worked and did not; says whether the cell's other passes
    /// are to be looked at.
    ///
    /// # Errors
    /// When it cannot be written down.
    fn failed(&mut self, missing: Missing) -> io::Result<ControlFlow<()>>;
}

/// Has `look` look at every pass of `plan` and writes what it brings to the lines of `file`, which
/// are on disk before the next pass begins. It ends early when `interrupted` becomes true.
///
/// # Errors
/// When results or artifacts cannot be written; failing engines are no error.
pub fn every_pass<L: Look>(
    plan: &Plan,
    look: &mut L,
    file: &mut csv::Writer<File>,
    interrupted: &AtomicBool,
    mut progress: impl FnMut(Progress<'_>),
) -> io::Result<()> {
    let folder = plan.artifacts.join("probed");
    std::fs::create_dir_all(&folder)?;
    let mut stage = Stage { look, file, interrupted, folder: &folder };
    // Twins are there for their times; they are the same programs.
    let engines: Vec<&EngineSpec> =
        plan.engines.iter().filter(|engine| twin_of(&engine.name).is_none() && !engine.planted).collect();
    let cells = plan.cases.iter().flat_map(|case| engines.iter().map(move |engine| (case, *engine)));
    let total = plan.cases.len() * engines.len();
    for (done, (case, engine)) in cells.enumerate() {
        progress(Progress { done, total, sample: &case.sample, engine: &engine.name });
        stage.cell(engine, case)?;
    }
    std::fs::remove_dir_all(&folder)
}

struct Stage<'a, L: Look> {
    look: &'a mut L,
    file: &'a mut csv::Writer<File>,
    interrupted: &'a AtomicBool,
    folder: &'a Path,
}

impl<L: Look> Stage<'_, L> {
    fn cell(&mut self, engine: &EngineSpec, case: &Case) -> io::Result<()> {
        let mut saved = None;
        for turn in TURNS {
            if self.interrupted.load(Ordering::Relaxed) {
                break;
            }
            let visit = Visit { engine, case, pass: turn.pass(), artifact: None };
            if !turn.belongs_to(case, &engine.name) {
                continue;
            }
            let only = case.only_compiled(&engine.name).filter(|_| turn.needs_instances());
            let failed = case.failure_of(&engine.name);
            let lack = failed.or(only).or_else(|| case.lacks(engine.input));
            let reason = lack.or_else(|| turn.impossible(engine));
            if let Some(reason) = reason.or_else(|| self.look.impossible()) {
                let row = self.look.without(&visit, reason);
                readings::append(self.file, &[row])?;
                continue;
            }
            let brought = self
                .artifact(turn, &visit, &mut saved)
                .and_then(|artifact| self.look.look(&Visit { artifact: artifact.as_deref(), ..visit }));
            match brought {
                Ok(rows) => readings::append(self.file, &rows)?,
                Err(error) => {
                    if self.lose(&visit, &error)?.is_break() {
                        break;
                    }
                }
            }
        }
        saved.map_or(Ok(()), std::fs::remove_file)
    }

    /// What the pass writes or loads, where it does; made when it is first needed.
    fn artifact(
        &self,
        turn: Turn,
        visit: &Visit<'_>,
        saved: &mut Option<PathBuf>,
    ) -> Result<Option<PathBuf>, WorkerError> {
        let Visit { engine, case, .. } = *visit;
        let stem = self.folder.join(format!("{}-{}-{}", engine.name, case.sample, case.variant));
        match turn {
            Turn::Aot => Ok(Some(stem.with_added_extension("probed"))),
            Turn::Run | Turn::Call if engine.is_native() => Ok(case.file(engine.input).map(Path::to_owned)),
            Turn::Run | Turn::Load | Turn::Call if Turn::Aot.impossible(engine).is_none() => {
                if saved.is_none() {
                    let mut saver = self.look.saver(engine)?;
                    *saved = Some(artifact::save_in(&mut saver, engine, case, &stem)?.0);
                }
                Ok(saved.clone())
            }
            _ => Ok(None),
        }
    }

    /// Writes down why a pass brought nothing.
    fn lose(&mut self, visit: &Visit<'_>, error: &WorkerError) -> io::Result<ControlFlow<()>> {
        let (verdict, phase) = match error {
            WorkerError::Failed(failure) => {
                (measurement::verdict(failure.error.kind, failure.phase), failure.phase)
            }
            _ => (Verdict::Failed, None),
        };
        let row = self.look.without(visit, &error.to_string());
        readings::append(self.file, &[row])?;
        if verdict == Verdict::Unsupported {
            return Ok(ControlFlow::Continue(()));
        }
        let CellId { engine, sample, variant, size } = visit.cell();
        let (pass, reason) = (visit.pass, error.to_string());
        self.look.failed(Missing { round: 0, engine, sample, variant, size, pass, phase, verdict, reason })
    }
}
