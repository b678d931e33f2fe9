//! The processes of one benchmark, which take its samples alternately, so that what differs between
//! processes shows in the spread of the samples.

use crate::benchmark::Benchmark;
use bench::plan::{Case, EngineSpec};
use bench::process::artifact;
use bench::process::{WorkerError, WorkerProcess};
use protocol::message::{Reply, Request};
use protocol::{Pass, Phase};
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How many processes there are.
const PROCESSES: usize = 8;
/// The longest wait for a reply.
const LIMIT: Duration = Duration::from_secs(120);

/// Processes that are ready to read one phase; all but the one that is asked stand still.
#[derive(Debug)]
pub struct Rotation {
    workers: Vec<WorkerProcess>,
    next: usize,
    pass: Pass,
    phase: Phase,
    fresh_instance: bool,
    /// How many requests there were.
    requests: u64,
    /// Where AOT passes write; each request appends its number.
    stem: PathBuf,
    /// What run passes load.
    artifact: Option<PathBuf>,
}

impl Rotation {
    /// Starts the processes and makes each one's first pass, which is cold and is not kept.
    ///
    /// # Errors
    /// Those of the workers, and [`WorkerError::InvalidReply`] where `engine` or `case` cannot.
    pub fn start(
        benchmark: &Benchmark,
        engine: &EngineSpec,
        case: &Case,
        artifacts: &Path,
    ) -> Result<Rotation, WorkerError> {
        let pass = benchmark.pass(engine).map_err(|reason| WorkerError::InvalidReply(reason.to_owned()))?;
        let stem = artifacts.join(format!("{}-{}-{}", case.sample, engine.name, benchmark.id));
        let mut rotation = Rotation {
            workers: Vec::new(),
            next: 0,
            pass,
            phase: benchmark.phase,
            fresh_instance: case.fresh_instance,
            requests: 0,
            artifact: artifact_for(pass, engine, case, &stem)?,
            stem,
        };
        let no_file =
            || WorkerError::InvalidReply(format!("the sample {} has no file for this engine", case.sample));
        let open = case.open(engine.input).ok_or_else(no_file)?;
        if pass == Pass::Aot {
            check_result(engine, case, &open, &rotation.stem)?;
        }
        for _ in 0..PROCESSES {
            rotation.add_process(engine, case, &open)?;
        }
        Ok(rotation)
    }

    fn add_process(&mut self, engine: &EngineSpec, case: &Case, open: &Request) -> Result<(), WorkerError> {
        let mut worker = WorkerProcess::start(case.worker_of(engine), &engine.configuration, LIMIT)?;
        worker.ask(open, |_| {})?;
        if matches!(self.pass, Pass::WarmInstantiate | Pass::WarmCall) {
            worker.ask(&Request::Hold { artifact: self.artifact.clone() }, |_| {})?;
        }
        worker.stop()?;
        self.next = self.workers.len();
        self.workers.push(worker);
        self.take(1).map(|_| ())
    }

    /// Has the next process go through the phase `iterations` times, and gives the time of all
    /// together by the worker's clock. What a process does first after it has stood still is slower for
    /// a while, so, as in the scheduler, a warm reading is taken twice and only the second one counts.
    ///
    /// # Errors
    /// Those of the worker.
    pub fn take(&mut self, iterations: u64) -> Result<Duration, WorkerError> {
        self.requests += 1;
        let request = self.request(iterations);
        let at = self.next;
        self.next = (at + 1) % self.workers.len();
        let (mut wall_ns, mut taken) = (0, 0);
        let mut last_artifact = None;
        let mut to_discard = self.discarded(iterations);
        self.workers[at].resume()?;
        self.workers[at].ask(&request, |reply| match reply {
            Reply::Pass(pass) => {
                if let Some((_, of_phase)) = pass.wall_ns.iter().find(|(phase, _)| *phase == self.phase) {
                    wall_ns += of_phase;
                    taken += 1;
                }
                last_artifact = pass.artifact;
            }
            Reply::Reading(_) if to_discard > 0 => to_discard -= 1,
            Reply::Reading(reading) => {
                wall_ns += reading.wall_ns;
                taken += reading.calls;
            }
            Reply::Hello(_) | Reply::Probed { .. } | Reply::Done { .. } | Reply::Failed(_) => {}
        })?;
        self.workers[at].settle();
        self.workers[at].stop()?;
        if let Some(protocol::Artifact { path: file, .. }) = last_artifact {
            std::fs::remove_file(file).map_err(WorkerError::Start)?;
        }
        if taken != iterations {
            let phase = self.phase;
            return Err(WorkerError::InvalidReply(format!(
                "{taken} readings of {phase} instead of {iterations}"
            )));
        }
        Ok(Duration::from_nanos(wall_ns))
    }

