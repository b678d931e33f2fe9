//! Turns an [`Engine`] into a worker. Everything that is timed is timed here, once, so that all
//! engines are measured by the same lines.

use crate::clock::cpu_time_ns;
use crate::message::{Failure, PassReading, Reply, Request, WarmReading};
use crate::{Engine, Error, ErrorKind, Guest, Instance, Outcome, Phase, Stdio};
use std::fs::File;
use std::hint::black_box;
use std::io::{self, BufRead, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Serves requests on standard input until it is closed. The configuration is the program's
/// first argument.
///
/// The guest, the engine and any library of theirs may write to standard output: the protocol
/// keeps a private copy of it, and theirs goes to standard error.
///
/// # Errors
/// When the streams break or the configuration's name is missing.
pub fn serve<E: Engine>() -> io::Result<()> {
    // A worker must not outlive the instrument, not even while it is stopped.
    nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL)?;
    let configuration = std::env::args()
        .nth(1)
        .ok_or_else(|| io::Error::other("usage: worker CONFIGURATION (requests on stdin)"))?;
    let mut replies = private_stdout()?;
    let mut worker = Worker::<E> { configuration, open: None };
    for line in io::stdin().lock().lines() {
        let line = line?;
        let closing = match serde_json::from_str(&line) {
            Ok(request) => worker.answer(request, &mut |reply| send(&mut replies, reply)),
            Err(error) => Err(fail(None)(Error::internal(format!("not a request: {error}: {line}")))),
        };
        send(&mut replies, &closing.unwrap_or_else(Reply::Failed))?;
    }
    Ok(())
}

fn private_stdout() -> io::Result<File> {
    let private = io::stdout().as_fd().try_clone_to_owned()?;
    nix::unistd::dup2_stdout(io::stderr())?;
    Ok(File::from(private))
}

fn send(replies: &mut File, reply: &Reply) -> io::Result<()> {
    let mut line = serde_json::to_vec(reply)?;
    line.push(b'\n');
    replies.write_all(&line)
}

type Answer = Result<Reply, Failure>;
type Emit<'a> = dyn FnMut(&Reply) -> io::Result<()> + 'a;

/// Names the phase in which an error happened.
fn fail<F: Into<Error>>(phase: impl Into<Option<Phase>>) -> impl FnOnce(F) -> Failure {
    let phase = phase.into();
    move |error| Failure { phase, error: error.into() }
}

struct Worker<E: Engine> {
    configuration: String,
    open: Option<Opened<E>>,
}

/// An open module, and what is held for warm readings.
struct Opened<E: Engine> {
    bytes: Vec<u8>,
    guest: Guest,
    expected: Option<Outcome>,
    expected_stdout: Option<Vec<u8>>,
    fresh_instance: bool,
    // Dropped in this order: the instance before its module, the module before its engine.
    held: Option<Held<E>>,
}

struct Held<E: Engine> {
    instance: E::Instance,
    module: E::Module,
    engine: E,
}

