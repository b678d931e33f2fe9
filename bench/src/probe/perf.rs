//! Instructions and cycles by the processor's counters, through the system's perf events.

use super::counter::{Counted, Counter};
use super::passes::Visit;
use crate::plan::{Case, EngineSpec};
use crate::process::{Client, WorkerError};
use protocol::ErrorKind;
use protocol::message::Probe;
use std::time::Duration;

/// Fresh processes whose median is taken where the figure differs between them.
const PROCESSES: usize = 5;

/// The system's counters. They see the threads that begin after them, so that every pass has a
/// process of its own: thread pools outlive a pass.
pub(crate) struct Perf {
    limit: Duration,
    absent: Option<String>,
}

impl Perf {
    /// Every reply must come within `limit`.
    pub(crate) fn new(limit: Duration) -> Perf {
        Perf { limit, absent: None }
    }

    fn one_process(&mut self, visit: &Visit<'_>) -> Result<Vec<Counted>, WorkerError> {
        let mut client = self.saver(visit.engine, visit.case)?;
        visit.open(&mut client)?;
        let stretches = visit.probe(&mut client, Probe::Counters);
        if let Err(WorkerError::Failed(failure)) = &stretches
            && failure.phase.is_none()
            && failure.error.kind == ErrorKind::Unsupported
        {
            // No phase was under way: it is the machine that has no counters.
            self.absent = Some(failure.error.message.clone());
        }
        let counted = stretches?.into_iter().filter_map(|stretch| {
            let (phase, instructions) = (stretch.phase?, stretch.instructions?);
            Some(Counted { phase, instructions, cycles: stretch.cycles })
        });
        Ok(counted.collect())
    }
}

impl Counter for Perf {
    fn saver(&self, engine: &EngineSpec, case: &Case) -> Result<Client, WorkerError> {
        Client::start(engine, case, self.limit)
    }

    fn count(&mut self, visit: &Visit<'_>) -> Result<Vec<Vec<Counted>>, WorkerError> {
        (0..PROCESSES).map(|_| self.one_process(visit)).collect()
    }

    fn absent(&self) -> Option<&str> {
        self.absent.as_deref()
    }
}
