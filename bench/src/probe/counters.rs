//! Instructions and cycles of every phase, by the system's counters or by counting them one by
//! one under callgrind: `counters.csv`. Nothing is timed here.

use crate::plan::{EngineSpec, Plan};
use crate::probe::callgrind::Callgrind;
use crate::probe::passes::{self, Look, Progress, Visit};
use crate::process::worker_process::{Worker, WorkerError};
use crate::record::readings::{self, CellId, Missing};
use protocol::message::{Failure, Probe};
use protocol::{ErrorKind, Pass, Phase};
use serde::{Deserialize, Serialize};
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// `counters.csv`
pub const COUNTERS_FILE: &str = "counters.csv";

/// Fresh processes whose median is taken where the figure differs between them.
const PROCESSES: usize = 5;

/// Who counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The processor, through the system's counters: user space, all threads.
    Perf,
    /// Valgrind's callgrind, which runs the worker on a processor of its own making: user space,
    /// all threads, one at a time. The same figure on every machine, or nearly.
    Callgrind,
}

impl Source {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Source::Perf => "perf",
            Source::Callgrind => "callgrind",
        }
    }
}

/// A line of `counters.csv`: one phase of the first pass of a fresh process, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Count {
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
    /// The phase; none where the pass has no reading.
    pub phase: Option<Phase>,
    /// Fresh processes that went through the pass.
    pub processes: usize,
    /// Instructions in user space: the median of the processes.
    pub instructions: Option<u64>,
    /// Those of the process with the fewest.
    pub instructions_min: Option<u64>,
    /// Those of the process with the most.
    pub instructions_max: Option<u64>,
    /// Cycles in user space: the median of the processes.
    pub cycles: Option<u64>,
    /// Who counted.
    pub source: Source,
    /// Why there is no figure.
    pub reason: Option<String>,
}

impl Count {
    /// The cell that it belongs to.
    pub fn cell(&self) -> CellId {
        CellId {
            engine: self.engine.clone(),
            sample: self.sample.clone(),
            variant: self.variant.clone(),
            size: self.size.clone(),
        }
    }

    fn without(visit: &Visit<'_>, source: Source, reason: &str) -> Count {
        let CellId { engine, sample, variant, size } = visit.cell();
        Count {
            engine,
            sample,
            variant,
            size,
            pass: visit.pass,
            phase: None,
            processes: 0,
            instructions: None,
            instructions_min: None,
            instructions_max: None,
            cycles: None,
            source,
            reason: Some(reason.to_owned()),
        }
    }

    /// The lines of a pass that several processes have gone through.
    fn of(visit: &Visit<'_>, source: Source, processes: &[Vec<Counted>]) -> Vec<Count> {
        let Some(first) = processes.first() else { return Vec::new() };
        let line = |(index, counted): (usize, &Counted)| {
            let same_phase = || processes.iter().filter_map(move |process| process.get(index));
            let mut instructions: Vec<u64> = same_phase().map(|one| one.instructions).collect();
            let mut cycles: Vec<u64> = same_phase().filter_map(|one| one.cycles).collect();
            instructions.sort_unstable();
            cycles.sort_unstable();
            Count {
                phase: Some(counted.phase),
                processes: instructions.len(),
                instructions: instructions.get(instructions.len() / 2).copied(),
                instructions_min: instructions.first().copied(),
                instructions_max: instructions.last().copied(),
                cycles: cycles.get(cycles.len() / 2).copied(),
                reason: None,
                ..Count::without(visit, source, "")
            }
        };
        first.iter().enumerate().map(line).collect()
    }
}

/// What was counted in one phase of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) phase: Phase,
    pub(crate) instructions: u64,
    pub(crate) cycles: Option<u64>,
}

