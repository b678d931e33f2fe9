//! What the probes have in common: every engine on every case, each pass in a process of its own, one
//! at a time. A pass that fails is recorded and never ends the run.

use crate::plan::{Case, EngineSpec, Plan};
use crate::process::{Client, WorkerError, artifact};
use crate::record::{CellId, Failure, FailureKind, append};
use protocol::message::{Probe, Stretch};
use protocol::{Pass, Phase};
use serde::Serialize;
use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// The passes that are probed; that of a warm call instantiates, too.
pub(crate) const PASSES: [Pass; 6] =
    [Pass::Parse, Pass::Jit, Pass::Aot, Pass::Run, Pass::Load, Pass::WarmCall];

/// The progress of a probe.
#[derive(Clone, Copy, Debug)]
pub struct ProbeProgress<'a> {
    /// Cells that are done.
    pub done: usize,
    /// Cells in all.
    pub total: usize,
    /// The sample that is being probed.
    pub sample: &'a str,
    /// The engine that is being probed.
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
        CellId::of(self.engine, self.case)
    }

    /// The pass that `phase` belongs to: the pass of a warm call instantiates, too.
    pub fn pass_of(&self, phase: Option<Phase>) -> Pass {
        match phase {
            Some(Phase::CInstantiateWarm) => Pass::WarmInstantiate,
            _ => self.pass,
        }
    }

    /// Has the worker of `client` open the case.
    ///
    /// # Errors
    /// Those of the worker.
    pub fn open(&self, client: &mut Client) -> Result<(), WorkerError> {
        client.open(self.case, self.engine)
    }

    /// Has the worker make the pass with `probe`; gives what was read between its phase boundaries.
    ///
    /// # Errors
    /// Those of the worker.
    pub fn probe(&self, client: &mut Client, probe: Probe) -> Result<Vec<Stretch>, WorkerError> {
        client.probe(probe, self.pass, self.artifact)
    }
}

/// A probe: makes passes and gives the records of its file.
pub trait PassProbe {
    /// A line of its file.
    type Row: Serialize;

    /// A worker that saves the artifacts that the probed workers load.
    ///
    /// # Errors
    /// [`WorkerError::Start`].
    fn saver(&self, engine: &EngineSpec, case: &Case) -> Result<Client, WorkerError>;

    /// The passes of `engine` that are probed.
    fn passes(&self, engine: &EngineSpec) -> &'static [Pass] {
        let _ = engine;
        &PASSES
    }

    /// What a worker must offer to be probed.
    fn needs(&self) -> Probe;

    /// Makes one pass, in a process that it starts.
    ///
    /// # Errors
    /// Those of the worker.
    fn look(&mut self, visit: &Visit<'_>) -> Result<Vec<Self::Row>, WorkerError>;

    /// The record of a pass that has no figure, because of `reason`.
    fn without(&self, visit: &Visit<'_>, reason: &str) -> Self::Row;

    /// Why no pass at all can be probed, once that is known.
    fn impossible(&self) -> Option<&str> {
        None
    }

    /// Receives a pass that should have worked and did not; gives whether the cell's other passes
    /// are to be probed.
    ///
    /// # Errors
    /// When it cannot be recorded.
    fn failed(&mut self, failure: Failure) -> io::Result<ControlFlow<()>>;
}

/// Probes every pass of `plan` and writes the records to `file`, each to disk before the next pass
/// begins. It ends early when `interrupted` becomes true.
///
/// # Errors
/// When results or artifacts cannot be written; failing engines are no error.
pub fn every_pass<L: PassProbe>(
    plan: &Plan,
    look: &mut L,
    file: &mut csv::Writer<File>,
    interrupted: &AtomicBool,
    mut progress: impl FnMut(ProbeProgress<'_>),
) -> io::Result<()> {
    let folder = plan.artifacts.join("probed");
    std::fs::create_dir_all(&folder)?;
    let mut stage = Stage { look, file, interrupted, folder: &folder };
    // Controls are entered for their times; they are the same programs.
    let engines: Vec<&EngineSpec> = plan.engines.iter().filter(|engine| engine.is_subject()).collect();
    let cells = plan.cases.iter().flat_map(|case| engines.iter().map(move |engine| (case, *engine)));
    let total = plan.cases.len() * engines.len();
    for (done, (case, engine)) in cells.enumerate() {
        progress(ProbeProgress { done, total, sample: &case.sample, engine: &engine.name });
        stage.cell(engine, case)?;
    }
    std::fs::remove_dir_all(&folder)
}

/// Why the worker of `engine` cannot be probed with `probe`, where it cannot.
fn lacks(engine: &EngineSpec, probe: Probe) -> Option<&'static str> {
    let reason = match probe {
        Probe::Memory => "the worker of this engine does not read its memory",
        Probe::Counters | Probe::Marks => "the worker of this engine does not count instructions",
    };
    (!engine.hello.probes.contains(&probe)).then_some(reason)
}

struct Stage<'a, L: PassProbe> {
    look: &'a mut L,
    file: &'a mut csv::Writer<File>,
    interrupted: &'a AtomicBool,
    folder: &'a Path,
}

