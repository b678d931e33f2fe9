//! A worker's replies: that they are complete and in order. The engine here has no runtime.

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;
use worker::protocol::message::{PassReading, Reply, Request};
use worker::protocol::{
    Ability, Capabilities, Entry, Error, ErrorKind, Hello, MarksUse, Outcome, Phase, Result, Value,
};
use worker::{Engine, Guest, Instance, kit, serve_on};

/// "Compiles" its input to a number, which every call returns, and counts the calls of each module.
struct Fake;

struct FakeModule {
    value: i64,
    calls: Rc<Cell<i64>>,
}

struct FakeInstance {
    value: i64,
    calls: Rc<Cell<i64>>,
}

impl Engine for Fake {
    const CONFIGURATIONS: &'static [&'static str] = &["whole", "without-instances"];

    type Configuration = ();
    type Module = FakeModule;
    type Instance = FakeInstance;

    fn describe(name: &str) -> Result<Hello> {
        let instantiate = match name {
            "whole" => Ability::Yes,
            _ => Ability::no("there is nothing to instantiate"),
        };
        let can = Capabilities {
            parse: Ability::no("no"),
            instantiate,
            wasi: Ability::no("no"),
            ..Capabilities::ALL
        };
        Ok(Hello { can, ..kit::hello(name, "1", "none".to_owned(), "none".to_owned(), &[]) })
    }

    fn configure(_: &str) -> Result<()> {
        Ok(())
    }

    fn create((): &()) -> Result<Fake> {
        Ok(Fake)
    }

    fn compile(&mut self, wasm: &[u8]) -> Result<FakeModule> {
        let text = std::str::from_utf8(wasm).map_err(Error::rejected)?;
        let value = text.trim().parse().map_err(Error::rejected)?;
        Ok(FakeModule { value, calls: Rc::default() })
    }

    fn save(&mut self, module: &FakeModule, artifact: &Path) -> Result<()> {
        Ok(std::fs::write(artifact, module.value.to_string())?)
    }

    fn load(&mut self, artifact: &Path) -> Result<FakeModule> {
        self.compile(&std::fs::read(artifact)?)
    }

    fn instantiate(&mut self, module: &FakeModule, _: &Guest) -> Result<FakeInstance> {
        Ok(FakeInstance { value: module.value, calls: Rc::clone(&module.calls) })
    }
}

impl Instance for FakeInstance {
    /// The module's number; the third call of a module traps.
    fn call(&mut self) -> Result<Outcome> {
        self.calls.set(self.calls.get() + 1);
        if self.calls.get() == 3 {
            return Err(Error::trap("the third call"));
        }
        Ok(Outcome::One(Value::I64(self.value)))
    }
}

/// The answers to `requests`, each line of them read back.
fn answers(configuration: &str, requests: &[Request]) -> Vec<Reply> {
    let lines: Vec<_> =
        requests.iter().map(|request| serde_json::to_string(request).expect("serialises")).collect();
    replies(configuration, &lines.join("\n"))
}

fn replies(configuration: &str, lines: &str) -> Vec<Reply> {
    let mut out = Vec::new();
    serve_on::<Fake>(configuration, lines.as_bytes(), &mut out).expect("nothing breaks in memory");
    let text = String::from_utf8(out).expect("JSON is UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("a reply")).collect()
}

/// A file with `content`, and the request that opens it, expecting 7.
fn open(folder: &tempfile::TempDir, content: &str) -> Request {
    let module = folder.path().join("module");
    std::fs::write(&module, content).expect("temporary file");
    Request::Open {
        module,
        entry: Entry::Export { name: "run".into(), args: vec![] },
        expected: Some(Outcome::One(Value::I64(7))),
        expected_stdout: None,
        expected_stderr: None,
        setup: Vec::new(),
        fresh_instance: false,
        marks: MarksUse::Ignored,
        signature: None,
    }
}

fn phases(reply: &Reply) -> Vec<Phase> {
    match reply {
        Reply::Pass(PassReading { wall_ns, .. }) => wall_ns.iter().map(|&(phase, _)| phase).collect(),
        other => panic!("not a pass: {other:?}"),
    }
}

fn failed(reply: &Reply) -> (Option<Phase>, ErrorKind) {
    match reply {
        Reply::Failed(failure) => (failure.phase, failure.error.kind),
        other => panic!("not a failure: {other:?}"),
    }
}

#[test]
fn every_pass_is_answered_on_its_own_and_then_the_request() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let replies = answers("whole", &[open(&folder, "7"), Request::Jit { passes: 2 }]);
    assert_eq!(replies.len(), 4);
    assert!(matches!((&replies[0], &replies[3]), (Reply::Done { .. }, Reply::Done { .. })));
    for pass in &replies[1..3] {
        let expected =
            [Phase::Engine, Phase::AbCompile, Phase::CInstantiateFirst, Phase::DCallFirst, Phase::Jit];
        assert_eq!(phases(pass), expected);
    }
}