/// Counts every pass of `plan` into `counters.csv` in `folder`. It ends early when `interrupted`
/// becomes true. A pass that cannot be counted is no failure of its engine, which may run well
/// enough where nobody counts.
///
/// # Errors
/// When results or artifacts cannot be written.
pub fn read(
    source: Source,
    plan: &Plan,
    folder: &Path,
    interrupted: &AtomicBool,
    progress: impl FnMut(Progress<'_>),
) -> io::Result<()> {
    let columns = [
        "engine",
        "sample",
        "variant",
        "size",
        "pass",
        "phase",
        "processes",
        "instructions",
        "instructions_min",
        "instructions_max",
        "cycles",
        "source",
        "reason",
    ];
    let mut file = readings::with_header(folder.join(COUNTERS_FILE), &columns)?;
    let limit = plan.effort.limit;
    match source {
        Source::Perf => {
            let mut counting = Counting { source, counter: Perf { limit, absent: None } };
            passes::every_pass(plan, &mut counting, &mut file, interrupted, progress)
        }
        Source::Callgrind => {
            let mut counting = Counting { source, counter: Callgrind::new(limit)? };
            passes::every_pass(plan, &mut counting, &mut file, interrupted, progress)
        }
    }
}

/// Something that counts the instructions of a pass.
pub(crate) trait Counter {
    /// A worker that saves what the counted ones load.
    fn saver(&self, engine: &EngineSpec) -> Result<Worker, WorkerError>;

    /// Counts in fresh processes, phase by phase: one list for each process.
    fn count(&mut self, visit: &Visit<'_>) -> Result<Vec<Vec<Counted>>, WorkerError>;

    /// What is worth keeping of the words that an error came with.
    fn reason(&self, words: &str) -> String {
        words.to_owned()
    }

    /// Why nothing at all can be counted, once that is known.
    fn absent(&self) -> Option<&str> {
        None
    }
}

struct Counting<C> {
    source: Source,
    counter: C,
}

impl<C: Counter> Look for Counting<C> {
    type Row = Count;

    fn saver(&self, engine: &EngineSpec) -> Result<Worker, WorkerError> {
        self.counter.saver(engine)
    }

    fn look(&mut self, visit: &Visit<'_>) -> Result<Vec<Count>, WorkerError> {
        Ok(Count::of(visit, self.source, &self.counter.count(visit)?))
    }

    fn without(&self, visit: &Visit<'_>, reason: &str) -> Count {
        Count::without(visit, self.source, &self.counter.reason(reason))
    }

    fn impossible(&self) -> Option<&str> {
        self.counter.absent()
    }

    fn failed(&mut self, _: Missing) -> io::Result<ControlFlow<()>> {
        Ok(ControlFlow::Continue(()))
    }
}

/// The system's counters. They see the threads that begin after them, so that every pass has a
/// process of its own: thread pools outlive a pass.
struct Perf {
    limit: Duration,
    absent: Option<String>,
}

impl Perf {
    fn one_process(&mut self, visit: &Visit<'_>) -> Result<Vec<Counted>, WorkerError> {
        let mut worker = self.saver(visit.engine)?;
        visit.open(&mut worker)?;
        let stretches = visit.probe(&mut worker, Probe::Counters);
        if let Err(WorkerError::Failed(Failure { phase: None, error })) = &stretches
            && error.kind == ErrorKind::Unsupported
        {
            // No phase was under way: it is the machine that has no counters.
            self.absent = Some(error.message.clone());
        }
        let counted = stretches?.into_iter().filter_map(|stretch| {
            let (phase, instructions) = (stretch.phase?, stretch.instructions?);
            Some(Counted { phase, instructions, cycles: stretch.cycles })
        });
        Ok(counted.collect())
    }
}

impl Counter for Perf {
    fn saver(&self, engine: &EngineSpec) -> Result<Worker, WorkerError> {
        Worker::start(&engine.worker, &engine.configuration, self.limit)
    }

    fn count(&mut self, visit: &Visit<'_>) -> Result<Vec<Vec<Counted>>, WorkerError> {
        (0..PROCESSES).map(|_| self.one_process(visit)).collect()
    }

    fn absent(&self) -> Option<&str> {
        self.absent.as_deref()
    }
}
