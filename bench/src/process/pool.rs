//! The worker processes of one round: started when first needed, one running at a time and the
//! others stopped, since collector and tier-up threads would take a core from the one that is being
//! timed.

use super::client::Client;
use super::worker_process::{WorkerError, nanoseconds};
use crate::plan::{Case, EngineSpec, Plan};
use protocol::Pass;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::time::{Duration, Instant};

/// What a process is used for. Artifacts are loaded and run in a process that has compiled nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProcessUse {
    /// Compiles; for engines without artifacts it also takes the warm readings.
    Compile,
    /// Loads artifacts.
    Run,
    /// Makes a single pass and ends.
    Single,
}

impl ProcessUse {
    /// The process that `pass` needs.
    pub fn of(pass: Pass, has_artifact: bool) -> ProcessUse {
        match pass {
            Pass::Parse | Pass::Jit | Pass::Aot => ProcessUse::Compile,
            Pass::Run | Pass::Load => ProcessUse::Run,
            Pass::ColdJit | Pass::ColdRun => ProcessUse::Single,
            Pass::WarmInstantiate | Pass::WarmCall if has_artifact => ProcessUse::Run,
            Pass::WarmInstantiate | Pass::WarmCall => ProcessUse::Compile,
        }
    }
}

/// A process of the pool, with what it has done.
#[derive(Debug)]
pub struct PooledWorker {
    /// The client of the process.
    pub client: Client,
    /// Its number, counted from 1 over the whole run.
    pub number: u32,
    /// The passes it has made; the first of each kind is cold.
    pub made: BTreeSet<Pass>,
    open_case: Option<usize>,
    holds: bool,
    /// Whether warm calls were made on the instance that is held.
    has_called: bool,
}

/// Wall time that the pool's processes took, in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct PoolTimes {
    /// What workers did while they answered, by their own clocks.
    pub busy_ns: u64,
    /// Starting and ending processes.
    pub processes_ns: u64,
    /// Stopping and resuming workers, and transferring requests and replies.
    pub switching_ns: u64,
}

/// The processes of one round.
#[derive(Debug)]
pub struct WorkerPool {
    limit: Duration,
    /// The processor that processes are bound to.
    pin: Option<usize>,
    /// By engine, use, and whether it is the engine's worker for WASI.
    workers: HashMap<(usize, ProcessUse, bool), PooledWorker>,
    started: u32,
    stolen_cpu_ns: u64,
    /// Where the time went, as far as workers are concerned.
    pub times: PoolTimes,
}

impl WorkerPool {
    /// A pool without processes; each reply must come within `limit`, and each process is bound
    /// to the processor `pin` where there is one.
    pub fn new(limit: Duration, pin: Option<usize>) -> WorkerPool {
        WorkerPool {
            limit,
            pin,
            workers: HashMap::new(),
            started: 0,
            stolen_cpu_ns: 0,
            times: PoolTimes::default(),
        }
    }

    /// Ends every process, so that the next batches are taken in fresh ones.
    pub fn end_all(&mut self) {
        let mut workers: Vec<PooledWorker> = self.workers.drain().map(|(_, worker)| worker).collect();
        workers.iter_mut().for_each(|worker| worker.client.process.end_stop());
        self.stolen_cpu_ns += workers.iter().map(PooledWorker::stolen_cpu_ns).sum::<u64>();
        let start = Instant::now();
        drop(workers);
        self.times.processes_ns += nanoseconds(start.elapsed());
    }

    /// Processor time that workers used while they were stopped, in nanoseconds; must be zero.
    pub fn stolen_cpu_ns(&self) -> u64 {
        self.stolen_cpu_ns + self.workers.values().map(PooledWorker::stolen_cpu_ns).sum::<u64>()
    }

