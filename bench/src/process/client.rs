//! The typed way to talk to a worker: one method a request.

use super::worker_process::{WorkerError, WorkerProcess, nanoseconds};
use crate::plan::{Case, EngineSpec, WorkerCommand};
use protocol::message::{PassReading, Probe, Reply, Request, Stretch, WarmReading};
use protocol::{Entry, Hello, Outcome, Pass};
use std::path::Path;
use std::time::Duration;

/// A client of one worker process. Methods that read append to `into`, so that what came before an
/// error is kept.
#[derive(Debug)]
pub struct Client {
    /// The process.
    pub process: WorkerProcess,
}

impl Client {
    /// Starts the worker of `engine` that measures `case`; every reply must come within `limit`.
    ///
    /// # Errors
    /// [`WorkerError::Start`].
    pub fn start(engine: &EngineSpec, case: &Case, limit: Duration) -> Result<Client, WorkerError> {
        let process = WorkerProcess::start(case.worker_of(engine), &engine.configuration, limit)?;
        Ok(Client { process })
    }

    /// The description that the worker started by `worker` gives of `configuration`.
    ///
    /// # Errors
    /// [`WorkerError::Start`], and those of [`WorkerProcess::ask`].
    pub fn describe(
        worker: &WorkerCommand,
        configuration: &str,
        limit: Duration,
    ) -> Result<Hello, WorkerError> {
        Client { process: WorkerProcess::start(worker, configuration, limit)? }.hello()
    }

    /// The worker's description of its configuration.
    ///
    /// # Errors
    /// Those of [`WorkerProcess::ask`].
    pub fn hello(&mut self) -> Result<Hello, WorkerError> {
        let mut answer = None;
        self.process.ask(&Request::Hello, |reply| {
            if let Reply::Hello(hello) = reply {
                answer = Some(hello);
            }
        })?;
        answer.ok_or_else(|| {
            WorkerError::InvalidReply("the worker did not answer the hello request".to_owned())
        })
    }

    /// Opens `case` as `engine` does.
    ///
    /// # Errors
    /// Those of [`WorkerProcess::ask`], and a failure where the case has no file for the engine.
    pub fn open(&mut self, case: &Case, engine: &EngineSpec) -> Result<(), WorkerError> {
        self.send(&open_request(case, engine)?)
    }