impl<E: Engine> Worker<E> {
    fn answer(&mut self, request: Request, emit: &mut Emit<'_>) -> Answer {
        match request {
            Request::Hello => return E::hello(&self.configuration).map(Reply::Hello).map_err(fail(None)),
            Request::Open { module, entry, expected, expected_stdout, fresh_instance } => {
                self.open = None;
                let stdin = match &entry {
                    crate::Entry::Command { stdin, .. } => stdin.as_deref(),
                    crate::Entry::Export { .. } => None,
                };
                let guest = Guest { stdio: Stdio::new(stdin).map_err(fail(None))?, entry };
                let expected_stdout = expected_stdout.map(|path| read(&path)).transpose()?;
                let bytes = read(&module)?;
                self.open =
                    Some(Opened { bytes, guest, expected, expected_stdout, fresh_instance, held: None });
            }
            Request::Jit { passes } => {
                for _ in 0..passes {
                    let pass = self.opened()?.1.jit_pass(&self.configuration)?;
                    emit(&Reply::Pass(pass)).map_err(fail(None))?;
                }
            }
            Request::Aot { passes, stem } => {
                for pass in 0..passes {
                    let artifact = numbered(&stem, pass);
                    let reading = self.opened()?.1.aot_pass(&self.configuration, &artifact);
                    if reading.is_err() || pass + 1 < passes {
                        // A failed save may have left nothing to remove.
                        let _ = std::fs::remove_file(&artifact);
                    }
                    emit(&Reply::Pass(reading?)).map_err(fail(None))?;
                }
            }
            Request::Run { passes, artifact } => {
                for _ in 0..passes {
                    let pass = self.opened()?.1.run_pass(&self.configuration, &artifact)?;
                    emit(&Reply::Pass(pass)).map_err(fail(None))?;
                }
            }
            Request::Hold { artifact } => {
                let (configuration, opened) = self.opened_mut()?;
                opened.hold(configuration, artifact.as_deref())?;
            }
            Request::Instantiate { readings } => {
                for _ in 0..readings {
                    let reading = self.opened_mut()?.1.instantiate_warm()?;
                    emit(&Reply::Reading(reading)).map_err(fail(None))?;
                }
            }
            Request::Call { readings, calls, reading_ns } => {
                let opened = self.opened_mut()?.1;
                let calls = match calls {
                    Some(calls) => calls,
                    None => opened.calls_that_fill(reading_ns)?,
                };
                for _ in 0..readings {
                    let reading = opened.call_warm(calls)?;
                    emit(&Reply::Reading(reading)).map_err(fail(None))?;
                }
            }
            Request::Close => self.open = None,
        }
        Ok(Reply::Done)
    }

    fn opened(&self) -> Result<(&str, &Opened<E>), Failure> {
        match &self.open {
            Some(opened) => Ok((&self.configuration, opened)),
            None => Err(nothing_open()),
        }
    }

    fn opened_mut(&mut self) -> Result<(&str, &mut Opened<E>), Failure> {
        match &mut self.open {
            Some(opened) => Ok((&self.configuration, opened)),
            None => Err(nothing_open()),
        }
    }
}

fn nothing_open() -> Failure {
    fail(None)(Error::internal("no module is open"))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        fail(None)(Error::new(ErrorKind::Io, format!("cannot read {}: {error}", path.display())))
    })
}

fn numbered(stem: &Path, pass: u32) -> PathBuf {
    let mut name = stem.as_os_str().to_owned();
    name.push(format!(".{pass}"));
    PathBuf::from(name)
}

fn ns(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.duration_since(from).as_nanos()).unwrap_or(u64::MAX)
}

/// A fresh engine and how long it took to make.
fn create<E: Engine>(configuration: &str) -> Result<(E, u64), Failure> {
    let start = Instant::now();
    let engine = E::create(configuration).map_err(fail(Phase::Engine))?;
    Ok((engine, ns(start, Instant::now())))
}

impl<E: Engine> Opened<E> {
    /// a+b, c, first d and their total.
    fn jit_pass(&self, configuration: &str) -> Result<PassReading, Failure> {
        self.guest.stdio.rewind().map_err(fail(None))?;
        let (mut engine, engine_ns) = create::<E>(configuration)?;
        let cpu_before = cpu_time_ns();
        let start = Instant::now();
        let module = engine.compile(&self.bytes).map_err(fail(Phase::AbCompile))?;
        let compiled = Instant::now();
        let mut instance =
            engine.instantiate(&module, &self.guest).map_err(fail(Phase::CInstantiateFirst))?;
        let instantiated = Instant::now();
        let outcome = instance.call().map_err(fail(Phase::DCallFirst))?;
        let called = Instant::now();
        let cpu_ns = cpu_time_ns() - cpu_before;
        self.check(&outcome, Phase::DCallFirst)?;
        Ok(PassReading {
            wall_ns: vec![
                (Phase::Engine, engine_ns),
                (Phase::AbCompile, ns(start, compiled)),
                (Phase::CInstantiateFirst, ns(compiled, instantiated)),
                (Phase::DCallFirst, ns(instantiated, called)),
                (Phase::Jit, ns(start, called)),
            ],
            cpu_ns,
            outcome: Some(outcome),
            artifact: None,
        })
    }

