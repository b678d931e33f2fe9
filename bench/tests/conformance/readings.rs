//! Readings are complete, in order, and add up.

use crate::session::{Case, Session};
use crate::workers::{every_wasm_worker, every_worker};
use protocol::message::{PassReading, Request};
use protocol::{Ability, ErrorKind, Phase, Value};

const RUN: &str = r#"(module (memory 1) (func (export "run") (param i32) (result i64)
    (i64.extend_i32_s (i32.add (local.get 0) (i32.const 1)))))"#;

fn case() -> Case {
    Case::export(RUN, "run", &[Value::I32(1)]).giving(Value::I64(2))
}

fn opened(session: &mut Session<'_>) {
    session.open(&case());
}

/// `pass` must have exactly these phases, the engine's creation first and the total last.
fn adds_up(pass: &PassReading, phases: &[Phase]) {
    let names: Vec<_> = pass.wall_ns.iter().map(|&(phase, _)| phase).collect();
    assert_eq!(names, phases);
    for (phase, wall_ns) in &pass.wall_ns {
        assert!(*wall_ns > 0, "{phase} took no time");
    }
    assert!(pass.cpu_ns > 0, "no processor time");
    if let [_, phases @ .., (_, total)] = pass.wall_ns.as_slice()
        && !phases.is_empty()
    {
        assert_eq!(phases.iter().map(|(_, wall_ns)| wall_ns).sum::<u64>(), *total, "{:?}", pass.wall_ns);
    }
}

#[test]
fn jit_passes_add_up() {
    every_wasm_worker(|subject| {
        if subject.hello.can.jit != Ability::Yes {
            return;
        }
        let mut session = subject.start();
        opened(&mut session);
        let passes = session.passes(&Request::Jit { passes: 3 }).expect("JIT passes");
        assert_eq!(passes.len(), 3);
        for pass in &passes {
            let phases =
                [Phase::Engine, Phase::AbCompile, Phase::CInstantiateFirst, Phase::DCallFirst, Phase::Jit];
            adds_up(pass, &phases);
            assert!(pass.artifact.is_none());
        }
    });
}

#[test]
fn a_jit_pass_that_also_saves_leaves_an_artifact_that_runs() {
    every_wasm_worker(|subject| {
        let can = &subject.hello.can;
        if can.jit != Ability::Yes || can.aot != Ability::Yes {
            return;
        }
        let mut session = subject.start();
        opened(&mut session);
        let stem = session.path("artifact");
        let passes = session.passes(&Request::JitAndSave { passes: 2, stem }).expect("JIT passes");
        assert_eq!(passes.len(), 2);
        for pass in &passes {
            let mut jit = pass.clone();
            let (save, save_ns) = jit.wall_ns.pop().expect("phases");
            assert!(save == Phase::BSave && save_ns > 0, "{:?}", pass.wall_ns);
            let phases =
                [Phase::Engine, Phase::AbCompile, Phase::CInstantiateFirst, Phase::DCallFirst, Phase::Jit];
            adds_up(&jit, &phases);
        }
        let [first, last] = [0, 1].map(|pass| passes[pass].artifact.clone().expect("an artifact"));
        assert!(!first.path.exists() && last.bytes > 0, "only the last one stays");
        let mut other = subject.start();
        opened(&mut other);
        other.passes(&Request::Run { passes: 1, artifact: last.path }).expect("a run pass");
    });
}

#[test]
fn aot_and_run_passes_add_up() {
    every_wasm_worker(|subject| {
        if subject.hello.can.aot != Ability::Yes {
            return;
        }
        let mut session = subject.start();
        opened(&mut session);
        let stem = session.path("artifact");
        let passes = session.passes(&Request::Aot { passes: 3, stem }).expect("AOT passes");
        assert_eq!(passes.len(), 3);
        for pass in &passes {
            adds_up(pass, &[Phase::Engine, Phase::AbCompile, Phase::BSave, Phase::AotCompile]);
            assert!(pass.outcome.is_none());
        }
        let artifact = passes[2].artifact.clone().expect("an artifact").path;
        let mut other = subject.start();
        opened(&mut other);
        let passes = other.passes(&Request::Run { passes: 3, artifact }).expect("run passes");
        assert_eq!(passes.len(), 3);
        for pass in &passes {
            let phases =
                [Phase::Engine, Phase::CLoad, Phase::CInstantiateFirst, Phase::DCallFirst, Phase::AotExecute];
            adds_up(pass, &phases);
        }
    });
}

