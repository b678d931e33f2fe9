//! Turns an [`Engine`] into a worker: requests in, replies out, one at a time.

use crate::expectation::Expectation;
use crate::failure::fail;
use crate::session::{Session, Source};
use crate::stopwatch::ns;
use crate::unseen::UnseenBytes;
use crate::{Engine, Guest, Stdio};
use protocol::message::{PassReading, Reply, Request, RequestFailed};
use protocol::{Entry, Error, ErrorKind, Hello, Phase};
use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufWriter, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

/// Room for the replies of a request, in bytes. They are written together with the closing one: whoever
/// reads them would wake up beside the next pass.
const REPLIES_BYTES: usize = 1 << 20;

/// Serves requests on standard input until it is closed. The configuration is the program's
/// first argument.
///
/// The guest, the engine and their libraries may write to standard output. So replies go to a private
/// copy of it, and standard output itself is pointed at standard error.
///
/// # Errors
/// When the streams break or the configuration's name is missing.
pub fn serve<E: Engine>() -> io::Result<()> {
    let configuration = std::env::args()
        .nth(1)
        .ok_or_else(|| io::Error::other("usage: worker CONFIGURATION (requests on stdin)"))?;
    let mut replies = BufWriter::with_capacity(REPLIES_BYTES, private_stdout()?);
    serve_on::<E>(&configuration, io::stdin().lock(), &mut replies)
}

/// Answers every request line of `requests` on `replies`, until `requests` ends.
///
/// # Errors
/// When a stream breaks.
pub fn serve_on<E: Engine>(
    configuration: &str,
    requests: impl BufRead,
    replies: &mut impl Write,
) -> io::Result<()> {
    let mut worker =
        Worker::<E> { configuration: configuration.to_owned(), described: None, settings: None, open: None };
    for line in requests.lines() {
        let line = line?;
        let closing = match serde_json::from_str(&line) {
            Ok(request) => worker.answer(request, &mut |reply| send(replies, reply)),
            Err(error) => Err(fail(None)(Error::internal(format!("not a request: {error}: {line}")))),
        };
        send(replies, &closing.unwrap_or_else(Reply::Failed))?;
        replies.flush()?;
    }
    Ok(())
}

fn private_stdout() -> io::Result<File> {
    let private = io::stdout().as_fd().try_clone_to_owned()?;
    nix::unistd::dup2_stdout(io::stderr())?;
    Ok(File::from(private))
}

fn send(replies: &mut impl Write, reply: &Reply) -> io::Result<()> {
    let mut line = serde_json::to_vec(reply)?;
    line.push(b'\n');
    replies.write_all(&line)
}

type Emit<'a> = dyn FnMut(&Reply) -> io::Result<()> + 'a;

struct Worker<E: Engine> {
    configuration: String,
    /// What the configuration is and can do, asked for once.
    described: Option<Hello>,
    /// The settings, read once.
    settings: Option<Rc<E::Configuration>>,
    open: Option<Session<E>>,
}

impl<E: Engine> Worker<E> {
    /// Emits a request's readings one by one and returns its closing reply.
    fn answer(&mut self, request: Request, emit: &mut Emit<'_>) -> Result<Reply, RequestFailed> {
        let begun = Instant::now();
        match request {
            Request::Hello => return self.described().map(|hello| Reply::Hello(hello.clone())),
            Request::Open { .. } => {
                self.open = None;
                self.open = Some(self.opened(request)?);
            }
            Request::Parse { passes } => {
                self.passes(passes, emit, |opened, _| opened.timed(None, Session::parse))?;
            }
            Request::Jit { passes } => self.passes(passes, emit, |opened, _| {
                opened.timed(Some(Phase::Jit), |opened, watch| opened.first_result(watch, Source::Wasm, None))
            })?,
            Request::JitAndSave { passes, stem } => self.passes(passes, emit, |opened, pass| {
                saved(&stem, (pass, passes), |artifact| {
                    opened.timed(Some(Phase::Jit), |opened, watch| {
                        opened.first_result(watch, Source::Wasm, Some(artifact))
                    })
                })
            })?,
            Request::Aot { passes, stem } => self.passes(passes, emit, |opened, pass| {
                saved(&stem, (pass, passes), |artifact| {
                    opened.timed(Some(Phase::AotCompile), |opened, watch| opened.save(watch, artifact))
                })
            })?,
            Request::Run { passes, artifact } => self.passes(passes, emit, |opened, _| {
                let source = Source::Artifact(&artifact);
                opened
                    .timed(Some(Phase::AotExecute), |opened, watch| opened.first_result(watch, source, None))
            })?,
            Request::Load { passes, artifact } => {
                self.passes(passes, emit, |opened, _| {
                    opened.timed(None, |opened, watch| opened.load(watch, &artifact))
                })?;
            }
            Request::Printed { to, stderr_to } => {
                let stdio = &self.open()?.guest.stdio;
                write(&to, stdio.stdout_bytes())?;
                if let Some(to) = stderr_to {
                    write(&to, stdio.stderr_bytes())?;
                }
            }
            Request::Hold { artifact } => self.open()?.hold(artifact.as_deref())?,
            Request::Renew => self.open()?.renew()?,
            Request::Instantiate { readings } => {
                for _ in 0..readings {
                    let reading = self.open()?.instantiate_warm()?;
                    emit(&Reply::Reading(reading)).map_err(fail(None))?;
                }
            }
            Request::Call { readings, calls, reading_ns } => {
                let opened = self.open()?;
                let calls = calls.map_or_else(|| opened.calls_that_fill(reading_ns), Ok)?;
                for _ in 0..readings {
                    emit(&Reply::Reading(opened.call_warm(calls)?)).map_err(fail(None))?;
                }
            }
            Request::CallBare { readings, calls } => {
                for _ in 0..readings {
                    let reading = self.open()?.call_bare(calls)?;
                    emit(&Reply::Reading(reading)).map_err(fail(None))?;
                }
            }
            Request::Probe { probe, pass, artifact } => {
                let stretches = self.open()?.probed(probe, pass, artifact.as_deref())?;
                emit(&Reply::Probed { stretches }).map_err(fail(None))?;
            }
            Request::Close => self.open = None,
        }
        Ok(Reply::Done { busy_ns: ns(begun, Instant::now()) })
    }

