//! A made-up run: its folder is written by the same writers as that of a real one.

use bench::machine::{MachineFacts, MachineLimits};
use bench::probe::memory::{MEMORY_FILE, Peak};
use bench::record::{
    ArtifactSize, CaseFacts, EmbeddingFacts, EngineEntry, EngineFacts, EntryFacts, FORMAT, Failure,
    FailureKind, Reading, Recorder, RoundState, Run, Skipped, TimeUse,
};
use protocol::{Capabilities, Hello, Pass, Phase};
use std::path::Path;

/// What an engine can do, beside running wasm in both ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Both,
    Native,
    OnlyJit,
    OnlyAot,
}

/// Sixteen engines, two of which are native code.
pub const ENGINES: [(&str, Kind); 16] = [
    ("rust-native", Kind::Native),
    ("rust-native-host", Kind::Native),
    ("lucet", Kind::OnlyAot),
    ("v8-liftoff", Kind::OnlyJit),
    ("v8-turbofan", Kind::Both),
    ("wasmer-singlepass", Kind::Both),
    ("wasmer-cranelift", Kind::Both),
    ("wasmer-llvm", Kind::Both),
    ("wasmi-eager", Kind::OnlyJit),
    ("wasmi-lazy", Kind::OnlyJit),
    ("wasmtime-cranelift", Kind::Both),
    ("wasmtime-winch", Kind::Both),
    ("wasmtime-pulley", Kind::Both),
    ("wavm", Kind::Both),
    ("another-engine", Kind::Both),
    ("the-last-engine", Kind::Both),
];

const SAMPLES: [&str; 11] = [
    "nop",
    "fibonacci",
    "nbody",
    "sieve",
    "sha256",
    "matmul",
    "dispatch",
    "strings",
    "json",
    "compress",
    "hashes",
];

/// A run that is to be written.
#[derive(Clone, Debug)]
pub struct MadeUp {
    /// How many of [`ENGINES`]; further ones have a number.
    pub engines: usize,
    /// How many of [`SAMPLES`]; further ones have a number.
    pub samples: usize,
    /// Whether every phase has readings, and not only what the summary shows.
    pub every_phase: bool,
    pub rounds: u32,
    pub started_utc: &'static str,
    /// Whether it came to its end.
    pub finished: bool,
}

impl Default for MadeUp {
    fn default() -> MadeUp {
        MadeUp {
            engines: 11,
            samples: SAMPLES.len(),
            every_phase: false,
            rounds: 3,
            started_utc: "2026-01-31T12:00:00Z",
            finished: true,
        }
    }
}

impl MadeUp {
    /// Writes the run's folder, as it is before the report is made.
    pub fn write(&self, folder: &Path) {
        std::fs::create_dir_all(folder).unwrap();
        self.run().write(folder).unwrap();
        let mut recorder = Recorder::create(folder).unwrap();
        for round in 1..=self.rounds {
            recorder.readings(&self.readings(round)).unwrap();
            recorder.round(&round_state(round)).unwrap();
        }
        let mut memory = csv::Writer::from_path(folder.join(MEMORY_FILE)).unwrap();
        for (place, (engine, kind)) in self.entered() {
            for case in self.cases() {
                let bytes = 9_000_000 + 1_000_000 * place as u64;
                memory.serialize(peak(&engine, kind, &case, bytes)).unwrap();
                if kind != Kind::OnlyJit {
                    recorder.size(&size(&engine, &case, 8_000 * (1 + place as u64))).unwrap();
                }
            }
        }
        if self.engines > 13 {
            recorder.failure(&failure("wavm", "sieve")).unwrap();
        }
        memory.flush().unwrap();
    }

    fn entered(&self) -> impl Iterator<Item = (usize, (String, Kind))> {
        let named = ENGINES.into_iter().map(|(name, kind)| (name.to_owned(), kind));
        let numbered = (ENGINES.len() + 1..).map(|number| (format!("engine-number-{number}"), Kind::Both));
        named.chain(numbered).take(self.engines).enumerate()
    }

    fn cases(&self) -> impl Iterator<Item = CaseFacts> {
        let numbered = (SAMPLES.len() + 1..).map(|number| format!("sample-{number}"));
        let samples = SAMPLES.into_iter().map(str::to_owned).chain(numbered).take(self.samples);
        samples.map(|sample| CaseFacts {
            sample,
            variant: "stripped".to_owned(),
            size: "small".to_owned(),
            group: "core".to_owned(),
            fresh_instance: false,
            machine: 1,
        })
    }