#[test]
fn validation_is_a_reading_or_is_refused_with_the_reason() {
    every_worker(|subject| {
        let mut session = subject.start();
        opened(&mut session);
        match (&subject.hello.can.parse, session.passes(&Request::Parse { passes: 2 })) {
            (Ability::Yes, passes) => {
                let passes = passes.unwrap_or_else(|(failure, _)| panic!("{failure:?}"));
                assert_eq!(passes.len(), 2);
                passes.iter().for_each(|pass| adds_up(pass, &[Phase::Engine, Phase::AParse]));
            }
            (Ability::No(_), answer) => {
                assert_eq!(answer.expect_err("hello says no").0.error.kind, ErrorKind::Unsupported);
            }
        }
    });
}

/// For every worker that validates, whatever else it can do.
#[test]
fn validation_rejects_what_is_no_valid_module() {
    every_worker(|subject| {
        if subject.hello.can.parse != Ability::Yes {
            return;
        }
        let whole = wat::parse_str(RUN).expect("well formed");
        // The body of `run` leaves an i32 where its type wants an i64.
        let mut wrong_type = whole.clone();
        let extension = wrong_type.iter().rposition(|&byte| byte == 0xac).expect("i64.extend_i32_s");
        wrong_type[extension] = 0x45;
        let bad: [&[u8]; 4] = [b"", b"(module)\n", &whole[..whole.len() - 3], &wrong_type];
        let mut session = subject.start();
        let entry = protocol::Entry::Export { name: "run".into(), args: vec![] };
        for bytes in bad {
            session.open(&Case::bytes(bytes, entry.clone()));
            let (failure, _) =
                session.passes(&Request::Parse { passes: 1 }).expect_err("it is no valid module");
            assert_eq!((failure.error.kind, failure.phase), (ErrorKind::Rejected, Some(Phase::AParse)));
        }
        session.open(&Case::bytes(&whole, entry));
        let passes = session.passes(&Request::Parse { passes: 2 }).expect("it is valid");
        assert_eq!(passes.len(), 2);
    });
}

#[test]
fn warm_readings_come_as_many_as_asked_for() {
    every_wasm_worker(|subject| {
        let mut session = subject.start();
        opened(&mut session);
        session.hold().expect("holds");
        let call = Request::Call { readings: 3, calls: Some(10), reading_ns: 0 };
        let readings = session.readings(&call).unwrap_or_else(|(failure, _)| panic!("{failure:?}"));
        assert_eq!(readings.len(), 3);
        for reading in &readings {
            assert_eq!((reading.phase, reading.calls), (Phase::DCallWarm, 10));
            assert!(reading.wall_ns > 0);
        }
        if subject.hello.can.instantiate == Ability::Yes {
            let instantiate = Request::Instantiate { readings: 40 };
            let readings =
                session.readings(&instantiate).unwrap_or_else(|(failure, _)| panic!("{failure:?}"));
            assert_eq!(readings.len(), 40);
            assert!(readings.iter().all(|reading| reading.phase == Phase::CInstantiateWarm));
            assert!(readings.iter().all(|reading| reading.calls == 1 && reading.wall_ns > 0));
        }
    });
}

#[test]
fn a_worker_finds_how_many_calls_fill_a_reading() {
    every_wasm_worker(|subject| {
        let mut session = subject.start();
        opened(&mut session);
        session.hold().expect("holds");
        let call = Request::Call { readings: 2, calls: None, reading_ns: 1_000_000 };
        let readings = session.readings(&call).unwrap_or_else(|(failure, _)| panic!("{failure:?}"));
        assert_eq!(readings.len(), 2);
        assert!(readings[0].calls > 1, "so small a call fills nothing alone");
        assert!(readings[0].calls.is_power_of_two());
        assert_eq!(readings[0].calls, readings[1].calls);
    });
}