    /// Runs `work` with the process of `engine` that measures `case`, for `process_use`; no other process
    /// of the pool runs meanwhile. A process that died or timed out is removed, so that the next call starts another, and
    /// so is one that has ended since it was used last: what comes next is not to blame for that. One for
    /// a [single](ProcessUse::Single) pass ends afterwards.
    ///
    /// # Errors
    /// Those of `work`, and [`WorkerError::Start`].
    pub fn with_worker<T>(
        &mut self,
        (index, engine): (usize, &EngineSpec),
        case: &Case,
        process_use: ProcessUse,
        work: impl FnOnce(&mut PooledWorker) -> Result<T, WorkerError>,
    ) -> Result<T, WorkerError> {
        let key = (index, process_use, engine.wasi_worker.is_some() && case.needs_wasi);
        let mut held = self.workers.remove(&key);
        let has_ended = held.as_mut().is_some_and(|worker| worker.client.process.has_ended());
        let mut worker = match held.filter(|_| !has_ended) {
            Some(mut worker) => {
                let start = Instant::now();
                let resumed = worker.client.process.resume();
                self.times.switching_ns += nanoseconds(start.elapsed());
                resumed.map(|()| worker)?
            }
            None => self.start(engine, case)?,
        };
        let before = worker.busy_and_asked_ns();
        let answer = work(&mut worker);
        let after = worker.busy_and_asked_ns();
        let (busy_ns, asked_ns) = (after.0 - before.0, after.1 - before.1);
        self.times.busy_ns += busy_ns;
        self.times.switching_ns += asked_ns.saturating_sub(busy_ns);
        let start = Instant::now();
        if process_use == ProcessUse::Single {
            drop(worker);
            self.times.processes_ns += nanoseconds(start.elapsed());
        } else if answer.as_ref().err().is_none_or(WorkerError::is_alive) {
            let stopped = worker.client.process.stop();
            self.times.switching_ns += nanoseconds(start.elapsed());
            stopped?;
            self.workers.insert(key, worker);
        }
        answer
    }

    /// Starts a process and waits until it answers, so that no batch contains its start.
    fn start(&mut self, engine: &EngineSpec, case: &Case) -> Result<PooledWorker, WorkerError> {
        let start = Instant::now();
        let client = self.started_client(engine, case);
        self.times.processes_ns += nanoseconds(start.elapsed());
        let client = client?;
        self.started += 1;
        Ok(PooledWorker {
            client,
            number: self.started,
            made: BTreeSet::new(),
            open_case: None,
            holds: false,
            has_called: false,
        })
    }

    fn started_client(&self, engine: &EngineSpec, case: &Case) -> Result<Client, WorkerError> {
        let mut client = Client::start(engine, case, self.limit)?;
        if let Some(processor) = self.pin {
            client.process.bind(processor)?;
        }
        client.hello().map(|_| client)
    }
}

impl PooledWorker {
    /// Has the worker open case number `index` of `plan`, unless it is open already.
    ///
    /// # Errors
    /// Those of [`Client::open`].
    pub fn open(&mut self, plan: &Plan, engine: &EngineSpec, index: usize) -> Result<(), WorkerError> {
        if self.open_case == Some(index) {
            return Ok(());
        }
        let case: &Case = &plan.cases[index];
        self.open_case = None;
        self.holds = false;
        match case.injected.as_ref().filter(|_| engine.is_injected()) {
            Some(injected) => self.client.open_entry(case, engine, injected)?,
            None => self.client.open(case, engine)?,
        }
        self.open_case = Some(index);
        Ok(())
    }

    /// Has the worker hold a warm instance of the open module, unless it does already, and make `calls` calls that
    /// no reading holds; where they are `fresh`, each on an instance of its own.
    ///
    /// # Errors
    /// Those of [`Client::hold`].
    pub fn hold(&mut self, artifact: Option<&Path>, (calls, fresh): (u64, bool)) -> Result<(), WorkerError> {
        if self.holds {
            return Ok(());
        }
        self.client.hold(artifact)?;
        (self.holds, self.has_called) = (true, calls > 0);
        match (calls, fresh) {
            (0, _) => Ok(()),
            (_, true) => {
                let readings = u32::try_from(calls).unwrap_or(u32::MAX);
                self.client.call_exactly(readings, 1, &mut Vec::new())
            }
            (_, false) => self.client.call_exactly(1, calls, &mut Vec::new()),
        }
    }

    /// Has the worker hold another instance of the held module, if a batch of warm calls was made on this one:
    /// instances may wear out, and each batch shall make as many calls as a trial has shown one to bear.
    ///
    /// # Errors
    /// Those of [`Client::renew`].
    pub fn renew(&mut self) -> Result<(), WorkerError> {
        if self.holds && self.has_called {
            self.client.renew()?;
        }
        self.has_called = true;
        Ok(())
    }

    fn busy_and_asked_ns(&self) -> (u64, u64) {
        (self.client.process.busy_ns, self.client.process.asked_ns)
    }

    fn stolen_cpu_ns(&self) -> u64 {
        self.client.process.stolen_cpu_ns
    }
}
