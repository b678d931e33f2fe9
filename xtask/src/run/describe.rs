//! What is known of a run before it begins: the machine, the engines and the modules.

use crate::engines::{PreparedEngine, State, embedding_facts};
use crate::host::hash::{sha256, sha256_of_file};
use bench::machine::MachineFacts;
use bench::plan::Plan;
use bench::plan::manifest::Manifest;
use bench::process::inherited_by_workers;
use bench::record::{CaseFacts, EngineFacts, FORMAT, LibraryFacts, Run, Skipped, TimeUse};
use std::process::{Command, Stdio};
use std::time::SystemTime;

/// What is known of a run of `plan` before it begins.
pub fn describe(manifest: &Manifest, engines: &[PreparedEngine], plan: &Plan) -> Run {
    let facts = |engine: &PreparedEngine| {
        engine.ready().map(|spec| EngineFacts {
            name: spec.name.clone(),
            licence: engine.configuration.whole_licence(),
            baseline: spec.baseline,
            lazy: engine.configuration.lazy,
            tiers: spec.tiers,
            builds: [&spec.worker]
                .into_iter()
                .chain(&spec.wasi_worker)
                .map(|one| one.build.clone())
                .collect(),
            library: spec.worker.named_files.values().next().and_then(|file| {
                Some(LibraryFacts { file: file.display().to_string(), sha256: sha256_of_file(file).ok()? })
            }),
            embedding: embedding_facts(engine),
            hello: spec.hello.clone(),
        })
    };
    let skipped = |engine: &PreparedEngine| match &engine.state {
        State::Unavailable(missing) => Some(Skipped {
            name: engine.configuration.name.clone(),
            reason: missing.reason.clone(),
            command: missing.command.clone(),
        }),
        State::Ready(_) | State::NotBuilt | State::NotFetched { .. } => None,
    };
    Run {
        format: FORMAT,
        arguments: arguments(),
        started_utc: now_utc(),
        kernel_sha256: plan.kernel.as_ref().and_then(|file| Some(sha256(&std::fs::read(file).ok()?))),
        program_sha256: std::env::current_exe().and_then(std::fs::read).ok().map(|bytes| sha256(&bytes)),
        revision: revision(),
        worker_environment: inherited_by_workers(),
        duration_s: None,
        memory_s: None,
        counters: None,
        seed: plan.seed,
        rounds_planned: plan.effort.rounds,
        precision: plan.effort.precision,
        rounds: 0,
        disturbed_rounds: 0,
        repeated_rounds: 0,
        interrupted: false,
        stolen_cpu_ns: 0,
        time_use: TimeUse::default(),
        calibration_ns: None,
        earlier_calibration_ns: Vec::new(),
        machine: MachineFacts::read(),
        sample_compiler: manifest.toolchain.clone(),
        engines: engines.iter().filter_map(facts).collect(),
        entries: Run::entries_of(plan),
        cases: plan.cases.iter().map(CaseFacts::of).collect(),
        skipped: engines.iter().filter_map(skipped).collect(),
        notes: Vec::new(),
        modules: Run::modules_of(manifest, plan),
        shard: None,
        parts: Vec::new(),
    }
}

/// The revision of the checkout, as git tells it.
fn revision() -> Option<String> {
    let mut git = Command::new("git");
    git.args(["describe", "--always", "--dirty", "--abbrev=40", "--exclude", "*"]);
    let output = git.current_dir(env!("CARGO_MANIFEST_DIR")).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    Some(text.trim().to_owned())
}

/// The command line of this process, without the program's name; invalid UTF-8 is replaced.
pub fn arguments() -> Vec<String> {
    std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect()
}

/// The time in UTC, such as `2026-01-31T12:00:00Z`.
pub fn now_utc() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}
