//! Which workers there are, and how a check is made on each of them.

use crate::subject::{LIMIT, Subject};
use bench::plan::{EngineSpec, WorkerCommand, workers_file};
use bench::process::Client;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Runs `check` on every worker, each on its own, and fails with the names of all that failed.
pub fn every_worker(check: impl Fn(&Subject)) {
    check_all(|_| true, check);
}

/// The same, on the workers that take wasm.
pub fn every_wasm_worker(check: impl Fn(&Subject)) {
    check_all(Subject::takes_wasm, check);
}

fn check_all(applies: impl Fn(&Subject) -> bool, check: impl Fn(&Subject)) {
    let mut failures = Vec::new();
    for subject in subjects().iter().filter(|subject| applies(subject)) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(subject))) {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned()));
            failures.push(format!("{}: {}", subject.configuration, text.unwrap_or_default()));
        }
    }
    assert!(failures.is_empty(), "{} worker(s) failed:\n{}", failures.len(), failures.join("\n"));
}

/// The workers of the list, each of which has answered the hello request.
fn subjects() -> &'static [Subject] {
    static SUBJECTS: OnceLock<Vec<Subject>> = OnceLock::new();
    SUBJECTS.get_or_init(|| {
        let Some(list) = std::env::var_os("WASM_PHASES_WORKERS") else {
            let required = std::env::var_os("WASM_PHASES_REQUIRE_WORKERS").is_some_and(|value| value == "1");
            assert!(!required, "WASM_PHASES_WORKERS names no list of workers; `cargo xtask test` writes one");
            eprintln!("WASM_PHASES_WORKERS is not set, so no worker is tested; `cargo xtask test` builds and tests them");
            return Vec::new();
        };
        let engines = workers_file::read(Path::new(&list))
            .unwrap_or_else(|error| panic!("cannot read {}: {error}", PathBuf::from(&list).display()));
        let subjects: Vec<_> = engines.into_iter().flat_map(subjects_of).collect();
        assert!(!subjects.is_empty(), "{} lists no worker", PathBuf::from(&list).display());
        subjects
    })
}

/// The workers of `engine`: where it has another one for WASI, that one is held to all checks, too.
fn subjects_of(engine: EngineSpec) -> impl Iterator<Item = Subject> {
    let EngineSpec { configuration, worker, wasi_worker, .. } = engine;
    [worker].into_iter().chain(wasi_worker).map(move |worker| subject(configuration.clone(), worker))
}

/// Asks a worker what it is.
fn subject(configuration: String, worker: WorkerCommand) -> Subject {
    match Client::describe(&worker, &configuration, LIMIT) {
        Ok(hello) => Subject { configuration, worker, hello },
        Err(error) => panic!("{configuration}: {error}"),
    }
}
