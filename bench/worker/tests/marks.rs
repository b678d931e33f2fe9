//! What a module marks with `bench.start` and `bench.end` is d. There is one set of marks for the
//! process, so this is a single test in a program of its own.

use std::time::Duration;
use worker::protocol::message::{Reply, Request};
use worker::protocol::{Ability, Capabilities, Entry, Hello, MarksUse, Outcome, Phase, Result, Value};
use worker::{Engine, Guest, Instance, kit, marks, serve_on};

/// Its modules are scripts: `s` marks the start, `e` the end, and a dot waits a millisecond.
struct Script;

impl Engine for Script {
    const CONFIGURATIONS: &'static [&'static str] = &["script"];

    type Configuration = ();
    type Module = String;
    type Instance = Run;

    fn describe(name: &str) -> Result<Hello> {
        let can = Capabilities { jit: Ability::Yes, instantiate: Ability::Yes, ..nothing() };
        Ok(Hello { can, ..kit::hello(name, "1", "none".to_owned(), "none".to_owned(), &[]) })
    }

    fn configure(_: &str) -> Result<()> {
        Ok(())
    }

    fn create((): &()) -> Result<Script> {
        Ok(Script)
    }

    fn compile(&mut self, wasm: &[u8]) -> Result<String> {
        Ok(String::from_utf8_lossy(wasm).into_owned())
    }

    fn instantiate(&mut self, module: &String, _: &Guest) -> Result<Run> {
        Ok(Run(module.clone()))
    }
}

fn nothing() -> Capabilities {
    let no = || Ability::no("no");
    Capabilities { parse: no(), jit: no(), instantiate: no(), aot: no(), wasi: no() }
}

struct Run(String);

impl Instance for Run {
    fn call(&mut self) -> Result<Outcome> {
        for step in self.0.chars() {
            match step {
                's' => marks::start(),
                'e' => marks::end(),
                _ => std::thread::sleep(Duration::from_millis(1)),
            }
        }
        Ok(Outcome::One(Value::I32(0)))
    }
}

/// The answers to `requests` on `script`.
fn answers(script: &str, marks: MarksUse, requests: &[Request]) -> Vec<Reply> {
    let folder = tempfile::tempdir().expect("temporary folder");
    let module = folder.path().join("script");
    std::fs::write(&module, script).expect("temporary file");
    let entry = Entry::Export { name: "run".into(), args: vec![] };
    let open = Request::Open {
        module,
        entry,
        expected: None,
        expected_stdout: None,
        expected_stderr: None,
        setup: Vec::new(),
        fresh_instance: false,
        marks,
        signature: None,
    };
    let line = |request: &Request| serde_json::to_string(request).expect("serialises");
    let lines: Vec<_> = std::iter::once(&open).chain(requests).map(line).collect();
    let mut replies = Vec::new();
    serve_on::<Script>("script", lines.join("\n").as_bytes(), &mut replies).expect("memory");
    let replies = String::from_utf8(replies).expect("text");
    replies.lines().map(|line| serde_json::from_str(line).expect("a reply")).skip(1).collect()
}

/// First d and the total of one pass, in nanoseconds.
fn call_and_total(script: &str, marks: MarksUse) -> (u64, u64) {
    let replies = answers(script, marks, &[Request::Jit { passes: 1 }]);
    let Reply::Pass(pass) = &replies[0] else { panic!("not a pass: {replies:?}") };
    let of = |wanted| pass.wall_ns.iter().find(|(phase, _)| *phase == wanted).expect("is read").1;
    (of(Phase::DCallFirst), of(Phase::Jit))
}

#[test]
fn d_is_the_stretch_between_the_marks_where_that_is_asked_for() {
    let (call, total) = call_and_total("..s.e..", MarksUse::TimedAsCall);
    assert!(call >= 1_000_000 && total >= call + 4_000_000, "{call} of {total} ns");
    let (call, total) = call_and_total("..s.e..", MarksUse::Ignored);
    assert!(call >= 5_000_000 && total >= call, "{call} of {total} ns");

    let warm =
        [Request::Hold { artifact: None }, Request::Call { readings: 1, calls: Some(3), reading_ns: 1 }];
    let replies = answers("..se..", MarksUse::TimedAsCall, &warm);
    let Reply::Reading(reading) = &replies[1] else { panic!("not a reading: {replies:?}") };
    assert!(reading.wall_ns < 3_000_000, "three calls take 12 ms, their stretches nothing: {reading:?}");
    assert_eq!(reading.cpu_ns, None, "processor time would be that of the whole calls");

    for unpaired in ["", "s", "e", "ese", "sse", "sese"] {
        let replies = answers(unpaired, MarksUse::TimedAsCall, &[Request::Jit { passes: 1 }]);
        assert!(matches!(replies[..], [Reply::Failed(_)]), "{unpaired:?}: {replies:?}");
    }
}