    /// Opens `case` as `engine` does, with another entry and another expected outcome.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_entry(
        &mut self,
        case: &Case,
        engine: &EngineSpec,
        (other_entry, outcome): &(Entry, Outcome),
    ) -> Result<(), WorkerError> {
        let mut request = open_request(case, engine)?;
        if let Request::Open { entry, expected, .. } = &mut request {
            (*entry, *expected) = (other_entry.clone(), Some(outcome.clone()));
        }
        self.send(&request)
    }

    /// Validates `passes` times.
    ///
    /// # Errors
    /// Those of [`WorkerProcess::ask`], as for all that follow.
    pub fn parse(&mut self, passes: u32, into: &mut Vec<PassReading>) -> Result<(), WorkerError> {
        self.passes(&Request::Parse { passes }, into)
    }

    /// Makes JIT passes.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn jit(&mut self, passes: u32, into: &mut Vec<PassReading>) -> Result<(), WorkerError> {
        self.passes(&Request::Jit { passes }, into)
    }

    /// Makes JIT passes that also save the module, as [`aot`](Self::aot) does; `into` gets them with `b-save`
    /// behind the total.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn jit_and_save(
        &mut self,
        passes: u32,
        stem: &Path,
        into: &mut Vec<PassReading>,
    ) -> Result<(), WorkerError> {
        self.passes(&Request::JitAndSave { passes, stem: stem.to_owned() }, into)
    }

    /// Makes AOT passes, whose artifacts' paths begin with `stem`.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn aot(&mut self, passes: u32, stem: &Path, into: &mut Vec<PassReading>) -> Result<(), WorkerError> {
        self.passes(&Request::Aot { passes, stem: stem.to_owned() }, into)
    }

    /// Makes run passes from `artifact`.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn run(
        &mut self,
        passes: u32,
        artifact: &Path,
        into: &mut Vec<PassReading>,
    ) -> Result<(), WorkerError> {
        self.passes(&Request::Run { passes, artifact: artifact.to_owned() }, into)
    }

    /// Loads `artifact` and nothing more, `passes` times.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn load(
        &mut self,
        passes: u32,
        artifact: &Path,
        into: &mut Vec<PassReading>,
    ) -> Result<(), WorkerError> {
        self.passes(&Request::Load { passes, artifact: artifact.to_owned() }, into)
    }

    /// Makes an instance, from `artifact` where there is one, and keeps it.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn hold(&mut self, artifact: Option<&Path>) -> Result<(), WorkerError> {
        self.send(&Request::Hold { artifact: artifact.map(Path::to_owned) })
    }

    /// Instantiates the held module `readings` times.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn instantiate(&mut self, readings: u32, into: &mut Vec<WarmReading>) -> Result<(), WorkerError> {
        self.warm_readings(&Request::Instantiate { readings }, into)
    }

    /// Takes `readings` of warm calls; each has as many calls as take `reading`.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn call(
        &mut self,
        readings: u32,
        reading: Duration,
        into: &mut Vec<WarmReading>,
    ) -> Result<(), WorkerError> {
        let reading_ns = nanoseconds(reading);
        self.warm_readings(&Request::Call { readings, calls: None, reading_ns }, into)
    }

    /// Takes `readings` of warm calls of exactly `calls` calls each.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn call_exactly(
        &mut self,
        readings: u32,
        calls: u64,
        into: &mut Vec<WarmReading>,
    ) -> Result<(), WorkerError> {
        self.warm_readings(&Request::Call { readings, calls: Some(calls), reading_ns: 0 }, into)
    }

    /// The same by the runtime's own call in an empty loop.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn call_bare(
        &mut self,
        readings: u32,
        calls: u64,
        into: &mut Vec<WarmReading>,
    ) -> Result<(), WorkerError> {
        self.warm_readings(&Request::CallBare { readings, calls }, into)
    }

    /// Replaces the held instance by a fresh one.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn renew(&mut self) -> Result<(), WorkerError> {
        self.send(&Request::Renew)
    }

    /// Copies what the guest printed in the last pass to the file `to`, and its standard error to `stderr_to`.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn printed(&mut self, to: &Path, stderr_to: Option<&Path>) -> Result<(), WorkerError> {
        self.send(&Request::Printed { to: to.to_owned(), stderr_to: stderr_to.map(Path::to_owned) })
    }

    /// Makes one pass with `probe`; gives what was read between its phase boundaries.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn probe(
        &mut self,
        probe: Probe,
        pass: Pass,
        artifact: Option<&Path>,
    ) -> Result<Vec<Stretch>, WorkerError> {
        let mut seen = Vec::new();
        let request = Request::Probe { probe, pass, artifact: artifact.map(Path::to_owned) };
        self.process.ask(&request, |reply| {
            if let Reply::Probed { stretches } = reply {
                seen = stretches;
            }
        })?;
        Ok(seen)
    }

    fn send(&mut self, request: &Request) -> Result<(), WorkerError> {
        self.process.ask(request, |_| {})
    }

    fn passes(&mut self, request: &Request, into: &mut Vec<PassReading>) -> Result<(), WorkerError> {
        self.process.ask(request, |reply| {
            if let Reply::Pass(pass) = reply {
                into.push(pass);
            }
        })
    }

    fn warm_readings(&mut self, request: &Request, into: &mut Vec<WarmReading>) -> Result<(), WorkerError> {
        self.process.ask(request, |reply| {
            if let Reply::Reading(reading) = reply {
                into.push(reading);
            }
        })
    }
}

fn open_request(case: &Case, engine: &EngineSpec) -> Result<Request, WorkerError> {
    let reason = || case.lacks(engine.input).unwrap_or("the sample has no file for this engine");
    case.open(engine.input).ok_or_else(|| WorkerError::unsupported(reason()))
}