#[test]
fn a_failure_keeps_the_readings_before_it_and_ends_the_request_alone() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let call = Request::Call { readings: 5, calls: Some(1), reading_ns: 0 };
    let jit = Request::Jit { passes: 1 };
    let replies = answers("whole", &[open(&folder, "7"), Request::Hold { artifact: None }, call, jit]);
    assert!(matches!(replies[2], Reply::Reading(_)), "the second call is fine: {:?}", replies[2]);
    assert_eq!(failed(&replies[3]), (Some(Phase::DCallWarm), ErrorKind::Trap));
    assert_eq!(phases(&replies[4]).last(), Some(&Phase::Jit), "the worker goes on");
    assert!(matches!(replies[5], Reply::Done { .. }));
}

#[test]
fn a_wrong_result_brings_no_reading() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let replies = answers("whole", &[open(&folder, "8"), Request::Jit { passes: 3 }]);
    assert_eq!(replies.len(), 2);
    assert_eq!(failed(&replies[1]), (Some(Phase::DCallFirst), ErrorKind::WrongResult));
}

#[test]
fn without_instances_the_load_is_timed_up_to_the_call() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let artifact = folder.path().join("artifact");
    std::fs::write(&artifact, "7").expect("temporary file");
    let run = Request::Run { passes: 1, artifact };
    let replies = answers("without-instances", &[open(&folder, "7"), run]);
    assert_eq!(phases(&replies[1]), [Phase::Engine, Phase::CLoad, Phase::DCallFirst, Phase::AotExecute]);
    let Reply::Pass(pass) = &replies[1] else { panic!("not a pass") };
    assert_eq!(pass.wall_ns[1].1 + pass.wall_ns[2].1, pass.wall_ns[3].1);
}

#[test]
fn without_instances_warm_instantiation_is_unsupported_with_the_reason() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let hold = Request::Hold { artifact: None };
    let replies =
        answers("without-instances", &[open(&folder, "7"), hold, Request::Instantiate { readings: 1 }]);
    assert_eq!(failed(&replies[2]), (Some(Phase::CInstantiateWarm), ErrorKind::Unsupported));
}

#[test]
fn what_is_no_request_is_answered_and_the_next_is_served() {
    let replies = replies("whole", "nonsense\n{\"request\":\"dance\"}\n{\"request\":\"hello\"}");
    assert_eq!(failed(&replies[0]), (None, ErrorKind::Internal));
    assert_eq!(failed(&replies[1]), (None, ErrorKind::Internal));
    assert!(matches!(&replies[2], Reply::Hello(hello) if hello.configuration == "whole"));
}

#[test]
fn an_unsupported_configuration_says_so_to_every_request() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let replies = answers("strange", &[Request::Hello, open(&folder, "7")]);
    assert!(replies.iter().all(|reply| failed(reply).1 == ErrorKind::Unsupported));
}

#[test]
fn a_failed_save_leaves_no_artifact() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let stem = folder.path().join("artifact");
    let aot = Request::Aot { passes: 2, stem: stem.clone() };
    let replies = answers("whole", &[open(&folder, "not a number"), aot]);
    assert_eq!(failed(&replies[1]), (Some(Phase::AbCompile), ErrorKind::Rejected));
    assert!(!stem.with_extension("0").exists());
}