    fn readings(&self, round: u32) -> Vec<Reading> {
        let mut readings = Vec::new();
        for (place, (engine, kind)) in self.entered() {
            for case in self.cases() {
                let mut add = |entry, pass, phase, ns: f64| {
                    readings.push(reading(
                        (&engine, entry),
                        &case,
                        (pass, phase),
                        round,
                        ns * wobble(place, round),
                    ));
                };
                let subject = EngineEntry::Subject;
                let size = case.sample.len() as f64;
                let (compile, call) = (2e5 * size * (1.0 + place as f64), 1e4 * size * (20.0 - place as f64));
                if !matches!(kind, Kind::Native | Kind::OnlyAot) {
                    add(subject, Pass::Jit, Phase::AbCompile, compile);
                    add(subject, Pass::Jit, Phase::Jit, compile + call);
                }
                if !matches!(kind, Kind::Native | Kind::OnlyJit) {
                    add(subject, Pass::Aot, Phase::AbCompile, compile);
                    add(subject, Pass::Aot, Phase::AotCompile, 1.1 * compile);
                }
                if kind != Kind::Native {
                    add(subject, Pass::WarmInstantiate, Phase::CInstantiateWarm, 5e3 * (2.0 + place as f64));
                }
                if kind != Kind::OnlyJit {
                    add(subject, Pass::Run, Phase::AotExecute, 5e4 + call);
                }
                add(subject, Pass::WarmCall, Phase::DCallWarm, call);
                if self.every_phase {
                    every_phase(kind, compile, call, self.rounds >= 10, &mut |pass, phase, ns| {
                        add(subject, pass, phase, ns);
                    });
                }
                if engine == "wasmer-cranelift" && self.rounds >= 10 {
                    add(EngineEntry::Control, Pass::WarmCall, Phase::DCallWarm, 1.001 * call);
                }
            }
        }
        readings
    }

    fn run(&self) -> Run {
        let engines = self.entered().map(|(_, (name, kind))| EngineFacts {
            library: None,
            embedding: EmbeddingFacts::default(),
            tiers: false,
            lazy: false,
            hello: hello(&name),
            name,
            licence: "MIT".to_owned(),
            builds: Vec::new(),
            baseline: kind == Kind::Native,
        });
        let entry =
            |(_, (engine, _)): (usize, (String, Kind))| EntryFacts { engine, entry: EngineEntry::Subject };
        Run {
            format: FORMAT,
            arguments: vec!["bench".to_owned()],
            started_utc: self.started_utc.to_owned(),
            program_sha256: None,
            kernel_sha256: None,
            revision: None,
            worker_environment: Vec::new(),
            duration_s: self.finished.then_some(61.0),
            memory_s: self.finished.then_some(5.0),
            counters: None,
            seed: 1,
            rounds_planned: 10,
            precision: (self.rounds >= 10).then_some(0.02),
            rounds: if self.finished { self.rounds } else { 0 },
            disturbed_rounds: u32::from(self.engines > 13),
            repeated_rounds: u32::from(self.engines > 13),
            interrupted: false,
            stolen_cpu_ns: 0,
            time_use: TimeUse::default(),
            calibration_ns: None,
            earlier_calibration_ns: Vec::new(),
            machine: MachineFacts {
                cpu: Some("AMD EPYC 7763 64-Core Processor".to_owned()),
                cpus: 2,
                memory_bytes: None,
                kernel: None,
                system: None,
                governor: None,
                load: None,
                limits: MachineLimits::default(),
            },
            sample_compiler: "rustc".to_owned(),
            engines: engines.collect(),
            entries: self.entered().map(entry).collect(),
            cases: self.cases().collect(),
            skipped: if self.engines > 13 { vec![skipped()] } else { Vec::new() },
            notes: Vec::new(),
            modules: Vec::new(),
            shard: None,
            parts: Vec::new(),
        }
    }
}

