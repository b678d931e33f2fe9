//! A worker process: starts it, sends requests, stops and resumes it, kills it, and turns crashes,
//! timeouts and invalid replies into errors that name what happened.

use super::environment;
use super::limits;
use super::stderr_tail::{StderrTail, keep_tail};
use crate::plan::WorkerCommand;
use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::time::clock_getcpuclockid;
use nix::unistd::Pid;
use protocol::message::{Reply, Request};
use protocol::{Error, ErrorKind, message};
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// The longest wait for a worker's background threads before it is stopped regardless.
const SETTLING: Duration = Duration::from_millis(5);

/// How long a worker may take to end by itself.
const EXIT_WAIT: Duration = Duration::from_millis(500);

/// What the system says where a disk is full.
const FULL_DISK: &str = "No space left on device";

/// Why a request has no complete answer.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The program could not be started.
    #[error("cannot start the worker: {0}")]
    Start(#[source] io::Error),
    /// The process ended in the middle of a request.
    #[error("the worker died ({status}){stderr}")]
    Died {
        /// Its exit status or signal.
        status: String,
        /// The end of its standard error, on lines of its own, or nothing.
        stderr: String,
    },
    /// No reply came in time; the process was killed.
    #[error("no answer within {} s; the worker was killed", .0.as_secs())]
    Hung(Duration),
    /// Its reply is not one that the protocol allows here.
    #[error("invalid reply from the worker: {0}")]
    InvalidReply(String),
    /// It answered that the request failed; it is still alive.
    #[error("{}", .0.error)]
    Failed(message::RequestFailed),
}

impl WorkerError {
    /// Whether the process can be asked again.
    pub fn is_alive(&self) -> bool {
        matches!(self, WorkerError::Failed(_))
    }

    /// Whether the process was killed from outside.
    pub fn was_killed(&self) -> bool {
        matches!(self, WorkerError::Died { status, .. } if status.contains("SIGKILL"))
    }

    /// Whether the disk was full.
    pub fn is_full_disk(&self) -> bool {
        matches!(self, WorkerError::Failed(one)
            if one.error.kind == ErrorKind::Io && one.error.message.contains(FULL_DISK))
    }

    /// The error of a request that was not made, because `reason` rules it out.
    pub fn unsupported(reason: &str) -> WorkerError {
        WorkerError::Failed(message::RequestFailed { phase: None, error: Error::unsupported(reason) })
    }
}

/// A running worker. Dropping it ends the process.
#[derive(Debug)]
pub struct WorkerProcess {
    child: Child,
    /// Closed to ask the process to end.
    stdin: Option<ChildStdin>,
    replies: Receiver<io::Result<String>>,
    stderr: StderrTail,
    limit: Duration,
    stopped_at_cpu_ns: Option<u64>,
    /// Processor time that the worker used while it was stopped, in nanoseconds; must be zero.
    pub stolen_cpu_ns: u64,
    /// Wall time that the worker was busy with requests, by its own clock, in nanoseconds.
    pub busy_ns: u64,
    /// Wall time from a request to its closing reply, as this program saw it, in nanoseconds.
    pub asked_ns: u64,
}

impl WorkerProcess {
    /// Starts `program` for `configuration`; every reply must come within `limit`. The worker
    /// has a process group of its own, so that Ctrl-C reaches this program alone.
    ///
    /// # Errors
    /// [`WorkerError::Start`].
    pub fn start(
        worker: &WorkerCommand,
        configuration: &str,
        limit: Duration,
    ) -> Result<WorkerProcess, WorkerError> {
        let mut command = Command::new(&worker.program);
        command.args(&worker.args).arg(configuration).envs(worker.environment());
        WorkerProcess::spawn(&mut command, limit)
    }

    /// The same under `tool`, a command that runs the command that its arguments end in, in the
    /// same process.
    ///
    /// # Errors
    /// [`WorkerError::Start`].
    pub fn start_under(
        mut tool: Command,
        worker: &WorkerCommand,
        configuration: &str,
        limit: Duration,
    ) -> Result<WorkerProcess, WorkerError> {
        tool.arg(&worker.program).args(&worker.args).arg(configuration);
        tool.envs(worker.environment());
        WorkerProcess::spawn(&mut tool, limit)
    }

