//! The synthetic engine, for the tests of every stage that measures.

use bench::plan::manifest::{BuiltModule, BuiltSample, Size};
use bench::plan::{Case, EngineEntry, EngineSpec, Input, WorkerCommand};
use bench::process::Client;
use protocol::{Entry, Value};
use std::path::Path;
use std::time::Duration;

/// The worker of the synthetic engine.
pub const WORKER: &str = env!("CARGO_BIN_EXE_synthetic-worker");

/// The calibration kernel.
pub const KERNEL: &str = env!("CARGO_BIN_EXE_calibration-kernel");

/// The synthetic engine in the configuration `name`.
pub fn engine(name: &str) -> EngineSpec {
    let worker = WorkerCommand::of(WORKER);
    EngineSpec {
        name: name.to_owned(),
        entry: EngineEntry::Subject,
        configuration: name.to_owned(),
        hello: Client::describe(&worker, name, Duration::from_secs(10)).unwrap(),
        worker,
        wasi_worker: None,
        input: Input::Wasm,
        baseline: false,
        usual_control: false,
        own_loop: None,
        tiers: false,
    }
}

/// A sample whose module is `program`, expected to return `expected`.
pub fn case(folder: &Path, name: &str, program: &str, expected: i64) -> Case {
    std::fs::write(folder.join(name), program).unwrap();
    let sample = BuiltSample {
        name: name.to_owned(),
        group: "core".to_owned(),
        exercises: String::new(),
        fresh_instance: false,
        sizes: vec![Size {
            name: "small".to_owned(),
            entry: Entry::Export { name: "run".to_owned(), args: vec![Value::I32(1)] },
            expected: protocol::Outcome::One(Value::I64(expected)),
            expected_stdout: None,
        }],
        modules: vec![BuiltModule {
            variant: "stripped".to_owned(),
            path: name.into(),
            bytes: program.len() as u64,
            code_section_bytes: 0,
            sha256: String::new(),
        }],
        natives: Vec::new(),
    };
    Case::new(&sample, "stripped", "small", folder).unwrap()
}