impl<L: PassProbe> Stage<'_, L> {
    fn cell(&mut self, engine: &EngineSpec, case: &Case) -> io::Result<()> {
        let mut saved = None;
        for &pass in self.look.passes(engine) {
            if self.interrupted.load(Ordering::Relaxed) {
                break;
            }
            let visit = Visit { engine, case, pass, artifact: None };
            if !case.has_pass(pass, &engine.name) {
                continue;
            }
            let reason = case.failure_of(&engine.name).or_else(|| case.unsupported(pass, engine));
            let reason =
                reason.or_else(|| self.look.impossible().or_else(|| lacks(engine, self.look.needs())));
            if let Some(reason) = reason {
                let row = self.look.without(&visit, reason);
                append(self.file, &[row])?;
                continue;
            }
            let rows = self
                .artifact(&visit, &mut saved)
                .and_then(|artifact| self.look.look(&Visit { artifact: artifact.as_deref(), ..visit }));
            match rows {
                Ok(rows) => append(self.file, &rows)?,
                Err(error) => {
                    if self.record_error(&visit, &error)?.is_break() {
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
        visit: &Visit<'_>,
        saved: &mut Option<PathBuf>,
    ) -> Result<Option<PathBuf>, WorkerError> {
        let Visit { engine, case, .. } = *visit;
        let stem = self.folder.join(format!("{}-{}-{}", engine.name, case.sample, case.variant));
        match visit.pass {
            Pass::Aot => Ok(Some(stem.with_added_extension("probed"))),
            Pass::Run | Pass::WarmCall if engine.is_native() => {
                Ok(case.file(engine.input).map(Path::to_owned))
            }
            Pass::Run | Pass::Load | Pass::WarmCall if engine.lacks(Pass::Aot).is_none() => {
                if saved.is_none() {
                    let mut saver = self.look.saver(engine, case)?;
                    *saved = Some(artifact::save_with(&mut saver, engine, case, &stem)?.path);
                }
                Ok(saved.clone())
            }
            _ => Ok(None),
        }
    }

    /// Records why a pass has no figure.
    fn record_error(&mut self, visit: &Visit<'_>, error: &WorkerError) -> io::Result<ControlFlow<()>> {
        let (kind, phase) = match error {
            WorkerError::Failed(failure) => {
                (FailureKind::of(failure.error.kind, failure.phase, || visit.case.is_mvp()), failure.phase)
            }
            _ => (FailureKind::Failed, None),
        };
        let row = self.look.without(visit, &error.to_string());
        append(self.file, &[row])?;
        if kind == FailureKind::Unsupported {
            return Ok(ControlFlow::Continue(()));
        }
        let CellId { engine, entry, sample, variant, size } = visit.cell();
        let (pass, reason) = (visit.pass, error.to_string());
        self.look.failed(Failure {
            round: 0,
            engine,
            entry,
            sample,
            variant,
            size,
            pass,
            phase,
            kind,
            reason,
        })
    }
}
