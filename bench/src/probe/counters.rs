//! Instructions and cycles of every phase, by the system's counters or by counting them one by
//! one under callgrind: `counters.csv`. Nothing is timed here.

use super::callgrind::Callgrind;
use super::counter::{Counted, Counter};
use super::passes::{self, PassProbe, ProbeProgress, Visit};
use super::perf::Perf;
use crate::plan::{Case, EngineEntry, EngineSpec, Plan};
use crate::process::{Client, WorkerError};
use crate::record::{CellId, CounterSource, Failure, with_header};
use protocol::Probe;
use protocol::{Pass, Phase};
use serde::{Deserialize, Serialize};
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// `counters.csv`
pub const COUNTERS_FILE: &str = "counters.csv";

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
    /// What counted.
    pub source: CounterSource,
    /// Why there is no figure.
    pub reason: Option<String>,
}

impl Count {
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

    fn without(visit: &Visit<'_>, source: CounterSource, reason: &str) -> Count {
        let CellId { engine, sample, variant, size, .. } = visit.cell();
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
    fn of(visit: &Visit<'_>, source: CounterSource, processes: &[Vec<Counted>]) -> Vec<Count> {
        let Some(first) = processes.first() else { return Vec::new() };
        let line = |(index, counted): (usize, &Counted)| {
            let same_phase = || processes.iter().filter_map(move |process| process.get(index));
            let mut instructions: Vec<u64> = same_phase().map(|one| one.instructions).collect();
            let mut cycles: Vec<u64> = same_phase().filter_map(|one| one.cycles).collect();
            instructions.sort_unstable();
            cycles.sort_unstable();
            Count {
                pass: visit.pass_of(Some(counted.phase)),
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

/// Counts every pass of `plan` into `counters.csv` in `folder`. It ends early when `interrupted`
/// becomes true. A pass that cannot be counted is no failure of its engine, which may run well
/// enough where nothing is counted.
///
/// # Errors
/// When results or artifacts cannot be written.
pub fn read(
    source: CounterSource,
    plan: &Plan,
    folder: &Path,
    interrupted: &AtomicBool,
    progress: impl FnMut(ProbeProgress<'_>),
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
    let mut file = with_header(folder.join(COUNTERS_FILE), &columns)?;
    let limit = plan.effort.limit;
    match source {
        CounterSource::Perf => {
            let mut counting = Counting { source, counter: Perf::new(limit) };
            passes::every_pass(plan, &mut counting, &mut file, interrupted, progress)
        }
        CounterSource::Callgrind => {
            let mut counting = Counting { source, counter: Callgrind::new(limit)? };
            passes::every_pass(plan, &mut counting, &mut file, interrupted, progress)
        }
    }
}

struct Counting<C> {
    source: CounterSource,
    counter: C,
}

impl<C: Counter> PassProbe for Counting<C> {
    type Row = Count;

    fn saver(&self, engine: &EngineSpec, case: &Case) -> Result<Client, WorkerError> {
        self.counter.saver(engine, case)
    }

    fn needs(&self) -> Probe {
        match self.source {
            CounterSource::Perf => Probe::Counters,
            CounterSource::Callgrind => Probe::Marks,
        }
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

    fn failed(&mut self, _: Failure) -> io::Result<ControlFlow<()>> {
        Ok(ControlFlow::Continue(()))
    }
}
