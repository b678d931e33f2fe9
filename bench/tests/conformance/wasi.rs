//! WASI commands: their output, input, arguments and exit code, and never a word of theirs on
//! the protocol's stream.

use crate::session::Case;
use crate::subject::Subject;
use crate::workers::every_wasm_worker;
use protocol::message::Request;
use protocol::{Ability, Entry, ErrorKind, Outcome, Value};
use std::path::PathBuf;

/// Imports and memory for a command whose `_start` is `body`.
fn command(body: &str) -> String {
    format!(
        r#"(module
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (import "wasi_snapshot_preview1" "args_sizes_get" (func $args (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "environ_sizes_get" (func $env (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (data (i32.const 100) "{{\"reply\":\"done\"}}\n")
        (func (export "_start") {body}))"#
    )
}

/// Prints what would be a reply of the protocol if it got there.
const PRINT: &str = "(i32.store (i32.const 0) (i32.const 100)) (i32.store (i32.const 4) (i32.const 17))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))";
const PRINTED: &str = "{\"reply\":\"done\"}\n";

fn entry(stdin: Option<PathBuf>) -> Entry {
    let args = ["guest", "one", "two"].map(str::to_owned).to_vec();
    Entry::Command { args, env: vec![("NAME".into(), "value".into())], stdin, dirs: vec![] }
}

fn every_worker_with_wasi(check: impl Fn(&Subject)) {
    every_wasm_worker(|subject| {
        if subject.hello.can.wasi == Ability::Yes {
            check(subject);
        }
    });
}

#[test]
fn what_a_command_prints_is_compared_and_stays_off_the_protocol() {
    every_worker_with_wasi(|subject| {
        let mut session = subject.start();
        session.open(&Case::of(&command(PRINT), entry(None)).expecting(Outcome::Exit(0)).printing(PRINTED));
        let passes = session.execute(3).unwrap_or_else(|(failure, _)| panic!("{failure:?}"));
        assert_eq!(passes.len(), 3, "each pass prints the same");
        session.hold().unwrap_or_else(|failure| panic!("{failure:?}"));
    });
}

#[test]
fn every_warm_call_of_a_command_is_a_run_of_its_own() {
    every_worker_with_wasi(|subject| {
        let mut session = subject.start();
        let case = Case::of(&command(PRINT), entry(None)).expecting(Outcome::Exit(0)).printing(PRINTED);
        session.open(&case.fresh());
        session.hold().unwrap_or_else(|failure| panic!("{failure:?}"));
        let call = Request::Call { readings: 5, calls: None, reading_ns: 1 };
        let readings = session.readings(&call).unwrap_or_else(|(failure, _)| panic!("{failure:?}"));
        assert_eq!(readings.len(), 5);
    });
}

#[test]
fn what_a_command_printed_can_be_had() {
    every_worker_with_wasi(|subject| {
        let mut session = subject.start();
        session.outcome(&Case::of(&command(PRINT), entry(None)));
        let to = session.path("printed");
        session.ask(&Request::Printed { to: to.clone(), stderr_to: None }).expect("a file can be written");
        assert_eq!(std::fs::read_to_string(to).expect("it is there"), PRINTED);
    });
}

#[test]
fn what_a_command_says_on_standard_error_is_kept_apart_and_compared() {
    let complain = PRINT.replace("(call $write (i32.const 1)", "(call $write (i32.const 2)");
    every_worker_with_wasi(|subject| {
        let mut session = subject.start();
        let case = Case::of(&command(&complain), entry(None)).printing("");
        session.outcome(&case.clone().complaining(PRINTED));
        let (stdout, stderr) = (session.path("out"), session.path("err"));
        let printed = Request::Printed { to: stdout.clone(), stderr_to: Some(stderr.clone()) };
        session.ask(&printed).expect("files can be written");
        let read = |file| std::fs::read_to_string(file).expect("it is there");
        assert_eq!((read(stdout).as_str(), read(stderr).as_str()), ("", PRINTED));
        let failure = session.fails(&case.complaining("nothing of the kind"), ErrorKind::WrongResult);
        assert!(failure.error.message.contains("standard error"), "{failure:?}");
    });
}

#[test]
fn an_export_of_a_module_with_wasi_may_use_it_and_is_initialised_first() {
    let reactor = r#"(module
        (import "wasi_snapshot_preview1" "args_sizes_get" (func $args (param i32 i32) (result i32)))
        (memory (export "memory") 1) (global $ready (mut i32) (i32.const 0))
        (func (export "_initialize")
            (if (global.get $ready) (then unreachable))
            (global.set $ready (i32.add (i32.const 7) (call $args (i32.const 0) (i32.const 4)))))
        (func (export "run") (param i32) (result i64)
            (i64.extend_i32_s (i32.add (global.get $ready) (call $args (i32.const 0) (i32.const 4))))))"#;
    every_worker_with_wasi(|subject| {
        let mut session = subject.start();
        session.open(&Case::export(reactor, "run", &[Value::I32(0)]).giving(Value::I64(7)));
        session.execute(2).unwrap_or_else(|(failure, _)| panic!("{failure:?}"));
    });
}

#[test]
fn a_command_that_prints_without_end_is_cut_off_and_says_so() {
    // It prints a mebibyte, and another, until that fails or there were far too many.
    let flood = "(local $left i32) (local.set $left (i32.const 1024))
        (i32.store (i32.const 0) (i32.const 65536)) (i32.store (i32.const 4) (i32.const 1048576))
        (loop $again
            (if (i32.eqz (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
                (then
                    (local.set $left (i32.sub (local.get $left) (i32.const 1)))
                    (br_if $again (local.get $left)))))";
    every_worker_with_wasi(|subject| {
        let mut session = subject.start();
        let module =
            command(flood).replace("(memory (export \"memory\") 1)", "(memory (export \"memory\") 17)");
        let failure = session.fails(&Case::of(&module, entry(None)), ErrorKind::Io);
        assert!(failure.error.message.contains("printed more than"), "{failure:?}");
        session.still_works();
    });
}

#[test]
fn other_output_than_expected_is_a_wrong_result() {
    every_worker_with_wasi(|subject| {
        let case = Case::of(&command(PRINT), entry(None)).printing("something else\n");
        subject.start().fails(&case, ErrorKind::WrongResult);
    });
}

#[test]
fn a_command_ends_with_its_exit_code() {
    every_worker_with_wasi(|subject| {
        let mut session = subject.start();
        for code in [0, 1, 42] {
            let case = Case::of(&command(&format!("(call $exit (i32.const {code}))")), entry(None));
            assert_eq!(session.outcome(&case), Outcome::Exit(code));
        }
    });
}

#[test]
fn a_command_sees_its_arguments_and_no_environment_but_its_own() {
    let count =
        "(drop (call $args (i32.const 0) (i32.const 4))) (drop (call $env (i32.const 8) (i32.const 12)))
        (call $exit (i32.add (i32.mul (i32.const 10) (i32.load (i32.const 0))) (i32.load (i32.const 8))))";
    every_worker_with_wasi(|subject| {
        let case = Case::of(&command(count), entry(None));
        assert_eq!(subject.start().outcome(&case), Outcome::Exit(31), "three arguments, one variable");
    });
}

#[test]
fn a_command_reads_its_input_anew_in_every_pass() {
    let echo = "(i32.store (i32.const 0) (i32.const 200)) (i32.store (i32.const 4) (i32.const 64))
        (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
        (i32.store (i32.const 4) (i32.load (i32.const 8)))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))";
    every_worker_with_wasi(|subject| {
        let mut session = subject.start();
        let input = session.path("input");
        std::fs::write(&input, "said").expect("temporary file");
        session.open(&Case::of(&command(echo), entry(Some(input))).printing("said"));
        session.execute(3).unwrap_or_else(|(failure, _)| panic!("{failure:?}"));
    });
}

/// A command that looks for the file `inside` in every opened folder and copies it to its
/// output, then for each of `outside`; it ends with the number of those that it could open.
fn searching(inside: &str, outside: &[&str]) -> String {
    let path = |(place, path): (usize, &&str)| {
        let at = 1024 * (place + 2);
        (
            format!("(data (i32.const {at}) \"{path}\")"),
            format!("(i32.const {at}) (i32.const {})", path.len()),
        )
    };
    let (data, places): (Vec<String>, Vec<String>) =
        [inside].iter().chain(outside).enumerate().map(path).unzip();
    let count: String = places[1..]
        .iter()
        .map(|place| format!("(local.set $found (i32.add (local.get $found) (i32.ge_s (call $find {place}) (i32.const 0))))"))
        .collect();
    format!(
        r#"(module
        (import "wasi_snapshot_preview1" "path_open"
            (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        {data}
        ;; Folders come after the standard streams; which number each has is the runtime's affair.
        (func $find (param $path i32) (param $length i32) (result i32) (local $folder i32)
            (local.set $folder (i32.const 3))
            (loop $next
                (if (i32.eqz (call $open (local.get $folder) (i32.const 1) (local.get $path) (local.get $length)
                        (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 16)))
                    (then (return (i32.load (i32.const 16)))))
                (local.set $folder (i32.add (local.get $folder) (i32.const 1)))
                (br_if $next (i32.lt_u (local.get $folder) (i32.const 8))))
            (i32.const -1))
        (func (export "_start") (local $found i32)
            (i32.store (i32.const 0) (i32.const 200)) (i32.store (i32.const 4) (i32.const 64))
            (drop (call $read (call $find {inside}) (i32.const 0) (i32.const 1) (i32.const 8)))
            (i32.store (i32.const 4) (i32.load (i32.const 8)))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
            {count}
            (call $exit (local.get $found))))"#,
        data = data.concat(),
        inside = places[0],
    )
}

#[test]
fn a_command_sees_the_folder_that_was_opened_and_nothing_beside_it() {
    every_worker_with_wasi(|subject| {
        let mut session = subject.start();
        let (opened, secret) = (session.path("opened"), session.path("secret"));
        std::fs::create_dir(&opened).expect("temporary folder");
        std::fs::write(opened.join("inside"), "what is inside").expect("temporary file");
        std::fs::write(&secret, "what is outside").expect("temporary file");
        std::os::unix::fs::symlink("../secret", opened.join("link")).expect("temporary link");
        let absolute = secret.to_str().expect("a plain path");
        let outside = ["../secret", absolute, &absolute[1..], "x/../../secret", "link"];
        let entry = Entry::Command {
            args: vec!["guest".into()],
            env: vec![],
            stdin: None,
            dirs: vec![(opened, "data".into())],
        };
        let case = Case::of(&searching("inside", &outside), entry).printing("what is inside");
        assert_eq!(session.outcome(&case), Outcome::Exit(0), "it opened what lies outside");
    });
}

#[test]
fn a_command_that_traps_is_a_trap() {
    every_worker_with_wasi(|subject| {
        let mut session = subject.start();
        session.fails(&Case::of(&command("unreachable"), entry(None)), ErrorKind::Trap);
        session.still_works();
    });
}

#[test]
fn without_wasi_a_command_is_refused() {
    every_wasm_worker(|subject| {
        if subject.hello.can.wasi == Ability::Yes {
            return;
        }
        let mut session = subject.start();
        // A command that imports nothing, so that nothing else can be missing.
        let case = Case::of(r#"(module (memory (export "memory") 1) (func (export "_start")))"#, entry(None));
        session.fails(&case, ErrorKind::Unsupported);
        session.still_works();
    });
}
