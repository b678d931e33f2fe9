//! Peak resident memory of every phase, each pass in a process of its own: `memory.csv`. Nothing
//! is timed here, since reading memory costs time.

use super::passes::{self, PassProbe, ProbeProgress, Visit};
use crate::plan::{Case, Effort, EngineEntry, EngineSpec, Plan};
use crate::process::{Client, WorkerError};
use crate::record::{CellId, Failure, Recorder, with_header};
use protocol::message::{Probe, Stretch};
use protocol::{Pass, Phase};
use serde::{Deserialize, Serialize};
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// `memory.csv`
pub const MEMORY_FILE: &str = "memory.csv";

/// A line of `memory.csv`: one phase of one pass in a fresh process, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Peak {
    /// The engine's name.
    pub engine: String,
    /// The sample's name.
    pub sample: String,
    /// The wasm's variant.
    pub variant: String,
    /// The arguments' name.
    pub size: String,
    /// The kind of pass.
    pub pass: Pass,
    /// Whether the pass loaded an artifact instead of compiling.
    pub from_artifact: bool,
    /// The phase; none where the pass has no reading.
    pub phase: Option<Phase>,
    /// Resident memory of the process before it opened a module, in bytes.
    pub idle_bytes: Option<u64>,
    /// Peak resident memory of the process in this phase, in bytes: what earlier phases of the
    /// pass have left resident is part of it, and so is what was idle.
    pub peak_bytes: Option<u64>,
    /// Whether the peak was reset when the phase began; otherwise it is that of the whole process
    /// so far.
    pub since_reset: Option<bool>,
    /// Why there is no reading.
    pub reason: Option<String>,
}

impl Peak {
    /// The cell that it belongs to.
    pub fn cell(&self) -> CellId {
        CellId {
            engine: self.engine.clone(),
            entry: EngineEntry::Subject,
            sample: self.sample.clone(),
            variant: self.variant.clone(),
            size: self.size.clone(),
        }
    }

    /// What is known of a pass before it is made.
    fn of(visit: &Visit<'_>) -> Peak {
        let CellId { engine, sample, variant, size, .. } = visit.cell();
        let from_artifact = visit.artifact.is_some() && visit.pass != Pass::Aot;
        Peak {
            engine,
            sample,
            variant,
            size,
            pass: visit.pass,
            from_artifact,
            phase: None,
            idle_bytes: None,
            peak_bytes: None,
            since_reset: None,
            reason: None,
        }
    }
}

/// Reads the peaks of every pass of `plan` into `memory.csv` in `folder`; what fails goes to
/// `recorder`. It ends early when `interrupted` becomes true.
///
/// # Errors
/// When results or artifacts cannot be written; failing engines are no error.
pub fn read(
    plan: &Plan,
    folder: &Path,
    recorder: &mut Recorder,
    interrupted: &AtomicBool,
    progress: impl FnMut(ProbeProgress<'_>),
) -> io::Result<()> {
    let columns = [
        "engine",
        "sample",
        "variant",
        "size",
        "pass",
        "from_artifact",
        "phase",
        "idle_bytes",
        "peak_bytes",
        "since_reset",
        "reason",
    ];
    let mut file = with_header(folder.join(MEMORY_FILE), &columns)?;
    let Effort { limit, memory_of_every_pass: every_pass, .. } = plan.effort;
    let mut memory = Memory { recorder, limit, every_pass };
    passes::every_pass(plan, &mut memory, &mut file, interrupted, progress)
}

struct Memory<'a> {
    recorder: &'a mut Recorder,
    limit: Duration,
    /// Whether every pass is looked at, or the one that shows most of what an engine takes.
    every_pass: bool,
}

impl PassProbe for Memory<'_> {
    type Row = Peak;

    fn saver(&self, engine: &EngineSpec, case: &Case) -> Result<Client, WorkerError> {
        Client::start(engine, case, self.limit)
    }

    fn passes(&self, engine: &EngineSpec) -> &'static [Pass] {
        match (self.every_pass, engine.lacks(Pass::Jit)) {
            (true, _) => &passes::PASSES,
            (false, None) => &[Pass::Jit],
            (false, Some(_)) => &[Pass::Run],
        }
    }

    fn needs(&self) -> Probe {
        Probe::Memory
    }

    fn look(&mut self, visit: &Visit<'_>) -> Result<Vec<Peak>, WorkerError> {
        let mut client = self.saver(visit.engine, visit.case)?;
        client.hello()?;
        let idle_bytes = resident_bytes(client.process.id()).map_err(WorkerError::Start)?;
        visit.open(&mut client)?;
        let stretches = visit.probe(&mut client, Probe::Memory)?;
        let peak = |stretch: Stretch| Peak {
            pass: visit.pass_of(stretch.phase),
            phase: stretch.phase,
            idle_bytes: Some(idle_bytes),
            peak_bytes: stretch.peak_bytes,
            since_reset: Some(stretch.since_reset),
            ..Peak::of(visit)
        };
        Ok(stretches.into_iter().map(peak).collect())
    }

    fn without(&self, visit: &Visit<'_>, reason: &str) -> Peak {
        Peak { reason: Some(reason.to_owned()), ..Peak::of(visit) }
    }

    fn failed(&mut self, failure: Failure) -> io::Result<ControlFlow<()>> {
        let reason = format!("{} (seen while its memory was read)", failure.reason);
        self.recorder.failure(&Failure { reason, ..failure })?;
        Ok(ControlFlow::Break(()))
    }
}

/// What a process has resident now, in bytes.
pub(super) fn resident_bytes(process: u32) -> io::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.map(|kib| kib * 1024).ok_or_else(|| io::Error::other("the worker's status has no VmRSS"))
}