    fn spawn(command: &mut Command, limit: Duration) -> Result<WorkerProcess, WorkerError> {
        environment::clear(command);
        limits::end_with_parent(command);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| WorkerError::Start(naming(command.get_program(), &error)))?;
        prefer_for_oom_kill(child.id());
        let (Some(stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(WorkerError::Start(io::Error::other("its streams are not open")));
        };
        let (sender, replies) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines() {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(WorkerProcess {
            child,
            stdin: Some(stdin),
            replies,
            stderr: keep_tail(stderr),
            limit,
            stopped_at_cpu_ns: None,
            stolen_cpu_ns: 0,
            busy_ns: 0,
            asked_ns: 0,
        })
    }

    /// Sends `request` and hands every reply but the closing [`Reply::Done`] to `each`.
    ///
    /// # Errors
    /// Any [`WorkerError`] but `Start`. Unless it [is alive](WorkerError::is_alive), the worker
    /// is of no further use.
    pub fn ask(&mut self, request: &Request, each: impl FnMut(Reply)) -> Result<(), WorkerError> {
        let start = Instant::now();
        let answer = self.exchange(request, each);
        self.asked_ns += nanoseconds(start.elapsed());
        answer
    }

    fn exchange(&mut self, request: &Request, mut each: impl FnMut(Reply)) -> Result<(), WorkerError> {
        let mut line =
            serde_json::to_vec(request).map_err(|error| WorkerError::InvalidReply(error.to_string()))?;
        line.push(b'\n');
        limits::limit_files(self.child.id(), request).map_err(WorkerError::Start)?;
        let sent = self.stdin.as_mut().map(|stdin| stdin.write_all(&line));
        if !matches!(sent, Some(Ok(()))) {
            return Err(self.exit_error());
        }
        loop {
            match self.reply()? {
                Reply::Done { busy_ns } => {
                    self.busy_ns += busy_ns;
                    return Ok(());
                }
                Reply::Failed(failure) => return Err(WorkerError::Failed(failure)),
                Reply::Hello(hello) => {
                    each(Reply::Hello(hello));
                    return Ok(());
                }
                reply => each(reply),
            }
        }
    }

    fn reply(&mut self) -> Result<Reply, WorkerError> {
        match self.replies.recv_timeout(self.limit) {
            Ok(Ok(line)) => serde_json::from_str(&line)
                .map_err(|error| WorkerError::InvalidReply(format!("{error}: {line}"))),
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => Err(self.exit_error()),
            Err(RecvTimeoutError::Timeout) => {
                self.kill();
                Err(WorkerError::Hung(self.limit))
            }
        }
    }

    /// The error that says how the process ended.
    fn exit_error(&mut self) -> WorkerError {
        // It has closed its streams, so it cannot answer even if it still runs.
        let status = match wait_or_kill(&mut self.child, Duration::from_secs(2)) {
            Ok(status) => status,
            Err(error) => error.to_string(),
        };
        let tail = self.stderr.all(EXIT_WAIT);
        let text = String::from_utf8_lossy(&tail);
        let stderr = if text.trim().is_empty() { String::new() } else { format!(": {}", text.trim()) };
        WorkerError::Died { status, stderr }
    }

    /// Waits until the process uses no processor time, if only for a short while: threads that an
    /// engine has just released may still be ending, and a thread that is exiting cannot be
    /// stopped.
    pub fn settle(&self) {
        let start = Instant::now();
        let mut last = self.cpu_ns();
        while start.elapsed() < SETTLING {
            thread::sleep(Duration::from_micros(100));
            let now = self.cpu_ns();
            if now == last {
                break;
            }
            last = now;
        }
    }

    /// Stops the process, and returns when it is stopped.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn stop(&mut self) -> Result<(), WorkerError> {
        let stopped = kill(self.pid(), Signal::SIGSTOP).and_then(|()| {
            let flags = WaitPidFlag::WSTOPPED | WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT;
            waitid(Id::Pid(self.pid()), flags)
        });
        if stopped.is_err() {
            return Err(self.exit_error());
        }
        // The system reports a stop a moment before the last thread has stopped, and a thread that is exiting does not
        // stop: it may wait for a processor meanwhile, and use it afterwards.
        let start = Instant::now();
        while start.elapsed() < SETTLING && !self.has_stopped_threads_alone() {
            thread::sleep(Duration::from_micros(100));
        }
        self.settle();
        self.stopped_at_cpu_ns = self.cpu_ns();
        Ok(())
    }