    /// How many of the readings that are asked for do not count.
    fn discarded(&self, iterations: u64) -> u64 {
        match self.pass {
            Pass::WarmCall if !self.fresh_instance => 1,
            Pass::WarmCall | Pass::WarmInstantiate => iterations,
            _ => 0,
        }
    }

    fn request(&self, iterations: u64) -> Request {
        // More than fit would be missed by the count of what was taken.
        let passes = u32::try_from(iterations).unwrap_or(u32::MAX);
        let readings = u32::try_from(iterations + self.discarded(iterations)).unwrap_or(u32::MAX);
        match self.pass {
            Pass::Parse => Request::Parse { passes },
            Pass::Jit | Pass::ColdJit => Request::Jit { passes },
            Pass::Aot => Request::Aot { passes, stem: with_suffix(&self.stem, self.requests) },
            Pass::Run | Pass::ColdRun => {
                let artifact = self.artifact.clone().unwrap_or_else(|| self.stem.clone());
                Request::Run { passes, artifact }
            }
            Pass::Load => {
                let artifact = self.artifact.clone().unwrap_or_else(|| self.stem.clone());
                Request::Load { passes, artifact }
            }
            Pass::WarmInstantiate => Request::Instantiate { readings },
            Pass::WarmCall if self.fresh_instance => {
                Request::Call { readings, calls: Some(1), reading_ns: 0 }
            }
            // One reading of all calls, and one before it.
            Pass::WarmCall => Request::Call { readings: 2, calls: Some(iterations), reading_ns: 0 },
        }
    }
}

/// What the processes load: as in the scheduler, all that does not compile is read from an
/// artifact where the engine has any, in processes that have compiled nothing.
fn artifact_for(
    pass: Pass,
    engine: &EngineSpec,
    case: &Case,
    stem: &Path,
) -> Result<Option<PathBuf>, WorkerError> {
    if engine.is_native() {
        return Ok(case.file(engine.input).map(Path::to_owned));
    }
    let compiles = matches!(pass, Pass::Parse | Pass::Jit | Pass::Aot);
    if compiles || engine.lacks(Pass::Aot).is_some() {
        return Ok(None);
    }
    artifact::save(engine, case, stem, LIMIT).map(|artifact| Some(artifact.path))
}

/// Compiling alone has no result, but no time is published for code that computes a wrong one.
fn check_result(engine: &EngineSpec, case: &Case, open: &Request, stem: &Path) -> Result<(), WorkerError> {
    let artifact = artifact::save(engine, case, &with_suffix(stem, "checked"), LIMIT)?.path;
    let mut worker = WorkerProcess::start(case.worker_of(engine), &engine.configuration, LIMIT)?;
    worker.ask(open, |_| {})?;
    let checked = worker.ask(&Request::Run { passes: 1, artifact: artifact.clone() }, |_| {});
    std::fs::remove_file(artifact).map_err(WorkerError::Start)?;
    checked
}

fn with_suffix(stem: &Path, suffix: impl Display) -> PathBuf {
    let mut path = stem.as_os_str().to_owned();
    path.push(format!(".{suffix}"));
    PathBuf::from(path)
}
