//! What is to be measured: engines, cases, and how much effort goes into each.

use crate::plan::manifest::Sample;
use crate::schedule::batch::Turn;
use protocol::message::Request;
use protocol::{Entry, Hello, Outcome, RegionUse};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// An engine configuration whose worker is built and has said what it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EngineSpec {
    /// The name under which its readings are written down.
    pub name: String,
    /// The configuration that the worker is started with.
    pub configuration: String,
    /// The worker program.
    pub worker: PathBuf,
    /// What the worker opens.
    pub input: Input,
    /// What the worker says of itself.
    pub hello: Hello,
    /// Whether it is given each case's [planted](Case::planted) entry instead of its own.
    pub planted: bool,
}

/// The engine that the name belongs to, where it is a twin's.
pub fn twin_of(name: &str) -> Option<&str> {
    name.strip_suffix(TWIN)
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

/// The variant and the size of a module that is no sample of the catalogue.
pub const OWN: &str = "own";
/// Ends the name of an engine that is entered a second time.
const TWIN: &str = "~aa";
/// Ends the name of an engine that is given other work.
const PLANTED: &str = "~planted";

impl EngineSpec {
    /// The same engine under another name: what the two seem to differ by is what this run
    /// cannot tell apart.
    pub fn twin(&self) -> EngineSpec {
        EngineSpec { name: format!("{}{TWIN}", self.name), ..self.clone() }
    }

    /// The same engine, given each case's planted entry: by how much the two differ is known.
    pub fn planted(&self) -> EngineSpec {
        EngineSpec { name: format!("{}{PLANTED}", self.name), planted: true, ..self.clone() }
    }

    /// Whether the worker runs native code instead of wasm.
    pub fn is_native(&self) -> bool {
        self.input != Input::Wasm
    }
}

/// One sample in one variant at one size: what every engine is given alike.
#[derive(Clone, Debug)]
pub struct Case {
    /// The sample's name.
    pub sample: String,
    /// The wasm's variant.
    pub variant: String,
    /// The arguments' name: `small`, `medium` or `large`.
    pub size: String,
    /// What is called.
    pub entry: Entry,
    /// What every call must end in.
    pub expected: Option<Outcome>,
    /// A file whose bytes the guest's standard output must equal.
    pub expected_stdout: Option<PathBuf>,
    /// Whether every warm call needs a fresh instance.
    pub fresh_instance: bool,
    /// Whether d is the whole call, or the stretch that the module marks.
    pub region: RegionUse,
    /// Why it is only parsed, compiled, saved and loaded, where it is.
    pub compile_only: Option<String>,
    /// Engines, by name, that can compile it and not call it, each with the reason.
    pub uncallable: BTreeMap<String, String>,
    /// Engines, by name, whose result is known to be none, with what they did: their cells fail.
    pub failing: BTreeMap<String, String>,
    /// Another entry of the same module, with what it must end in: a known amount of more work.
    pub planted: Option<(Entry, Outcome)>,
    wasm: PathBuf,
    native_baseline: Option<PathBuf>,
    native_host: Option<PathBuf>,
}

impl Case {
    /// The case of `sample` in `variant` at `size`, with files under `folder`; `None` where the
    /// sample has no such variant or size.
    pub fn new(sample: &Sample, variant: &str, size: &str, folder: &Path) -> Option<Case> {
        let module = sample.modules.iter().find(|module| module.variant == variant)?;
        let size = sample.sizes.iter().find(|known| known.name == size)?;
        let native = |cpu: &str| {
            let of_cpu = || sample.natives.iter().filter(|native| native.cpu == cpu);
            let same = of_cpu().find(|native| native.variant == variant);
            same.or_else(|| of_cpu().find(|native| native.variant == "stripped"))
                .map(|native| folder.join(&native.path))
        };
        Some(Case {
            sample: sample.name.clone(),
            variant: variant.to_owned(),
            size: size.name.clone(),
            entry: size.entry.clone(),
            expected: Some(size.expected.clone()),
            expected_stdout: size.expected_stdout.as_ref().map(|file| folder.join(file)),
            fresh_instance: sample.fresh_instance,
            region: RegionUse::Ignored,
            compile_only: None,
            uncallable: BTreeMap::new(),
            failing: BTreeMap::new(),
            planted: None,
            wasm: folder.join(&module.path),
            native_baseline: native("baseline"),
            native_host: native("host"),
        })
    }

    /// The case of a module that is no sample of the catalogue: its one variant and size are called
    /// `own`, there is no native code of it, and nothing is expected of it yet.
    pub fn own(name: &str, wasm: &Path, entry: Entry) -> Case {
        Case {
            sample: name.to_owned(),
            variant: OWN.to_owned(),
            size: OWN.to_owned(),
            // A command's second run in one instance is none that its author thought of.
            fresh_instance: matches!(entry, Entry::Command { .. }),
            entry,
            expected: None,
            expected_stdout: None,
            region: RegionUse::Ignored,
            compile_only: None,
            uncallable: BTreeMap::new(),
            failing: BTreeMap::new(),
            planted: None,
            wasm: wasm.to_owned(),
            native_baseline: None,
            native_host: None,
        }
    }

    /// Why `engine` only parses, compiles, saves and loads it, where it does.
    pub fn only_compiled(&self, engine: &str) -> Option<&str> {
        let of_engine = || self.uncallable.get(twin_of(engine).unwrap_or(engine));
        self.compile_only.as_ref().or_else(of_engine).map(String::as_str)
    }

    /// Whether it is a module of the user's own.
    pub fn is_own(&self) -> bool {
        self.variant == OWN
    }

    /// What `engine` did wrong before anything was measured, if it did.
    pub fn failure_of(&self, engine: &str) -> Option<&str> {
        self.failing.get(twin_of(engine).unwrap_or(engine)).map(String::as_str)
    }

    /// The file that `engine` opens; `None` where the sample has none for it.
    pub fn file(&self, input: Input) -> Option<&Path> {
        match input {
            Input::Wasm => Some(&self.wasm),
            Input::NativeBaseline => self.native_baseline.as_deref(),
            Input::NativeHost => self.native_host.as_deref(),
        }
    }

    /// Why the sample has nothing that an engine with this `input` could open, where it has not.
    pub fn lacks(&self, input: Input) -> Option<&'static str> {
        match (self.file(input), &self.entry) {
            (Some(_), _) => None,
            (None, Entry::Command { .. }) => {
                Some("a command is no library: its native program is the reference, and is not measured")
            }
            (None, Entry::Export { .. }) => Some("the sample is not built as a native library for this CPU"),
        }
    }

    /// The request that has a worker open this case; `None` where the sample has no file for it.
    pub fn open(&self, input: Input) -> Option<Request> {
        Some(Request::Open {
            module: self.file(input)?.to_owned(),
            entry: self.entry.clone(),
            expected: self.expected.clone(),
            expected_stdout: self.expected_stdout.clone(),
            fresh_instance: self.fresh_instance,
            region: self.region,
        })
    }
}

