//! `run.json`: everything that must be known to compare a run with another or to repeat it.

use super::case::CaseFacts;
use super::embedding::EmbeddingFacts;
use super::module::ModuleFacts;
use super::outcome::RunOutcome;
use super::parts::{RunPart, ShardFacts};
use super::time_use::TimeUse;
use crate::files::replace_file;
use crate::machine::MachineFacts;
use crate::plan::manifest::Manifest;
use crate::plan::{EngineEntry, Plan};
use protocol::Hello;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// `run.json`
pub const RUN_FILE: &str = "run.json";

/// The version of a run's files. It grows when a reader of the version before would misread them.
pub const FORMAT: u32 = 1;

/// The content of `run.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The version of the run's files; 0 where they say none, as before there was one.
    #[serde(default)]
    pub format: u32,
    /// The command's arguments.
    pub arguments: Vec<String>,
    /// When it began, in UTC.
    pub started_utc: String,
    /// The SHA-256 of the program that measured, in hexadecimal; `None` where it could not be read.
    #[serde(default)]
    pub program_sha256: Option<String>,
    /// The SHA-256 of the calibration kernel's program, in hexadecimal; `None` where the level was not read.
    #[serde(default)]
    pub kernel_sha256: Option<String>,
    /// The revision of the checkout that the program was built from, with `-dirty` behind it where files had been
    /// changed; `None` where git does not tell.
    #[serde(default)]
    pub revision: Option<String>,
    /// The environment variables that workers inherited; everything else was cleared.
    #[serde(default)]
    pub worker_environment: Vec<String>,
    /// How long it took, in seconds; `None` while it runs, or where it was killed.
    pub duration_s: Option<f64>,
    /// How long reading memory took, in seconds, which is a part of it; `None` where it was left out.
    pub memory_s: Option<f64>,
    /// How instructions were counted, where they were.
    pub counters: Option<CountersFacts>,
    /// Seed of the random order.
    pub seed: u64,
    /// Rounds that were asked for.
    pub rounds_planned: u32,
    /// The half width that ratios should have, as a fraction; `None` where the rounds alone were asked
    /// for, and nothing is tested.
    #[serde(default)]
    pub precision: Option<f64>,
    /// Rounds that were finished and count.
    pub rounds: u32,
    /// Rounds that shared the machine with other work; `rounds.csv` says with how much.
    pub disturbed_rounds: u32,
    /// Disturbed rounds that were repeated and do not count.
    pub repeated_rounds: u32,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// Processor time that stopped workers used, in nanoseconds; must be zero.
    pub stolen_cpu_ns: u64,
    /// Where the time went.
    pub time_use: TimeUse,
    /// The machine's level: the median over rounds of the calibration kernel's time, in
    /// nanoseconds; `None` until the run is over.
    pub calibration_ns: Option<f64>,
    /// The levels of earlier runs with the same kernel on this machine, in nanoseconds: with the
    /// level of this one, what the drift between runs is computed from.
    #[serde(default)]
    pub earlier_calibration_ns: Vec<f64>,
    /// The machine.
    pub machine: MachineFacts,
    /// The compiler of the samples, wasm and native.
    pub sample_compiler: String,
    /// What each engine answered to the hello request, in table order.
    pub engines: Vec<EngineFacts>,
    /// The engines as they were entered, controls included, in the order of the plan.
    #[serde(default)]
    pub entries: Vec<EntryFacts>,
    /// The cases, in the order of every table.
    #[serde(default)]
    pub cases: Vec<CaseFacts>,
    /// Engines that were asked for and could not be measured.
    pub skipped: Vec<Skipped>,
    /// What a reader of the results must know of the modules, such as on what their expected results
    /// rest.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Every file that was measured.
    pub modules: Vec<ModuleFacts>,
    /// Which share of the cases it has; `None` where it has all.
    #[serde(default)]
    pub shard: Option<ShardFacts>,
    /// The runs that it was merged from, one a machine; none where it was measured itself.
    #[serde(default)]
    pub parts: Vec<RunPart>,
}

protocol::named_enum! {
    /// What counts instructions.
    pub enum CounterSource {
        /// The processor, through the system's counters: user space, all threads.
        Perf = "perf",
        /// Valgrind's callgrind, which runs the worker on an emulated processor: user space,
        /// all threads, one at a time. The same figure on every machine, or nearly.
        Callgrind = "callgrind",
    }
}

