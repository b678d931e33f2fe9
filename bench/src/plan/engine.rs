//! An engine of a run: its configuration, its worker, and what it is entered as.

use protocol::{Hello, Pass};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

protocol::named_enum! {
    /// What an engine is entered in a run as. The engine's own name and this together identify an
    /// entry.
    #[derive(Default)]
    pub enum EngineEntry {
        /// The engine is measured.
        #[default]
        Subject = "subject",
        /// The engine is measured a second time: the difference between the two entries is noise.
        Control = "control",
        /// The engine is measured with more work by a known amount (see
        /// [`Case::injected`](super::Case::injected)).
        Injected = "injected",
    }
}

impl EngineEntry {
    /// Whether it is a subject.
    pub fn is_subject(self) -> bool {
        self == EngineEntry::Subject
    }
}

/// What a worker opens: the wasm file or a native library of the sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Input {
    /// The wasm file of the variant.
    Wasm,
    /// The native library for the target's oldest CPU.
    NativeBaseline,
    /// The native library for this machine's CPU.
    NativeHost,
}

/// How a worker is started: a program and its arguments, before the configuration's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerCommand {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    #[serde(default)]
    pub args: Vec<PathBuf>,
    /// Folders in which the worker finds programs before those of its PATH.
    #[serde(default)]
    pub path: Vec<PathBuf>,
    /// Files that its environment names, by variable.
    #[serde(default)]
    pub named_files: BTreeMap<String, PathBuf>,
    /// What tells this build of the worker from every other; empty where nothing does.
    #[serde(default)]
    pub build: String,
}

impl WorkerCommand {
    /// A worker that is a program by itself.
    pub fn of(program: impl Into<PathBuf>) -> WorkerCommand {
        WorkerCommand {
            program: program.into(),
            args: Vec::new(),
            path: Vec::new(),
            named_files: BTreeMap::new(),
            build: String::new(),
        }
    }

    /// The worker's PATH, where it is not the one of this process.
    fn search_path(&self) -> Option<OsString> {
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let folders = self.path.iter().cloned().chain(std::env::split_paths(&inherited));
        std::env::join_paths(folders).ok().filter(|_| !self.path.is_empty())
    }

    /// What is set in the worker's environment besides what it inherits.
    pub fn environment(&self) -> impl Iterator<Item = (&str, OsString)> {
        let files = self.named_files.iter().map(|(name, file)| (name.as_str(), file.clone().into()));
        files.chain(self.search_path().map(|path| ("PATH", path)))
    }

    /// The files that decide about the worker, as far as the command names them.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let own = [&self.program].into_iter().chain(&self.args).chain(self.named_files.values());
        own.map(PathBuf::as_path).filter(|path| path.is_file())
    }
}

impl fmt::Display for WorkerCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.program.display())?;
        self.args.iter().try_for_each(|arg| write!(f, " {}", arg.display()))
    }
}

/// An engine configuration whose worker is built and has answered the hello request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EngineSpec {
    /// The engine's own name, under which its readings are recorded.
    pub name: String,
    /// What it is entered as.
    #[serde(default)]
    pub entry: EngineEntry,
    /// The configuration that the worker is started with.
    pub configuration: String,
    /// How the worker is started.
    pub worker: WorkerCommand,
    /// How the worker for cases with WASI is started, where that is another one.
    #[serde(default)]
    pub wasi_worker: Option<WorkerCommand>,
    /// What the worker opens.
    pub input: Input,
    /// Whether the others' times are given as ratios to this engine's.
    #[serde(default)]
    pub baseline: bool,
    /// Whether this engine is the one to enter a second time as the control.
    #[serde(default)]
    pub usual_control: bool,
    /// Whether it changes a function's code while that is in use, so that warm calls must be shown to be steady.
    #[serde(default)]
    pub tiers: bool,
    /// A program that calls an export in a loop of its own and shares nothing with the worker, where the engine has
    /// one.
    #[serde(default)]
    pub own_loop: Option<WorkerCommand>,
    /// What the worker answered to the hello request.
    pub hello: Hello,
}

impl EngineSpec {
    /// The same engine, entered as the [control](EngineEntry::Control).
    pub fn control(&self) -> EngineSpec {
        EngineSpec { entry: EngineEntry::Control, ..self.clone() }
    }

    /// The same engine, entered with the [injected difference](EngineEntry::Injected).
    pub fn injected(&self) -> EngineSpec {
        EngineSpec { entry: EngineEntry::Injected, ..self.clone() }
    }

    /// Whether it is entered as a subject.
    pub fn is_subject(&self) -> bool {
        self.entry.is_subject()
    }

    /// Whether it runs each case's injected difference.
    pub fn is_injected(&self) -> bool {
        self.entry == EngineEntry::Injected
    }

    /// Whether the worker runs native code instead of wasm.
    pub fn is_native(&self) -> bool {
        self.input != Input::Wasm
    }

    /// Whether it loads artifacts, its own or a native library.
    pub fn has_artifacts(&self) -> bool {
        self.is_native() || self.lacks(Pass::Aot).is_none()
    }

    /// Why the engine does not offer `pass`, where it does not.
    pub fn lacks(&self, pass: Pass) -> Option<&str> {
        let can = &self.hello.can;
        match pass {
            Pass::Parse => can.parse.reason(),
            Pass::Jit | Pass::ColdJit => can.jit.reason(),
            Pass::Aot => can.aot.reason(),
            Pass::Run | Pass::ColdRun if self.is_native() => None,
            Pass::Run | Pass::ColdRun | Pass::Load => can.aot.reason(),
            Pass::WarmInstantiate => can.instantiate.reason(),
            Pass::WarmCall => None,
        }
    }
}
