//! The messages between the coordinator and a worker: one JSON object a line, times in nanoseconds
//! as integers. A worker answers every request with zero or more [`Reply::Pass`], [`Reply::Reading`]
//! or [`Reply::Probed`] lines and then exactly one closing reply. So a crash loses nothing that was
//! measured before it.

use crate::{Entry, Error, Outcome, Pass, Phase, SetupCall, Signature};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What the coordinator asks of a worker.
#[expect(clippy::large_enum_variant, reason = "requests are made one at a time, and are not kept")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case")]
pub enum Request {
    /// Describe the configuration, without starting anything. Closed by [`Reply::Hello`].
    Hello,
    /// Read this module; the requests that follow are about it and this entry. Closed by
    /// [`Reply::Done`].
    Open {
        /// The wasm file; for the native baseline, its shared library.
        module: PathBuf,
        /// What is called.
        entry: Entry,
        /// The type of the entry, as the coordinator read it in the module; `None` for a command,
        /// and if it could not be read. For workers that cannot ask their runtime.
        #[serde(default)]
        signature: Option<Signature>,
        /// The outcome that every call must have. Another outcome is a failure and gets no reading.
        /// `None` accepts any outcome.
        expected: Option<Outcome>,
        /// A file whose bytes the guest's standard output must equal.
        expected_stdout: Option<PathBuf>,
        /// A file whose bytes the guest's standard error must equal.
        #[serde(default)]
        expected_stderr: Option<PathBuf>,
        /// Exports that are called on every fresh instance before the entry, untimed, in this order.
        #[serde(default)]
        setup: Vec<SetupCall>,
        /// Whether every warm call needs an instance of its own, because a call changes what
        /// the next one does.
        fresh_instance: bool,
        /// Whether d is the whole call, or the stretch that the module marks.
        marks: MarksUse,
    },
    /// Validate without compiling, `passes` times. Closed by [`Reply::Done`].
    Parse {
        /// How many passes.
        passes: u32,
    },
    /// Compile, instantiate and call, `passes` times. Closed by [`Reply::Done`].
    Jit {
        /// How many passes.
        passes: u32,
    },
    /// The same, and save the module after the call, so that one compilation serves both: the reading
    /// has `b-save` behind its total. Closed by [`Reply::Done`].
    JitAndSave {
        /// How many passes.
        passes: u32,
        /// As for `Aot`.
        stem: PathBuf,
    },
    /// Compile and save, `passes` times. Closed by [`Reply::Done`].
    Aot {
        /// How many passes.
        passes: u32,
        /// Where artifacts go: pass `i` writes `<stem>.<i>`. The last one stays, the others
        /// are unlinked.
        stem: PathBuf,
    },
    /// Load, instantiate and call, `passes` times. Closed by [`Reply::Done`].
    Run {
        /// How many passes.
        passes: u32,
        /// The artifact.
        artifact: PathBuf,
    },
    /// Load and nothing more, `passes` times. Closed by [`Reply::Done`].
    Load {
        /// How many passes.
        passes: u32,
        /// The artifact.
        artifact: PathBuf,
    },
    /// Copy what the guest printed in the last pass to files, which are replaced where they exist. Closed by
    /// [`Reply::Done`].
    Printed {
        /// The file for its standard output.
        to: PathBuf,
        /// The file for its standard error, if that is wanted.
        #[serde(default)]
        stderr_to: Option<PathBuf>,
    },
    /// Make a module and an instance, call it once, and keep both for warm readings. Closed by
    /// [`Reply::Done`].
    Hold {
        /// Load this artifact; without one, compile the open module.
        artifact: Option<PathBuf>,
    },
    /// Replace the held instance by a fresh one of the held module. Closed by [`Reply::Done`].
    Renew,
    /// Instantiate the held module again and again, one reading each. Closed by [`Reply::Done`].
    Instantiate {
        /// How many readings.
        readings: u32,
    },
    /// Call the held instance again and again. Closed by [`Reply::Done`].
    Call {
        /// How many readings.
        readings: u32,
        /// Calls in one reading; with `None` the worker doubles the calls until one reading lasts
        /// `reading_ns`.
        calls: Option<u64>,
        /// The shortest reading that is wanted, in nanoseconds.
        reading_ns: u64,
    },
    /// Call the held instance by the runtime's own fastest call, in a loop that does nothing else.
    /// The difference to [`Request::Call`] is what the worker adds to a warm call. Closed by
    /// [`Reply::Done`].
    CallBare {
        /// How many readings.
        readings: u32,
        /// Calls in one reading.
        calls: u64,
    },
    /// Make one pass with a probe instead of the clock. Answered by [`Reply::Probed`], closed by
    /// [`Reply::Done`].
    Probe {
        /// What to read.
        probe: Probe,
        /// The pass; a warm one is one instantiation and one call on a held module.
        pass: Pass,
        /// The artifact: an AOT pass writes it and removes it again, the other passes load it.
        artifact: Option<PathBuf>,
    },
    /// Drop everything held and open. Closed by [`Reply::Done`].
    Close,
}