/// How instructions were counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CountersFacts {
    /// What counted them.
    pub source: CounterSource,
    /// The tool and its version, where there is one.
    pub tool: Option<String>,
    /// How long it took, in seconds; a part of the run's duration.
    pub duration_s: f64,
}

/// An engine of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EngineFacts {
    /// The name in the result files.
    pub name: String,
    /// Its licence.
    pub licence: String,
    /// Whether the others' times are given as ratios to this engine's.
    #[serde(default)]
    pub baseline: bool,
    /// Whether it compiles or translates a function when it is called first, so that a+b holds little of b.
    #[serde(default)]
    pub lazy: bool,
    /// Whether it changes a function's code while that is in use, so that warm calls must be shown to be steady.
    #[serde(default)]
    pub tiers: bool,
    /// The builds of its workers, by runtime and key: the one for most modules, then the one for those
    /// that import WASI, where that is another one and was there.
    #[serde(default)]
    pub builds: Vec<String>,
    /// The shared library that it is, where its worker is told one when it starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library: Option<LibraryFacts>,
    /// What it costs whoever embeds it.
    #[serde(default)]
    pub embedding: EmbeddingFacts,
    /// What it answered to the hello request.
    pub hello: Hello,
}

/// A shared library that a worker has loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LibraryFacts {
    /// The file.
    pub file: String,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// An engine as it was entered in the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryFacts {
    /// The engine's name.
    pub engine: String,
    /// What it is entered as: `subject`, `control` or `injected`.
    pub entry: EngineEntry,
}

/// An engine that could not be measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Skipped {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
    /// The command that would enable it.
    pub command: String,
}

impl Run {
    /// The engines of `plan` as they are entered.
    pub fn entries_of(plan: &Plan) -> Vec<EntryFacts> {
        let facts = plan.engines.iter().map(|one| EntryFacts { engine: one.name.clone(), entry: one.entry });
        facts.collect()
    }

    /// The files of `manifest` that belong to the samples of `plan`.
    pub fn modules_of(manifest: &Manifest, plan: &Plan) -> Vec<ModuleFacts> {
        let mut modules = Vec::new();
        let measured = |name: &str| plan.cases.iter().any(|case| case.sample == name);
        for sample in manifest.samples.iter().filter(|sample| measured(&sample.name)) {
            let facts = |variant: String, bytes: u64, sha256: &str| ModuleFacts {
                sample: sample.name.clone(),
                path: None,
                variant,
                bytes,
                code_section_bytes: None,
                target_cpu: None,
                sha256: sha256.to_owned(),
            };
            modules.extend(sample.modules.iter().map(|one| ModuleFacts {
                code_section_bytes: Some(one.code_section_bytes),
                ..facts(one.variant.clone(), one.bytes, &one.sha256)
            }));
            modules.extend(sample.natives.iter().map(|one| ModuleFacts {
                target_cpu: Some(one.target_cpu.clone()),
                ..facts(format!("native-{}-{}", one.cpu, one.variant), one.bytes, &one.sha256)
            }));
        }
        modules
    }

    /// The machine that measured `case`.
    pub fn machine_of(&self, case: &CaseFacts) -> &MachineFacts {
        let part = self.parts.iter().find(|part| part.machine == case.machine);
        part.map_or(&self.machine, |part| &part.facts)
    }

    /// Whether it was merged from runs of several machines, so that its times have no level in common.
    pub fn is_merged(&self) -> bool {
        !self.parts.is_empty()
    }

    /// Notes how the run ended.
    pub fn finish(&mut self, outcome: &RunOutcome, duration_s: f64) {
        self.duration_s = Some(duration_s);
        self.rounds = outcome.rounds;
        self.disturbed_rounds = outcome.disturbed_rounds;
        self.repeated_rounds = outcome.repeated_rounds;
        self.interrupted = outcome.interrupted;
        self.stolen_cpu_ns = outcome.stolen_cpu_ns;
        self.time_use = outcome.time_use;
    }

    /// Writes the file into the run's folder.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, folder: &Path) -> std::io::Result<()> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        replace_file(&folder.join(RUN_FILE), text.as_bytes())
    }
}
