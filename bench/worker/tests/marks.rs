//! What a module marks with `bench.start` and `bench.end` is d. The marks belong to the process,
//! so that these tests share a program with no others and are one.

use protocol::message::{Reply, Request};
use protocol::{
    Ability, Capabilities, Engine, Entry, Error, Guest, Hello, Instance, Outcome, Phase, RegionUse, Result,
    Value, region, serve_on,
};
use std::path::Path;
use std::time::Duration;

/// Its modules are scripts: `s` marks the start, `e` the end, and a point waits a millisecond.
struct Script;

impl Engine for Script {
    type Module = String;
    type Instance = Run;

    fn hello(_: &str) -> Result<Hello> {
        let can = Capabilities {
            parse: Ability::no("no"),
            jit: Ability::Yes,
            instantiate: Ability::Yes,
            aot: Ability::no("no"),
            wasi: Ability::no("no"),
        };
        let text = String::new;
        Ok(Hello {
            configuration: text(),
            version: text(),
            compiler: text(),
            flags: text(),
            threads: 1,
            can,
            notes: vec![],
        })
    }

    fn create(_: &str) -> Result<Script> {
        Ok(Script)
    }

    fn compile(&mut self, wasm: &[u8]) -> Result<String> {
        Ok(String::from_utf8_lossy(wasm).into_owned())
    }

    fn save(&mut self, _: &String, _: &Path) -> Result<()> {
        Err(Error::unsupported("no"))
    }

    fn load(&mut self, _: &Path) -> Result<String> {
        Err(Error::unsupported("no"))
    }

    fn instantiate(&mut self, module: &String, _: &Guest) -> Result<Run> {
        Ok(Run(module.clone()))
    }
}

struct Run(String);

impl Instance for Run {
    fn call(&mut self) -> Result<Outcome> {
        for step in self.0.chars() {
            match step {
                's' => region::start(),
                'e' => region::end(),
                _ => std::thread::sleep(Duration::from_millis(1)),
            }
        }
        Ok(Outcome::One(Value::I32(0)))
    }
}

/// The answers to `requests` on `script`.
fn answers(script: &str, region: RegionUse, requests: &[Request]) -> Vec<Reply> {
    let folder = tempfile::tempdir().expect("temporary folder");
    let module = folder.path().join("script");
    std::fs::write(&module, script).expect("temporary file");
    let entry = Entry::Export { name: "run".into(), args: vec![] };
    let open =
        Request::Open { module, entry, expected: None, expected_stdout: None, fresh_instance: false, region };
    let line = |request: &Request| serde_json::to_string(request).expect("serialises");
    let lines: Vec<_> = std::iter::once(&open).chain(requests).map(line).collect();
    let mut replies = Vec::new();
    serve_on::<Script>("script", lines.join("\n").as_bytes(), &mut replies).expect("memory");
    let replies = String::from_utf8(replies).expect("text");
    replies.lines().map(|line| serde_json::from_str(line).expect("a reply")).skip(1).collect()
}

/// First d and the total of one pass, in nanoseconds.
fn call_and_total(script: &str, region: RegionUse) -> (u64, u64) {
    let replies = answers(script, region, &[Request::Jit { passes: 1 }]);
    let Reply::Pass(pass) = &replies[0] else { panic!("not a pass: {replies:?}") };
    let of = |wanted| pass.wall_ns.iter().find(|(phase, _)| *phase == wanted).expect("is read").1;
    (of(Phase::DCallFirst), of(Phase::Jit))
}

#[test]
fn d_is_the_stretch_between_the_marks_where_that_is_asked_for() {
    let (call, total) = call_and_total("..s.e..", RegionUse::TimedAsCall);
    assert!(call >= 1_000_000 && total >= call + 4_000_000, "{call} of {total} ns");
    let (call, total) = call_and_total("..s.e..", RegionUse::Ignored);
    assert!(call >= 5_000_000 && total >= call, "{call} of {total} ns");

    let warm =
        [Request::Hold { artifact: None }, Request::Call { readings: 1, calls: Some(3), reading_ns: 1 }];
    let replies = answers("..se..", RegionUse::TimedAsCall, &warm);
    let Reply::Reading(reading) = &replies[1] else { panic!("not a reading: {replies:?}") };
    assert!(reading.wall_ns < 3_000_000, "three calls take 12 ms, their stretches nothing: {reading:?}");
    assert_eq!(reading.cpu_ns, None, "processor time would be that of the whole calls");

    for unpaired in ["", "s", "e", "ese", "sse", "sese"] {
        let replies = answers(unpaired, RegionUse::TimedAsCall, &[Request::Jit { passes: 1 }]);
        assert!(matches!(replies[..], [Reply::Failed(_)]), "{unpaired:?}: {replies:?}");
    }
}
