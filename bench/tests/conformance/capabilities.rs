//! A worker says who it is and what it can do, and keeps to it.

use crate::session::{Case, Session};
use crate::subject::Subject;
use crate::workers::{every_wasm_worker, every_worker};
use protocol::message::{Reply, Request};
use protocol::{Ability, ErrorKind, Pass, Probe, Value};

const RUN: &str = r#"(module (func (export "run") (param i32) (result i64) (i64.const 0)))"#;

fn opened(subject: &Subject) -> Session<'_> {
    let mut session = subject.start();
    session.open(&Case::export(RUN, "run", &[Value::I32(0)]));
    session
}

#[test]
fn a_worker_says_who_it_is() {
    every_worker(|subject| {
        let hello = &subject.hello;
        assert_eq!(hello.configuration, subject.configuration);
        assert!(!hello.version.is_empty(), "the version is named");
        assert!(!hello.compiler.is_empty(), "the compiler is named");
        assert!(!hello.flags.is_empty(), "the settings are named");
        assert!(hello.threads >= 1);
    });
}

#[test]
fn what_a_worker_cannot_do_has_a_reason() {
    every_worker(|subject| {
        let can = &subject.hello.can;
        for ability in [&can.parse, &can.jit, &can.instantiate, &can.aot, &can.wasi] {
            assert!(ability.reason().is_none_or(|reason| !reason.trim().is_empty()), "{can:?}");
        }
    });
}

#[test]
fn what_a_worker_cannot_do_is_refused_as_unsupported() {
    every_worker(|subject| {
        let can = &subject.hello.can;
        let refused = |request: &Request| {
            let (failure, _) = opened(subject).ask(request).expect_err("hello says that it cannot");
            assert_eq!(failure.error.kind, ErrorKind::Unsupported, "{request:?}: {failure:?}");
        };
        if can.jit != Ability::Yes {
            refused(&Request::Jit { passes: 1 });
        }
        if can.aot != Ability::Yes {
            refused(&Request::Aot { passes: 1, stem: subject.start().path("artifact") });
        }
        if can.instantiate != Ability::Yes {
            refused(&Request::Instantiate { readings: 1 });
        }
    });
}

#[test]
fn an_unknown_configuration_is_refused() {
    every_worker(|subject| {
        let stranger = Subject {
            configuration: "no-such-configuration".into(),
            worker: subject.worker.clone(),
            hello: subject.hello.clone(),
        };
        let (failure, _) = stranger.start().ask(&Request::Hello).expect_err("no engine has this name");
        assert_eq!(failure.error.kind, ErrorKind::Unsupported, "{failure:?}");
    });
}

#[test]
fn describing_an_engine_starts_no_thread() {
    every_worker(|subject| {
        let mut session = subject.start();
        session.ask(&Request::Hello).expect("the worker describes itself");
        let declared = usize::try_from(subject.hello.host_threads).expect("a small number") + 1;
        let threads = session.threads();
        assert!(threads <= declared, "{threads} threads, and the worker declares {declared}");
    });
}

#[test]
fn a_probe_that_a_worker_offers_reads_something_and_another_is_refused() {
    for (probe, pass) in [(Probe::Memory, Pass::Jit), (Probe::Marks, Pass::Jit)] {
        every_wasm_worker(|subject| {
            if subject.hello.can.jit != Ability::Yes {
                return;
            }
            let probed = opened(subject).ask(&Request::Probe { probe, pass, artifact: None });
            match (subject.hello.probes.contains(&probe), probed) {
                (true, Ok(replies)) => assert!(matches!(replies.as_slice(), [Reply::Probed { .. }])),
                (false, Err((failure, _))) => assert_eq!(failure.error.kind, ErrorKind::Unsupported),
                (offers, other) => panic!("{probe:?}, offered: {offers}: {other:?}"),
            }
        });
    }
}