    /// Whether every thread is stopped, or is no more than an entry in the system's list (proc(5), the state in `stat`).
    fn has_stopped_threads_alone(&self) -> bool {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.pid())).into_iter().flatten().flatten();
        let state = |thread: std::fs::DirEntry| {
            let stat = std::fs::read_to_string(thread.path().join("stat")).ok()?;
            // The name before it may contain anything.
            stat.rsplit_once(')')?.1.trim_start().chars().next()
        };
        threads.filter_map(state).all(|state| matches!(state, 'T' | 't' | 'Z' | 'X'))
    }

    /// Whether the process has ended, by itself or killed by the system.
    pub fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }

    /// Resumes a stopped process.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn resume(&mut self) -> Result<(), WorkerError> {
        self.end_stop();
        if kill(self.pid(), Signal::SIGCONT).is_err() { Err(self.exit_error()) } else { Ok(()) }
    }

    /// Adds the processor time that a stopped process has used to
    /// [`stolen_cpu_ns`](Self::stolen_cpu_ns); to be called before it runs on or ends.
    pub fn end_stop(&mut self) {
        if let (Some(before), Some(now)) = (self.stopped_at_cpu_ns.take(), self.cpu_ns()) {
            self.stolen_cpu_ns += now.saturating_sub(before);
        }
    }

    /// Binds the process to one processor, before it has any other thread than its first.
    ///
    /// # Errors
    /// [`WorkerError::Start`] where there is no such processor.
    pub fn bind(&self, processor: usize) -> Result<(), WorkerError> {
        let mut set = CpuSet::new();
        set.set(processor)
            .and_then(|()| sched_setaffinity(self.pid(), &set))
            .map_err(|error| WorkerError::Start(error.into()))
    }

    /// The process's number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).unwrap_or(i32::MAX))
    }

    fn cpu_ns(&self) -> Option<u64> {
        let time = clock_getcpuclockid(self.pid()).and_then(nix::time::clock_gettime).ok()?;
        u64::try_from(Duration::from(time).as_nanos()).ok()
    }

    fn kill(&mut self) {
        // Both fail only when the process is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for WorkerProcess {
    /// The end of its requests lets a worker drop what it holds, files of its own among them; one
    /// that does not end by itself is killed.
    fn drop(&mut self) {
        self.stdin = None;
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            // Its number may be another process's by now.
            return;
        }
        if kill(self.pid(), Signal::SIGCONT).is_err() || wait_or_kill(&mut self.child, EXIT_WAIT).is_err() {
            self.kill();
        }
    }
}

/// `error`, which names no file by itself, with the program that could not be started.
fn naming(program: &OsStr, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", program.display()))
}

/// When a guest uses up the machine's memory, the system kills this worker first and no other process
/// of the user (proc(5), `oom_score_adj`).
fn prefer_for_oom_kill(process: u32) {
    // Without this file the system decides by its own rules.
    let _ = std::fs::write(format!("/proc/{process}/oom_score_adj"), "1000");
}

/// Waits for `child` to end, kills it when it does not within `limit`, and says how it ended.
fn wait_or_kill(child: &mut Child, limit: Duration) -> io::Result<String> {
    let step = Duration::from_millis(1);
    let mut waited = Duration::ZERO;
    while waited < limit {
        if let Some(status) = child.try_wait()? {
            return Ok(status.to_string());
        }
        thread::sleep(step);
        waited += step;
    }
    child.kill()?;
    child.wait()?;
    Ok("it closed its output and was killed".to_owned())
}

/// A duration in nanoseconds.
pub(crate) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