    /// What the configuration is and can do.
    fn described(&mut self) -> Result<&Hello, RequestFailed> {
        let name = self.configuration.as_str();
        if !E::offers(name) {
            let known = E::CONFIGURATIONS.join(", ");
            let message = format!("this worker has no configuration `{name}`; it has {known}");
            return Err(fail(None)(Error::unsupported(message)));
        }
        if self.described.is_none() {
            self.described = Some(E::describe(name).map_err(fail(None))?);
        }
        self.described.as_ref().ok_or_else(|| fail(None)(Error::internal("nothing is described")))
    }

    /// The settings of the configuration.
    fn configured(&mut self) -> Result<Rc<E::Configuration>, RequestFailed> {
        if let Some(settings) = &self.settings {
            return Ok(Rc::clone(settings));
        }
        let settings = Rc::new(E::configure(&self.configuration).map_err(fail(None))?);
        Ok(Rc::clone(self.settings.insert(settings)))
    }

    /// Reads the module that `request` opens, and what is expected of it.
    fn opened(&mut self, request: Request) -> Result<Session<E>, RequestFailed> {
        let Request::Open {
            module,
            entry,
            expected,
            expected_stdout,
            expected_stderr,
            setup,
            fresh_instance,
            marks,
            ..
        } = request
        else {
            return Err(fail(None)(Error::internal("this request opens nothing")));
        };
        let stdin = match &entry {
            Entry::Command { stdin, .. } => stdin.as_deref(),
            Entry::Export { .. } => None,
        };
        let stdio = Stdio::new(stdin).map_err(fail(None))?;
        let bytes = read(&module)?;
        Ok(Session {
            instantiation: self.described()?.can.instantiate.clone(),
            configuration: self.configured()?,
            guest: Guest::new(entry, stdio, &bytes),
            bytes: UnseenBytes::of(bytes),
            plain_saved: Cell::new(false),
            expected: Expectation {
                outcome: expected,
                stdout: expected_stdout.as_deref().map(read).transpose()?,
                stderr: expected_stderr.as_deref().map(read).transpose()?,
            },
            setup,
            fresh_instance,
            marks,
            held: None,
        })
    }

    /// Emits the reading of every pass.
    fn passes(
        &mut self,
        passes: u32,
        emit: &mut Emit<'_>,
        pass: impl Fn(&Session<E>, u32) -> Result<PassReading, RequestFailed>,
    ) -> Result<(), RequestFailed> {
        let opened = self.open()?;
        for number in 0..passes {
            emit(&Reply::Pass(pass(opened, number)?)).map_err(fail(None))?;
        }
        Ok(())
    }

    fn open(&mut self) -> Result<&mut Session<E>, RequestFailed> {
        self.open.as_mut().ok_or_else(|| fail(None)(Error::internal("no module is open")))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, RequestFailed> {
    std::fs::read(path).map_err(|error| {
        fail(None)(Error::new(ErrorKind::Io, format!("cannot read {}: {error}", path.display())))
    })
}

fn write(to: &Path, bytes: io::Result<Vec<u8>>) -> Result<(), RequestFailed> {
    std::fs::write(to, bytes.map_err(fail(None))?).map_err(|error| {
        fail(None)(Error::new(ErrorKind::Io, format!("cannot write {}: {error}", to.display())))
    })
}

/// Has `pass` number `number` of `passes` write an artifact beside `stem`; only the last one stays.
fn saved(
    stem: &Path,
    (number, passes): (u32, u32),
    pass: impl FnOnce(&Path) -> Result<PassReading, RequestFailed>,
) -> Result<PassReading, RequestFailed> {
    let artifact = numbered(stem, number);
    let reading = pass(&artifact);
    if reading.is_err() || number + 1 < passes {
        // A failed save may have left nothing to remove.
        let _ = std::fs::remove_file(&artifact);
    }
    reading
}

fn numbered(stem: &Path, pass: u32) -> PathBuf {
    let mut name = stem.as_os_str().to_owned();
    name.push(format!(".{pass}"));
    PathBuf::from(name)
}