/// What a worker answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "kebab-case")]
pub enum Reply {
    /// Answer to [`Request::Hello`].
    Hello(Hello),
    /// One pass, as soon as it is over.
    Pass(PassReading),
    /// One warm reading.
    Reading(WarmReading),
    /// What a probe read.
    Probed {
        /// The stretches between boundaries, in order.
        stretches: Vec<Stretch>,
    },
    /// The request is done; all its readings come before this line.
    Done {
        /// Wall time from the request's arrival until this reply, in nanoseconds. It includes what is
        /// not timed.
        busy_ns: u64,
    },
    /// The request failed; its readings before this line count.
    Failed(RequestFailed),
}

/// What d is in a module that may import `bench.start` and `bench.end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MarksUse {
    /// The whole call.
    #[default]
    Ignored,
    /// The stretch between the two. Totals still include the whole call.
    TimedAsCall,
}

/// One pass with a clock reading at every phase boundary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PassReading {
    /// Wall time of each phase in order, then of the total if the pass has one, in nanoseconds. The
    /// phases after `engine` add up to the total. If d is the stretch that the module marks
    /// ([`MarksUse`]), the rest of the call is in the total only.
    pub wall_ns: Vec<(Phase, u64)>,
    /// Processor time from the end of `engine` to the last boundary, all threads and reaped children,
    /// in nanoseconds.
    pub cpu_ns: u64,
    /// Wall time of dropping instance, module and engine afterwards, in nanoseconds.
    pub drop_ns: u64,
    /// How the call ended; `None` for a pass that calls nothing.
    pub outcome: Option<Outcome>,
    /// The artifact that the pass wrote.
    pub artifact: Option<Artifact>,
}

/// A file that an AOT pass wrote and that a load takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// The file.
    pub path: PathBuf,
    /// Its size, in bytes.
    pub bytes: u64,
    /// How many of them are a copy of the module's own bytes, for runtimes that need these to load the
    /// code.
    #[serde(default)]
    pub module_bytes: u64,
}

/// One warm reading: `calls` repetitions of a phase between two clock readings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WarmReading {
    /// What was repeated.
    pub phase: Phase,
    /// Repetitions between the two clock readings.
    pub calls: u64,
    /// Wall time of all repetitions together, in nanoseconds.
    pub wall_ns: u64,
    /// Processor time of all repetitions together, in nanoseconds, where reading it does not
    /// disturb what is measured.
    pub cpu_ns: Option<u64>,
    /// Wall time of dropping the instance afterwards, in nanoseconds.
    pub drop_ns: u64,
}

/// What can be read at the boundaries of a pass instead of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Probe {
    /// Peak resident memory.
    Memory,
    /// The system's counters of instructions and cycles.
    Counters,
    /// Nothing. At every boundary the worker calls its function `phase_boundary`, for a tool that the
    /// worker runs under.
    Marks,
}

