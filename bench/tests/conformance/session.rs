//! A conversation with one process of a worker.

use crate::subject::{LIMIT, Subject};
use bench::process::{WorkerError, WorkerProcess};
use protocol::message::{PassReading, Reply, Request, RequestFailed, WarmReading};
use protocol::{Ability, Entry, ErrorKind, MarksUse, NumberType, Outcome, SetupCall, Signature, Value};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A module, what is called in it, and what is expected.
#[derive(Clone)]
pub struct Case {
    wasm: Vec<u8>,
    entry: Entry,
    expected: Option<Outcome>,
    expected_stdout: Option<Vec<u8>>,
    expected_stderr: Option<Vec<u8>>,
    setup: Vec<SetupCall>,
    fresh_instance: bool,
    marks: MarksUse,
}

impl Case {
    /// The export `name` of the module in text form, called with `args`.
    pub fn export(wat: &str, name: &str, args: &[Value]) -> Case {
        Case::of(wat, Entry::Export { name: name.to_owned(), args: args.to_vec() })
    }

    /// Any entry of the module in text form.
    pub fn of(wat: &str, entry: Entry) -> Case {
        Case::bytes(&wat::parse_str(wat).expect("the test's module is well formed"), entry)
    }

    /// Any entry of a module that need not be one.
    pub fn bytes(wasm: &[u8], entry: Entry) -> Case {
        Case {
            wasm: wasm.to_vec(),
            entry,
            expected: None,
            expected_stdout: None,
            expected_stderr: None,
            setup: Vec::new(),
            fresh_instance: false,
            marks: MarksUse::Ignored,
        }
    }

    /// Expects this outcome.
    pub fn expecting(mut self, outcome: Outcome) -> Case {
        self.expected = Some(outcome);
        self
    }

    /// Expects this one value.
    pub fn giving(self, value: Value) -> Case {
        self.expecting(Outcome::One(value))
    }

    /// Expects this on the standard output.
    pub fn printing(mut self, text: &str) -> Case {
        self.expected_stdout = Some(text.as_bytes().to_vec());
        self
    }

    /// Expects this on the standard error.
    pub fn complaining(mut self, text: &str) -> Case {
        self.expected_stderr = Some(text.as_bytes().to_vec());
        self
    }

    /// Calls the export `name`, of type `(i32) -> ()`, with `arg` on every fresh instance.
    pub fn after(mut self, name: &str, arg: i32) -> Case {
        let signature = Some(Signature { params: vec![NumberType::I32], results: vec![] });
        self.setup.push(SetupCall { name: name.to_owned(), args: vec![Value::I32(arg)], signature });
        self
    }

    /// Takes the stretch that the module marks for the call.
    pub fn marked(mut self) -> Case {
        self.marks = MarksUse::TimedAsCall;
        self
    }

    /// Takes a fresh instance for every warm call.
    pub fn fresh(mut self) -> Case {
        self.fresh_instance = true;
        self
    }
}

impl Subject {
    /// A fresh process of this worker.
    pub fn start(&self) -> Session<'_> {
        Session::start(self)
    }
}

/// A running process and a folder for its files.
pub struct Session<'a> {
    subject: &'a Subject,
    worker: WorkerProcess,
    folder: TempDir,
}

