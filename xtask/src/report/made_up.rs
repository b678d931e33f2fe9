//! A run that never was, for the tests of this folder.

use super::model::RunReport;
use bench::analysis::Summary;
use bench::machine::{MachineFacts, MachineLimits};
use bench::record::{CaseFacts, FORMAT, Reading, Run, TimeUse};
use std::collections::BTreeMap;

/// A run of `engines` on `samples`, stripped and small, in which `readings` were taken.
pub fn report(engines: &[&str], samples: &[&str], readings: &[Reading]) -> RunReport {
    let case = |sample: &&str| CaseFacts {
        sample: (*sample).to_owned(),
        variant: "stripped".to_owned(),
        size: "small".to_owned(),
        group: "core".to_owned(),
        fresh_instance: false,
        machine: 1,
    };
    RunReport {
        folder: "generated/results/run".into(),
        run: run(),
        engines: engines.iter().map(|engine| (*engine).to_owned()).collect(),
        baselines: Vec::new(),
        cases: samples.iter().map(case).collect(),
        rounds: readings.iter().map(|reading| reading.round as usize).max().unwrap_or(0),
        summary: Summary::of(readings),
        sizes: Vec::new(),
        failures: Vec::new(),
        peaks: None,
        warm_ups: BTreeMap::new(),
        empty_calls: BTreeMap::new(),
        counts: None,
        drift: None,
        gaps: Vec::new(),
    }
}

fn run() -> Run {
    Run {
        format: FORMAT,
        arguments: Vec::new(),
        started_utc: "2026-01-31T12:00:00Z".to_owned(),
        program_sha256: None,
        kernel_sha256: None,
        revision: None,
        worker_environment: Vec::new(),
        duration_s: Some(60.0),
        memory_s: None,
        counters: None,
        seed: 1,
        rounds_planned: 3,
        precision: None,
        rounds: 3,
        disturbed_rounds: 0,
        repeated_rounds: 0,
        interrupted: false,
        stolen_cpu_ns: 0,
        time_use: TimeUse::default(),
        calibration_ns: None,
        earlier_calibration_ns: Vec::new(),
        machine: MachineFacts {
            cpu: Some("Made Up Processor".to_owned()),
            cpus: 2,
            memory_bytes: None,
            kernel: None,
            system: None,
            governor: None,
            load: None,
            limits: MachineLimits::default(),
        },
        sample_compiler: String::new(),
        engines: Vec::new(),
        entries: Vec::new(),
        cases: Vec::new(),
        skipped: Vec::new(),
        notes: Vec::new(),
        modules: Vec::new(),
        shard: None,
        parts: Vec::new(),
    }
}