/// What a probe read between two boundaries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stretch {
    /// The phase; `None` for what runs between phases, which only [`Probe::Marks`] reports.
    pub phase: Option<Phase>,
    /// Peak resident memory of the process, in bytes.
    pub peak_bytes: Option<u64>,
    /// Whether the peak was reset when the phase began; if not, it is the peak since the process
    /// started.
    pub since_reset: bool,
    /// Instructions in user space, all threads.
    pub instructions: Option<u64>,
    /// Cycles in user space, all threads.
    pub cycles: Option<u64>,
}

/// Why a request ended early.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestFailed {
    /// The phase that was under way, if any.
    pub phase: Option<Phase>,
    /// What happened.
    pub error: Error,
}

/// What an engine configuration is and can do. What must be known before the worker is built
/// (needs, licence) is in `engine.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// The configuration's name, such as `wasmer-cranelift`.
    pub configuration: String,
    /// The runtime's version.
    pub version: String,
    /// The compiler and its version, such as `Cranelift 0.135.0`.
    pub compiler: String,
    /// Settings that change what is measured, such as the optimisation level.
    pub flags: String,
    /// Threads that compilation may use.
    pub threads: u32,
    /// What this configuration can do.
    pub can: Capabilities,
    /// The probes that this worker offers.
    #[serde(default)]
    pub probes: Vec<Probe>,
    /// Threads that the host program has besides its main thread before any engine is created.
    #[serde(default)]
    pub host_threads: u32,
    /// How the surroundings that it gives a guest differ from other engines'.
    #[serde(default)]
    pub differences: Vec<Difference>,
    /// What a reader of its numbers must know.
    pub notes: Vec<String>,
}

/// Something by which a guest can tell an engine from others, and which is no fault of either.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The WASI functions that show it.
    pub functions: Vec<String>,
    /// What it is, in a sentence.
    pub words: String,
}

/// What a configuration can do; a no has its reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Capabilities {
    /// Validate without compiling.
    pub parse: Ability,
    /// Instantiate and call what it has just compiled.
    pub jit: Ability,
    /// Make an instance as a phase of its own (c). Native libraries cannot: loading one also makes its
    /// state.
    pub instantiate: Ability,
    /// Save and load artifacts.
    pub aot: Ability,
    /// Run WASI preview 1 commands.
    pub wasi: Ability,
}

/// A yes, or a no with its reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ability {
    /// It can.
    Yes,
    /// It cannot, and why.
    No(String),
}

impl Capabilities {
    /// Everything.
    pub const ALL: Capabilities = Capabilities {
        parse: Ability::Yes,
        jit: Ability::Yes,
        instantiate: Ability::Yes,
        aot: Ability::Yes,
        wasi: Ability::Yes,
    };
}

impl Ability {
    /// A no with its reason.
    pub fn no(reason: impl Into<String>) -> Ability {
        Ability::No(reason.into())
    }

    /// The reason of a no.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Ability::Yes => None,
            Ability::No(reason) => Some(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    #[test]
    fn messages_are_read_as_they_were_written() {
        let request = Request::Open {
            module: "a.wasm".into(),
            entry: Entry::Export {
                name: "run".into(),
                args: vec![Value::I32(-1), Value::F64(1.5f64.to_bits())],
            },
            signature: Some(Signature::default()),
            expected: Some(Outcome::One(Value::I64(i64::MIN))),
            expected_stdout: None,
            expected_stderr: Some("/err".into()),
            setup: vec![SetupCall { name: "init".into(), args: vec![], signature: None }],
            fresh_instance: false,
            marks: MarksUse::TimedAsCall,
        };
        let line = serde_json::to_string(&request).expect("requests serialise");
        assert!(!line.contains('\n'));
        assert_eq!(serde_json::from_str::<Request>(&line).expect("requests parse"), request);

        let reply = Reply::Pass(PassReading {
            wall_ns: vec![(Phase::AbCompile, 12), (Phase::Jit, 40)],
            cpu_ns: 41,
            drop_ns: 5,
            outcome: Some(Outcome::Exit(3)),
            artifact: Some(Artifact { path: "x.0".into(), bytes: 99, module_bytes: 0 }),
        });
        let line = serde_json::to_string(&reply).expect("replies serialise");
        assert_eq!(serde_json::from_str::<Reply>(&line).expect("replies parse"), reply);
    }
}
