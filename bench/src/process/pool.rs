//! The worker processes of one round: started when first needed, one running at a time, the
//! others stopped, since collector and tier-up threads would steal a core from the one that is
//! being timed.

use crate::plan::{EngineSpec, Plan};
use crate::process::worker_process::{Worker, WorkerError};
use crate::record::time_use::Spent;
use crate::schedule::batch::Turn;
use protocol::message::{Reply, Request};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::time::Duration;

/// What a process is used for. Artifacts are loaded and run in a process that has compiled nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Compiles; for engines without artifacts it also takes the warm readings.
    Compile,
    /// Loads artifacts.
    Run,
    /// Takes a single turn and ends.
    Single,
}

/// A process and what it is in the middle of.
#[derive(Debug)]
pub struct Seat {
    worker: Worker,
    /// Its number, counted from 1 over the whole run.
    pub process: u32,
    /// The kinds of turn it has taken; the first pass of each kind is cold.
    pub taken: BTreeSet<Turn>,
    open_case: Option<usize>,
    holds: bool,
}

/// The processes of one round.
#[derive(Debug)]
pub struct Crew {
    limit: Duration,
    /// The processor that processes are bound to.
    pin: Option<usize>,
    seats: HashMap<(usize, Role), Seat>,
    started: u32,
    stolen_cpu_ns: u64,
    /// Where the time went, as far as workers are concerned.
    pub spent: Spent,
}

impl Crew {
    /// A crew without processes; each reply must come within `limit`, and each process is bound
    /// to the processor `pin` where there is one.
    pub fn new(limit: Duration, pin: Option<usize>) -> Crew {
        Crew { limit, pin, seats: HashMap::new(), started: 0, stolen_cpu_ns: 0, spent: Spent::default() }
    }

    /// Ends every process, so that the next turns begin in fresh ones.
    pub fn dismiss(&mut self) {
        let mut seats: Vec<Seat> = self.seats.drain().map(|(_, seat)| seat).collect();
        seats.iter_mut().for_each(|seat| seat.worker.end_stop());
        self.stolen_cpu_ns += seats.iter().map(|seat| seat.worker.stolen_cpu_ns).sum::<u64>();
        self.spent.on(|spent| &mut spent.processes_ns, || drop(seats));
    }

    /// Processor time that workers used while they were stopped, in nanoseconds; must be zero.
    pub fn stolen_cpu_ns(&self) -> u64 {
        self.stolen_cpu_ns + self.seats.values().map(|seat| seat.worker.stolen_cpu_ns).sum::<u64>()
    }

    /// Runs `turn` in the process of `engine` for `role`, which alone runs meanwhile. A process
    /// that died or hung is forgotten, so that the next turn starts another; one for a
    /// [single](Role::Single) turn ends after it.
    ///
    /// # Errors
    /// Those of `turn`, and [`WorkerError::Start`].
    pub fn with_seat<T>(
        &mut self,
        (index, engine): (usize, &EngineSpec),
        role: Role,
        turn: impl FnOnce(&mut Seat) -> Result<T, WorkerError>,
    ) -> Result<T, WorkerError> {
        let key = (index, role);
        let mut seat = match self.seats.remove(&key) {
            Some(mut seat) => {
                self.spent.on(|spent| &mut spent.switching_ns, || seat.worker.resume())?;
                seat
            }
            None => self.start(engine)?,
        };
        let (busy_ns, asked_ns) = (seat.worker.busy_ns, seat.worker.asked_ns);
        let answer = turn(&mut seat);
        let (busy_ns, asked_ns) = (seat.worker.busy_ns - busy_ns, seat.worker.asked_ns - asked_ns);
        self.spent.around_ns += busy_ns;
        self.spent.switching_ns += asked_ns.saturating_sub(busy_ns);
        if role == Role::Single {
            self.spent.on(|spent| &mut spent.processes_ns, || drop(seat));
        } else if answer.as_ref().err().is_none_or(WorkerError::is_alive) {
            self.spent.on(|spent| &mut spent.switching_ns, || seat.worker.stop())?;
            self.seats.insert(key, seat);
        }
        answer
    }

    /// Starts a process and waits until it answers, so that no turn pays for its start.
    fn start(&mut self, engine: &EngineSpec) -> Result<Seat, WorkerError> {
        let worker = self.spent.on(
            |spent| &mut spent.processes_ns,
            || {
                let mut worker = Worker::start(&engine.worker, &engine.configuration, self.limit)?;
                if let Some(processor) = self.pin {
                    worker.bind(processor)?;
                }
                worker.ask(&Request::Hello, |_| {}).map(|()| worker)
            },
        )?;
        self.started += 1;
        Ok(Seat { worker, process: self.started, taken: BTreeSet::new(), open_case: None, holds: false })
    }
}

impl Seat {
    /// Has the worker open case number `index` of `plan`, unless it is open already.
    ///
    /// # Errors
    /// Those of [`Worker::ask`].
    pub fn open(&mut self, plan: &Plan, engine: &EngineSpec, index: usize) -> Result<(), WorkerError> {
        if self.open_case == Some(index) {
            return Ok(());
        }
        let case = &plan.cases[index];
        let Some(mut open) = case.open(engine.input) else {
            let reason = format!("the sample {} has no file for this engine", case.sample);
            return Err(WorkerError::Nonsense(reason));
        };
        if let (true, Some(planted), Request::Open { entry, expected, .. }) =
            (engine.planted, &case.planted, &mut open)
        {
            (*entry, *expected) = (planted.0.clone(), Some(planted.1.clone()));
        }
        self.open_case = None;
        self.holds = false;
        self.ask(&open, |_| {})?;
        self.open_case = Some(index);
        Ok(())
    }

    /// Has the worker hold a warm instance of the open module, unless it does already.
    ///
    /// # Errors
    /// Those of [`Worker::ask`].
    pub fn hold(&mut self, artifact: Option<&Path>) -> Result<(), WorkerError> {
        if !self.holds {
            self.ask(&Request::Hold { artifact: artifact.map(Path::to_owned) }, |_| {})?;
            self.holds = true;
        }
        Ok(())
    }

    /// Waits for threads that are on their way out.
    pub fn settle(&self) {
        self.worker.settle();
    }

    /// Asks the worker.
    ///
    /// # Errors
    /// Those of [`Worker::ask`].
    pub fn ask(&mut self, request: &Request, each: impl FnMut(Reply)) -> Result<(), WorkerError> {
        self.worker.ask(request, each)
    }
}
