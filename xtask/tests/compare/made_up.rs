//! Made-up runs for comparisons: the same engines on the same samples, on a machine of any speed, with one
//! thing changed.

use bench::machine::CALIBRATION;
use bench::record::{EngineEntry, Reading, Recorder, RoundState};
use protocol::{Pass, Phase};
use serde_json::{Value, json};
use std::path::Path;

pub const ENGINES: [&str; 4] = ["rust-native", "engine-a", "engine-b", "engine-c"];
pub const SAMPLES: [&str; 3] = ["fibonacci", "sha256", "json"];

/// A run that is to be written.
#[derive(Clone, Copy, Debug)]
pub struct MadeUp {
    pub rounds: u32,
    /// How many times as slow as another machine this one is.
    pub level: f64,
    /// An engine, a sample, and how many times as long its calls take as usual.
    pub slower: Option<(&'static str, &'static str, f64)>,
    /// What rounds differ by, in percent.
    pub spread: f64,
    pub started_utc: &'static str,
    /// Engines that are measured, from the first.
    pub engines: usize,
    pub program: &'static str,
}

impl Default for MadeUp {
    fn default() -> MadeUp {
        MadeUp {
            rounds: 12,
            level: 1.0,
            slower: None,
            spread: 0.5,
            started_utc: "2026-01-31T12:00:00Z",
            engines: ENGINES.len(),
            program: "one",
        }
    }
}

impl MadeUp {
    /// Writes the run's folder.
    pub fn write(&self, folder: &Path) {
        std::fs::create_dir_all(folder).unwrap();
        let mut recorder = Recorder::create(folder).unwrap();
        let mut seed = u64::from(self.started_utc.bytes().map(u32::from).sum::<u32>());
        for round in 1..=self.rounds {
            recorder.readings(&self.readings(round, &mut seed)).unwrap();
            recorder.round(&round_state(round)).unwrap();
        }
        let text = serde_json::to_string_pretty(&self.run()).unwrap();
        std::fs::write(folder.join("run.json"), text).unwrap();
    }

    fn readings(&self, round: u32, seed: &mut u64) -> Vec<Reading> {
        let mut readings = Vec::new();
        let level = self.level * (1.0 + 0.02 * f64::from(round % 3));
        for (place, engine) in ENGINES.iter().take(self.engines).enumerate() {
            for sample in SAMPLES {
                let usual = 1e5 * sample.len() as f64 * level * (1.0 + 0.01 * self.spread * noise(seed));
                let slower = match self.slower {
                    Some((other, on, times)) if other == *engine && on == sample => times,
                    _ => 1.0,
                };
                let mut add = |entry, pass: Pass, times: f64| {
                    readings.push(reading((engine, entry), sample, pass, round, usual * times));
                };
                add(EngineEntry::Subject, Pass::WarmCall, (1.0 + place as f64) * slower);
                if place > 0 {
                    add(EngineEntry::Subject, Pass::Jit, 30.0);
                }
                if place == 1 {
                    let again = 1.0 + 0.001 * noise(seed);
                    add(EngineEntry::Control, Pass::WarmCall, (1.0 + place as f64) * slower * again);
                }
            }
        }
        for sample in SAMPLES {
            for pass in [Pass::WarmCall, Pass::Jit] {
                let kernel = (CALIBRATION, EngineEntry::Subject);
                readings.push(reading(kernel, sample, pass, round, 1e6 * level));
            }
        }
        readings
    }

    fn run(&self) -> Value {
        let engines = ENGINES.iter().take(self.engines).enumerate().map(|(place, engine)| {
            let yes = json!("yes");
            json!({
                "name": engine, "licence": "MIT", "baseline": place == 0, "builds": [format!("{engine}-1")],
                "hello": {
                    "configuration": engine, "version": "1.0.0", "compiler": "a compiler", "flags": "",
                    "threads": 2, "notes": [],
                    "can": { "parse": yes, "jit": yes, "instantiate": yes, "aot": yes, "wasi": yes },
                },
            })
        });
        let cases = SAMPLES.map(
            |sample| json!({ "sample": sample, "variant": "stripped", "size": "small", "group": "core" }),
        );
        let modules = SAMPLES.map(|sample| {
            json!({ "sample": sample, "variant": "stripped", "bytes": 1000, "sha256": format!("hash of {sample}") })
        });
        let nothing = 0;
        json!({
            "format": 1, "arguments": ["bench"], "started_utc": self.started_utc,
            "program_sha256": self.program, "kernel_sha256": self.program, "duration_s": 60.0, "memory_s": null, "counters": null, "seed": 1,
            "rounds_planned": 10, "precision": (self.rounds >= 10).then_some(0.02), "rounds": self.rounds,
            "disturbed_rounds": 0, "repeated_rounds": 0, "interrupted": false, "stolen_cpu_ns": 0,
            "time_use": {
                "timed_ns": nothing, "drops_ns": nothing, "around_ns": nothing, "processes_ns": nothing,
                "calibration_ns": nothing, "switching_ns": nothing, "writing_ns": nothing,
                "waiting_ns": nothing, "total_ns": nothing,
            },
            "calibration_ns": null,
            "machine": {
                "cpu": "AMD EPYC 7763 64-Core Processor", "cpus": 2, "memory_bytes": null, "kernel": "6.1.0",
                "system": null, "governor": null, "load": null,
            },
            "sample_compiler": "rustc", "engines": engines.collect::<Vec<_>>(), "cases": cases, "skipped": [],
            "modules": modules,
        })
    }
}

/// About a standard deviation around zero; the same for the same seed.
fn noise(seed: &mut u64) -> f64 {
    let uniform = |seed: &mut u64| {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*seed >> 33) as f64 / f64::from(1_u32 << 31)
    };
    // Twelve uniform values have a variance of one.
    (0..12).map(|_| uniform(seed)).sum::<f64>() - 6.0
}

fn reading((engine, entry): (&str, EngineEntry), sample: &str, pass: Pass, round: u32, ns: f64) -> Reading {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive time")]
    let wall_ns = ns.round() as u64;
    let phase = if pass == Pass::Jit { Phase::Jit } else { Phase::DCallWarm };
    Reading {
        round,
        process: round,
        engine: engine.to_owned(),
        entry,
        sample: sample.to_owned(),
        variant: "stripped".to_owned(),
        size: "small".to_owned(),
        pass,
        phase,
        cycle: 0,
        iteration: 0,
        cold: false,
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