    /// a+b, b' and their total.
    fn aot_pass(&self, configuration: &str, artifact: &Path) -> Result<PassReading, Failure> {
        let (mut engine, engine_ns) = create::<E>(configuration)?;
        let cpu_before = cpu_time_ns();
        let start = Instant::now();
        let module = engine.compile(&self.bytes).map_err(fail(Phase::AbCompile))?;
        let compiled = Instant::now();
        engine.save(&module, artifact).map_err(fail(Phase::BSave))?;
        let saved = Instant::now();
        let cpu_ns = cpu_time_ns() - cpu_before;
        let bytes = std::fs::metadata(artifact).map_err(fail(Phase::BSave))?.len();
        Ok(PassReading {
            wall_ns: vec![
                (Phase::Engine, engine_ns),
                (Phase::AbCompile, ns(start, compiled)),
                (Phase::BSave, ns(compiled, saved)),
                (Phase::AotCompile, ns(start, saved)),
            ],
            cpu_ns,
            outcome: None,
            artifact: Some((artifact.to_owned(), bytes)),
        })
    }

    /// c', c, first d and their total.
    fn run_pass(&self, configuration: &str, artifact: &Path) -> Result<PassReading, Failure> {
        self.guest.stdio.rewind().map_err(fail(None))?;
        let (mut engine, engine_ns) = create::<E>(configuration)?;
        let cpu_before = cpu_time_ns();
        let start = Instant::now();
        let module = engine.load(artifact).map_err(fail(Phase::CLoad))?;
        let loaded = Instant::now();
        let mut instance =
            engine.instantiate(&module, &self.guest).map_err(fail(Phase::CInstantiateFirst))?;
        let instantiated = Instant::now();
        let outcome = instance.call().map_err(fail(Phase::DCallFirst))?;
        let called = Instant::now();
        let cpu_ns = cpu_time_ns() - cpu_before;
        self.check(&outcome, Phase::DCallFirst)?;
        Ok(PassReading {
            wall_ns: vec![
                (Phase::Engine, engine_ns),
                (Phase::CLoad, ns(start, loaded)),
                (Phase::CInstantiateFirst, ns(loaded, instantiated)),
                (Phase::DCallFirst, ns(instantiated, called)),
                (Phase::AotExecute, ns(start, called)),
            ],
            cpu_ns,
            outcome: Some(outcome),
            artifact: None,
        })
    }

    /// Keeps a module and an instance whose first call is over.
    fn hold(&mut self, configuration: &str, artifact: Option<&Path>) -> Result<(), Failure> {
        self.held = None;
        self.guest.stdio.rewind().map_err(fail(None))?;
        let (mut engine, _) = create::<E>(configuration)?;
        let module = match artifact {
            Some(artifact) => engine.load(artifact).map_err(fail(Phase::CLoad))?,
            None => engine.compile(&self.bytes).map_err(fail(Phase::AbCompile))?,
        };
        let mut instance =
            engine.instantiate(&module, &self.guest).map_err(fail(Phase::CInstantiateFirst))?;
        let outcome = instance.call().map_err(fail(Phase::DCallFirst))?;
        self.check(&outcome, Phase::DCallFirst)?;
        self.held = Some(Held { instance, module, engine });
        Ok(())
    }