/// How much effort goes into a run.
#[derive(Clone, Debug)]
pub struct Effort {
    /// Rounds of everything, each with fresh processes.
    pub rounds: u32,
    /// Rounds go on after that, for blocks with a ratio whose 95% interval is wider than plus or
    /// minus this fraction; `None` ends with the rounds of everything.
    pub precision: Option<f64>,
    /// The most rounds of one block.
    pub max_rounds: u32,
    /// No round begins after this long; at least one is made.
    pub time_budget: Option<Duration>,
    /// The time that one engine's readings in a block should take in each round, where one takes
    /// less than a millisecond.
    pub share: Duration,
    /// The same where one takes a millisecond or more: those are compilations, which differ more from
    /// one to the next, and a fast compiler's ratios are no better known than its own time.
    pub long_share: Duration,
    /// The fewest readings of one engine in a block of a round, where they do not fit into its share.
    pub min_readings: u32,
    /// The most readings of one engine in a block of a round.
    pub max_readings: u32,
    /// The turns that a round's share is divided into, so that engines are read in short turns
    /// next to each other.
    pub cycles: u32,
    /// The shortest warm reading worth taking.
    pub reading: Duration,
    /// The longest wait for a reply.
    pub limit: Duration,
    /// Whether rounds that shared the machine with other work are made again.
    pub repeat_disturbed: bool,
    /// The processor that workers are bound to, where they are.
    pub pin: Option<usize>,
    /// The kinds of turn that rounds are made of; all are tried once before the first.
    pub turns: Vec<Turn>,
}

impl Effort {
    /// Values and ranges within a minute or two.
    pub fn quick() -> Effort {
        Effort {
            rounds: 3,
            precision: None,
            time_budget: None,
            share: Duration::from_millis(15),
            long_share: Duration::from_millis(15),
            min_readings: 1,
            max_readings: 12,
            cycles: 4,
            ..Effort::full()
        }
    }

    /// Enough rounds for intervals, and more of them where they are wide, within ten minutes.
    pub fn full() -> Effort {
        Effort {
            rounds: 10,
            precision: Some(0.02),
            max_rounds: 60,
            time_budget: Some(Duration::from_secs(600)),
            share: Duration::from_millis(30),
            long_share: Duration::from_millis(100),
            min_readings: 2,
            max_readings: 48,
            cycles: 8,
            reading: Duration::from_micros(500),
            limit: Duration::from_secs(120),
            repeat_disturbed: true,
            pin: None,
            turns: Turn::COMPILING.into_iter().chain(Turn::RUNNING).collect(),
        }
    }
}

/// Everything that a run needs to know.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The engines.
    pub engines: Vec<EngineSpec>,
    /// The cases.
    pub cases: Vec<Case>,
    /// The effort.
    pub effort: Effort,
    /// Seed of the random order.
    pub seed: u64,
    /// Where artifacts go while they are needed.
    pub artifacts: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::manifest::{Module, Size};

    #[test]
    fn a_command_carries_what_it_prints_and_says_why_native_code_does_not_run_it() {
        let entry = Entry::Command { args: vec!["x".into()], env: vec![], stdin: None, dirs: vec![] };
        let size = Size {
            name: "small".into(),
            entry: entry.clone(),
            expected: Outcome::Exit(3),
            expected_stdout: Some("out/x".into()),
        };
        let module = Module {
            variant: "stripped".into(),
            path: "x.wasm".into(),
            bytes: 8,
            code_section_bytes: 0,
            sha256: String::new(),
        };
        let sample = Sample {
            name: "x".into(),
            group: "wasi".into(),
            exercises: String::new(),
            fresh_instance: true,
            sizes: vec![size],
            modules: vec![module],
            natives: Vec::new(),
        };
        let case = Case::new(&sample, "stripped", "small", Path::new("/wasm")).expect("it has both");
        assert_eq!((case.lacks(Input::Wasm), case.file(Input::NativeHost)), (None, None));
        assert!(case.lacks(Input::NativeBaseline).is_some_and(|reason| reason.contains("command")));
        let open = Request::Open {
            module: "/wasm/x.wasm".into(),
            entry,
            expected: Some(Outcome::Exit(3)),
            expected_stdout: Some("/wasm/out/x".into()),
            fresh_instance: true,
            region: RegionUse::Ignored,
        };
        assert_eq!(case.open(Input::Wasm), Some(open));
        assert!(Case::new(&sample, "oz", "small", Path::new("/wasm")).is_none());
    }
}