/// What the summary does not show: the phases of each total, and cold starts.
fn every_phase(kind: Kind, compile: f64, call: f64, cold: bool, add: &mut dyn FnMut(Pass, Phase, f64)) {
    let jit = !matches!(kind, Kind::Native | Kind::OnlyAot);
    let aot = !matches!(kind, Kind::Native | Kind::OnlyJit);
    if jit {
        add(Pass::Parse, Phase::AParse, 0.1 * compile);
        add(Pass::Jit, Phase::Engine, 3e4);
        add(Pass::Jit, Phase::CInstantiateFirst, 2e4);
        add(Pass::Jit, Phase::DCallFirst, 1.1 * call);
    }
    if aot {
        add(Pass::Aot, Phase::BSave, 0.1 * compile);
    }
    if kind != Kind::OnlyJit {
        add(Pass::Run, Phase::CLoad, 3e4);
        add(Pass::Run, Phase::CInstantiateFirst, 2e4);
        add(Pass::Run, Phase::DCallFirst, 1.1 * call);
    }
    if cold && jit {
        add(Pass::ColdJit, Phase::Jit, 1.6 * compile + call);
    }
    if cold && kind != Kind::OnlyJit {
        add(Pass::ColdRun, Phase::AotExecute, 4e5 + call);
    }
}

/// What differs between rounds, by up to two percent and for each engine in another way; over five rounds
/// it evens out.
fn wobble(place: usize, round: u32) -> f64 {
    1.0 + 0.01 * ((round as usize * (1 + place % 4) % 5) as f64 - 2.0)
}

fn reading(
    (engine, entry): (&str, EngineEntry),
    case: &CaseFacts,
    (pass, phase): (Pass, Phase),
    round: u32,
    ns: f64,
) -> Reading {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive time")]
    let wall_ns = ns.round() as u64;
    Reading {
        round,
        process: round,
        engine: engine.to_owned(),
        entry,
        sample: case.sample.clone(),
        variant: case.variant.clone(),
        size: case.size.clone(),
        pass,
        phase,
        cycle: 0,
        iteration: 0,
        cold: pass.is_cold(),
        calls: 1,
        wall_ns,
        cpu_ns: None,
    }
}

fn round_state(round: u32) -> RoundState {
    RoundState {
        round,
        start_s: f64::from(round),
        wall_s: 1.0,
        load: None,
        foreign_share: None,
        steal_share: None,
        cpu_mhz: None,
        disturbed: String::new(),
        used: true,
        machine: 1,
    }
}

fn peak(engine: &str, kind: Kind, case: &CaseFacts, bytes: u64) -> Peak {
    let (pass, phase) = match kind {
        Kind::Native => (Pass::Run, Phase::DCallFirst),
        Kind::OnlyAot => (Pass::Aot, Phase::BSave),
        Kind::Both | Kind::OnlyJit => (Pass::Jit, Phase::AbCompile),
    };
    Peak {
        engine: engine.to_owned(),
        sample: case.sample.clone(),
        variant: case.variant.clone(),
        size: case.size.clone(),
        pass,
        from_artifact: false,
        phase: Some(phase),
        idle_bytes: Some(8_000_000),
        peak_bytes: Some(bytes),
        since_reset: Some(true),
        reason: None,
    }
}

fn size(engine: &str, case: &CaseFacts, artifact_bytes: u64) -> ArtifactSize {
    ArtifactSize {
        engine: engine.to_owned(),
        sample: case.sample.clone(),
        variant: case.variant.clone(),
        module_bytes: 1_000,
        artifact_bytes,
        artifact_module_bytes: 0,
        ..ArtifactSize::default()
    }
}

fn failure(engine: &str, sample: &str) -> Failure {
    Failure {
        round: 0,
        engine: engine.to_owned(),
        entry: EngineEntry::Subject,
        sample: sample.to_owned(),
        variant: "stripped".to_owned(),
        size: "small".to_owned(),
        pass: Pass::Jit,
        phase: Some(Phase::DCallFirst),
        kind: FailureKind::Failed,
        reason: "wrong result: expected 5643793306387516, got 5643793306387517".to_owned(),
    }
}

fn skipped() -> Skipped {
    Skipped {
        name: "absent".to_owned(),
        reason: "cmake is not there".to_owned(),
        command: "sudo apt-get install cmake".to_owned(),
    }
}

fn hello(name: &str) -> Hello {
    Hello {
        configuration: name.to_owned(),
        version: "1.0.0".to_owned(),
        compiler: String::new(),
        flags: String::new(),
        threads: 2,
        can: Capabilities::ALL,
        probes: Vec::new(),
        host_threads: 0,
        differences: Vec::new(),
        notes: Vec::new(),
    }
}