    fn instantiate_warm(&mut self) -> Result<WarmReading, Failure> {
        self.guest.stdio.rewind().map_err(fail(None))?;
        let held = self.held.as_mut().ok_or_else(nothing_held)?;
        let start = Instant::now();
        let instance =
            held.engine.instantiate(&held.module, &self.guest).map_err(fail(Phase::CInstantiateWarm))?;
        let end = Instant::now();
        drop(instance);
        Ok(WarmReading { phase: Phase::CInstantiateWarm, calls: 1, wall_ns: ns(start, end), cpu_ns: None })
    }

    /// Doubles the calls until one reading lasts `reading_ns`; this also warms the code up.
    fn calls_that_fill(&mut self, reading_ns: u64) -> Result<u64, Failure> {
        if self.fresh_instance {
            return Ok(1);
        }
        let mut calls = 1;
        while self.call_warm(calls)?.wall_ns < reading_ns {
            calls *= 2;
        }
        Ok(calls)
    }

    fn call_warm(&mut self, calls: u64) -> Result<WarmReading, Failure> {
        if self.fresh_instance { self.call_fresh() } else { self.call_held(calls) }
    }

    /// `calls` calls of the held instance between two clock readings, every result checked.
    fn call_held(&mut self, calls: u64) -> Result<WarmReading, Failure> {
        let held = self.held.as_mut().ok_or_else(nothing_held)?;
        let cpu_before = cpu_time_ns();
        let start = Instant::now();
        let (outcome, same) = repeat(&mut held.instance, calls).map_err(fail(Phase::DCallWarm))?;
        let end = Instant::now();
        let cpu_ns = cpu_time_ns() - cpu_before;
        self.check(&outcome, Phase::DCallWarm)?;
        if !same {
            let message =
                "the export's result changed between calls; its catalogue entry needs a fresh instance";
            return Err(fail(Phase::DCallWarm)(Error::new(ErrorKind::WrongResult, message)));
        }
        Ok(WarmReading { phase: Phase::DCallWarm, calls, wall_ns: ns(start, end), cpu_ns: Some(cpu_ns) })
    }

    /// One call on a fresh instance of the held module, instantiation untimed.
    fn call_fresh(&mut self) -> Result<WarmReading, Failure> {
        self.guest.stdio.rewind().map_err(fail(None))?;
        let held = self.held.as_mut().ok_or_else(nothing_held)?;
        let mut instance =
            held.engine.instantiate(&held.module, &self.guest).map_err(fail(Phase::CInstantiateWarm))?;
        let start = Instant::now();
        let outcome = instance.call().map_err(fail(Phase::DCallWarm))?;
        let end = Instant::now();
        drop(instance);
        self.check(&outcome, Phase::DCallWarm)?;
        Ok(WarmReading { phase: Phase::DCallWarm, calls: 1, wall_ns: ns(start, end), cpu_ns: None })
    }

    /// Compares what a call ended in, and what it printed, with what was expected.
    fn check(&self, outcome: &Outcome, phase: Phase) -> Result<(), Failure> {
        let wrong = |message: String| Err(fail(phase)(Error::new(ErrorKind::WrongResult, message)));
        if let Some(expected) = &self.expected
            && outcome != expected
        {
            return wrong(format!("wrong result: expected {expected}, got {outcome}"));
        }
        if let Some(expected) = &self.expected_stdout {
            let printed = self.guest.stdio.stdout_bytes().map_err(fail(phase))?;
            if printed != *expected {
                let (want, got) = (expected.len(), printed.len());
                return wrong(format!("wrong output: {got} bytes differ from the expected {want}"));
            }
        }
        Ok(())
    }
}

fn nothing_held() -> Failure {
    fail(None)(Error::internal("no instance is held"))
}

/// Calls `calls` times; gives the last outcome, and whether all were the same.
#[inline]
fn repeat<I: Instance>(instance: &mut I, calls: u64) -> crate::Result<(Outcome, bool)> {
    let first = black_box(instance.call()?);
    let mut same = true;
    for _ in 1..calls {
        same &= black_box(instance.call()?) == first;
    }
    Ok((first, same))
}
