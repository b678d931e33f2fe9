//! Artifacts carry a module from one process to another, and a damaged one is never a result.

use crate::session::{Case, truncated};
use crate::subject::Subject;
use crate::workers::every_wasm_worker;
use protocol::message::Request;
use protocol::{Ability, ErrorKind, Outcome, Value};

const MODULE: &str = r#"(module (memory 1) (data (i32.const 0) "\05\00\00\00") (global $g (mut i64) (i64.const 3))
    (func $start (global.set $g (i64.const 4))) (start $start)
    (func (export "run") (param i32) (result i64)
        (i64.add (i64.extend_i32_s (i32.mul (local.get 0) (i32.load (i32.const 0)))) (global.get $g))))"#;

fn case() -> Case {
    Case::export(MODULE, "run", &[Value::I32(10)]).giving(Value::I64(54))
}

fn every_worker_with_artifacts(check: impl Fn(&Subject)) {
    every_wasm_worker(|subject| {
        if subject.hello.can.aot == Ability::Yes {
            check(subject);
        }
    });
}

#[test]
fn an_artifact_saved_by_one_process_runs_in_another() {
    every_worker_with_artifacts(|subject| {
        let mut saving = subject.start();
        saving.open(&case());
        let artifact = saving.save().unwrap_or_else(|(failure, _)| panic!("{failure:?}"));
        let mut running = subject.start();
        running.open(&case());
        let passes = running.passes(&Request::Run { passes: 2, artifact: artifact.clone() });
        for pass in passes.unwrap_or_else(|(failure, _)| panic!("{failure:?}")) {
            assert_eq!(pass.outcome, Some(Outcome::One(Value::I64(54))));
        }
        running.ask(&Request::Hold { artifact: Some(artifact) }).expect("holds what it loads");
        let call = Request::Call { readings: 2, calls: Some(2), reading_ns: 0 };
        running.readings(&call).unwrap_or_else(|(failure, _)| panic!("{failure:?}"));
    });
}

#[test]
fn of_several_passes_only_the_last_leaves_its_artifact() {
    every_worker_with_artifacts(|subject| {
        let mut session = subject.start();
        session.open(&case());
        let request = Request::Aot { passes: 3, stem: session.path("artifact") };
        let passes = session.passes(&request).unwrap_or_else(|(failure, _)| panic!("{failure:?}"));
        let artifacts: Vec<_> = passes.into_iter().filter_map(|pass| pass.artifact).collect();
        assert_eq!(artifacts.len(), 3, "every pass names its artifact");
        assert!(!artifacts[0].path.exists() && !artifacts[1].path.exists());
        let protocol::Artifact { path, bytes, module_bytes } = &artifacts[2];
        assert!(module_bytes < bytes, "an artifact is more than its module");
        assert_eq!(std::fs::metadata(path).expect("the last one stays").len(), *bytes);
        assert!(*bytes > 0);
    });
}

#[test]
fn a_truncated_artifact_is_never_a_result() {
    every_worker_with_artifacts(|subject| {
        let mut saving = subject.start();
        saving.open(&case());
        let artifact = saving.save().unwrap_or_else(|(failure, _)| panic!("{failure:?}"));
        let bytes = std::fs::metadata(&artifact).expect("saved").len();
        for kept in [0, 3, bytes / 4, bytes / 2] {
            // An engine that trusts its artifacts may die of it: that loses one cell.
            let mut running = subject.start();
            running.open(&case());
            let request = Request::Run { passes: 1, artifact: truncated(&artifact, kept) };
            assert!(!running.survives(&request), "{kept} of {bytes} bytes gave a result");
        }
        saving.still_works();
    });
}

#[test]
fn an_artifact_that_is_not_there_is_an_error() {
    every_worker_with_artifacts(|subject| {
        let mut session = subject.start();
        session.open(&case());
        let request = Request::Run { passes: 1, artifact: session.path("missing") };
        let (failure, _) = session.passes(&request).expect_err("there is no such file");
        assert!(matches!(failure.error.kind, ErrorKind::Io | ErrorKind::Rejected), "{failure:?}");
        session.still_works();
    });
}

#[test]
fn an_artifact_that_cannot_be_written_is_an_error() {
    every_worker_with_artifacts(|subject| {
        let mut session = subject.start();
        session.open(&case());
        let stem = session.path("no-such-folder").join("artifact");
        session.passes(&Request::Aot { passes: 1, stem }).expect_err("the folder does not exist");
        session.still_works();
    });
}