impl<'a> Session<'a> {
    /// Starts a process.
    pub fn start(subject: &'a Subject) -> Session<'a> {
        let worker =
            WorkerProcess::start(&subject.worker, &subject.configuration, LIMIT).expect("the worker starts");
        Session { subject, worker, folder: TempDir::new().expect("temporary folder") }
    }

    /// How many threads the process has.
    pub fn threads(&self) -> usize {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.worker.id()));
        tasks.expect("the process is alive").count()
    }

    /// A path in the session's folder, where nothing is yet.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Asks, and panics when the worker dies, hangs or gives an invalid reply.
    pub fn ask(&mut self, request: &Request) -> Result<Vec<Reply>, (RequestFailed, Vec<Reply>)> {
        let mut replies = Vec::new();
        match self.worker.ask(request, |reply| replies.push(reply)) {
            Ok(()) => Ok(replies),
            Err(WorkerError::Failed(failure)) => Err((failure, replies)),
            Err(error) => panic!("{request:?}: {error}"),
        }
    }

    /// Asks; true when the request was carried out, false when it failed or the worker died.
    pub fn survives(&mut self, request: &Request) -> bool {
        match self.worker.ask(request, |_| {}) {
            Ok(()) => true,
            Err(WorkerError::Failed(_) | WorkerError::Died { .. }) => false,
            Err(error) => panic!("{request:?}: {error}"),
        }
    }

    /// Opens `case`.
    pub fn open(&mut self, case: &Case) {
        let write = |name: &str, bytes: &[u8]| {
            let path = self.path(name);
            std::fs::write(&path, bytes).expect("temporary file");
            path
        };
        let module = write("module.wasm", &case.wasm);
        let request = Request::Open {
            signature: bench::plan::signature(&module, &case.entry),
            module,
            entry: case.entry.clone(),
            expected: case.expected.clone(),
            expected_stdout: case.expected_stdout.as_deref().map(|text| write("stdout", text)),
            expected_stderr: case.expected_stderr.as_deref().map(|text| write("stderr", text)),
            setup: case.setup.clone(),
            fresh_instance: case.fresh_instance,
            marks: case.marks,
        };
        self.ask(&request).expect("any file can be opened");
    }

    /// Passes from nothing to a result: JIT where the engine can, else AOT and run.
    pub fn execute(&mut self, passes: u32) -> Result<Vec<PassReading>, (RequestFailed, Vec<PassReading>)> {
        if self.subject.hello.can.jit == Ability::Yes {
            return self.passes(&Request::Jit { passes });
        }
        let artifact = self.save()?;
        self.passes(&Request::Run { passes, artifact })
    }

    /// One AOT pass; gives its artifact, in the session's folder.
    pub fn save(&mut self) -> Result<PathBuf, (RequestFailed, Vec<PassReading>)> {
        let pass = self.passes(&Request::Aot { passes: 1, stem: self.path("artifact") })?.remove(0);
        Ok(pass.artifact.expect("an AOT pass names its artifact").path)
    }

    /// The passes that `request` brings.
    pub fn passes(
        &mut self,
        request: &Request,
    ) -> Result<Vec<PassReading>, (RequestFailed, Vec<PassReading>)> {
        let passes = |replies: Vec<Reply>| replies.into_iter().map(pass).collect();
        self.ask(request).map(passes).map_err(|(failure, replies)| (failure, passes(replies)))
    }

    /// Has it hold an instance, of compiled code where the engine can, else of an artifact.
    pub fn hold(&mut self) -> Result<(), RequestFailed> {
        let artifact = match self.subject.hello.can.jit {
            Ability::Yes => None,
            Ability::No(_) => Some(self.save().map_err(|(failure, _)| failure)?),
        };
        self.ask(&Request::Hold { artifact }).map(drop).map_err(|(failure, _)| failure)
    }

    /// The warm readings that `request` brings.
    pub fn readings(
        &mut self,
        request: &Request,
    ) -> Result<Vec<WarmReading>, (RequestFailed, Vec<WarmReading>)> {
        let readings = |replies: Vec<Reply>| replies.into_iter().map(reading).collect();
        self.ask(request).map(readings).map_err(|(failure, replies)| (failure, readings(replies)))
    }

    /// Opens `case` and executes it once; gives what it ended in.
    pub fn outcome(&mut self, case: &Case) -> Outcome {
        self.open(case);
        let pass = self.execute(1).unwrap_or_else(|(failure, _)| panic!("{failure:?}")).remove(0);
        pass.outcome.expect("a pass that calls has an outcome")
    }

    /// Opens `case` and executes it; it must fail without a reading, with an error of `kind`.
    pub fn fails(&mut self, case: &Case, kind: ErrorKind) -> RequestFailed {
        self.open(case);
        let (failure, passes) = self.execute(2).expect_err("this must fail");
        assert_eq!(failure.error.kind, kind, "{failure:?}");
        assert!(!failure.error.message.is_empty(), "an error has words");
        assert!(passes.is_empty(), "a failure brings no reading");
        failure
    }

    /// The worker must still be alive and compute rightly.
    pub fn still_works(&mut self) {
        let double = r#"(module (func (export "run") (param i32) (result i64)
            (i64.mul (i64.extend_i32_s (local.get 0)) (i64.const 2))))"#;
        let case = Case::export(double, "run", &[Value::I32(-21)]).giving(Value::I64(-42));
        assert_eq!(self.outcome(&case), Outcome::One(Value::I64(-42)), "after a failure");
    }
}

/// Cuts `file` to its first `bytes` bytes, in a new file beside it.
pub fn truncated(file: &Path, bytes: u64) -> PathBuf {
    let short = file.with_extension(format!("short-{bytes}"));
    std::fs::copy(file, &short).expect("temporary file");
    std::fs::File::options()
        .write(true)
        .open(&short)
        .expect("temporary file")
        .set_len(bytes)
        .expect("truncates");
    short
}

fn pass(reply: Reply) -> PassReading {
    match reply {
        Reply::Pass(pass) => pass,
        other => panic!("not a pass: {other:?}"),
    }
}

fn reading(reply: Reply) -> WarmReading {
    match reply {
        Reply::Reading(reading) => reading,
        other => panic!("not a reading: {other:?}"),
    }
}
