//! What is refused before any engine is started.

use crate::place::{MODULE, Place, command};
use assert_cmd::Command;
use predicates::prelude::*;

#[test]
fn files_that_are_no_module_are_told_apart_each_with_the_way_on() {
    let place = Place::new();
    let wasm = wat::parse_str(MODULE).unwrap();
    let absent = place.path("absent.wasm");
    place.refused(&absent, &[], &["there is no file", "absent.wasm"]);
    place.refused(place.0.path(), &[], &["is a folder; name a wasm file"]);
    place.refused(&place.file("empty.wasm", ""), &[], &["empty.wasm is empty"]);
    place.refused(&place.file("notes.txt", "Dear diary"), &[], &["notes.txt is a text file", ".wasm"]);
    let text = place.file("text.wat", "(module (func i32.const))");
    place.refused(&text, &[], &["text.wat is WebAssembly's text format with an error"]);
    place.refused(
        &place.file("library.a", "!<arch>\nx.o/"),
        &[],
        &["library.a is an archive of object files"],
    );
    let page = place.file("page.wasm", "<!DOCTYPE html>\n<html>404</html>");
    place.refused(&page, &[], &["page.wasm is an HTML page", "failed download"]);
    let long = place.file("long.wasm", [wasm.as_slice(), b"\n"].concat());
    place.refused(&long, &[], &["long.wasm is a module with 1 more bytes after its end", "head -c"]);
    place.refused(&place.file("picture.wasm", [0x89, b'P', 0xff]), &[], &["no wasm file", r"\0asm"]);
    let cut = place.file("cut.wasm", &wasm[..wasm.len() - 3]);
    place.refused(&cut, &[], &["cut.wasm is truncated", "build it again"]);
    let component = place.file("component.wasm", wat::parse_str("(component)").unwrap());
    place.refused(&component, &[], &["is a component", "wasm32-wasip1", "wasm-tools component unbundle"]);
    let invalid = wat::parse_str("(module (func (result i32)))").unwrap();
    place.refused(&place.file("invalid.wasm", invalid), &[], &["invalid.wasm is not a valid module"]);
}

#[test]
fn calls_that_cannot_be_made_show_what_there_is() {
    let place = Place::new();
    let file = place.wasm("own.wasm", MODULE);
    let all = "it exports: add(i32, i64) -> i64, half(f64) -> f64, count() -> i32, forever(), trap()";
    place.refused(&file, &[], &["own.wasm is no command", "--invoke NAME", "--compile-only", all]);
    let wrong: [(&[&str], &[&str]); 10] = [
        (&["--invoke", "ad"], &["exports no function `ad`", all]),
        (&["--invoke", "memory"], &["the export `memory` is a memory, no function", all]),
        (&["--invoke", "add", "1"], &["`add` takes 2 arguments, not 1", "add(i32, i64) -> i64"]),
        (&["--invoke", "add", "1", "2", "3"], &["`add` takes 2 arguments, not 3"]),
        (&["--invoke", "add", "1.5", "2"], &["argument 1 of add(i32, i64) -> i64", "`1.5` is no i32"]),
        (&["--invoke", "add", "4294967296", "2"], &["does not fit an i32", "-2147483648 to 4294967295"]),
        (&["--invoke", "add", "1", "-0x8000000000000001"], &["argument 2", "does not fit an i64"]),
        (&["--invoke", "half", "x"], &["for '--invoke <NAME> <ARG>...'", "`x` is no f64"]),
        (&["--invoke", "half", "--", "-x"], &["invalid value 'half -x'", "`-x` is no f64"]),
        (
            &["--invoke", "add", "1", "2", "--engines", "rust-native"],
            &["'rust-native' for '--engines <NAME>'", "it runs native code"],
        ),
    ];
    for (arguments, words) in wrong {
        place.wrong_usage(&file, arguments, words);
    }
    let start = place.wasm("start.wasm", r#"(module (func (export "_start") (param i32)))"#);
    place.refused(&start, &[], &["start.wasm is no WASI command", "_start(i32)"]);
    let vector = place.wasm("vector.wasm", r#"(module (func (export "f") (param v128)))"#);
    place.wrong_usage(&vector, &["--invoke", "f", "1"], &["f(v128) has a v128", "i32, i64, f32 and f64"]);
}

#[test]
fn of_ten_thousand_exports_a_message_lists_the_nearest_and_counts_the_others() {
    let place = Place::new();
    let functions: String =
        (0..10_000).map(|number| format!("(func (export \"line\\nbreak{number}\"))")).collect();
    let file = place.wasm("names.wasm", &format!("(module {functions})"));
    let mut command = place.bench(&file, &["--invoke", "nothing"]);
    let assert = command.assert().code(2).stderr(predicate::str::contains(", and 9,990 more"));
    let words = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
    assert!(words.len() < 2_000 && words.contains(r"`line\nbreak"), "{words}");
}

#[test]
fn surroundings_that_are_not_there_are_named_with_their_option() {
    let place = Place::new();
    let file = place.wasm("hello.wasm", &command("hello", 0));
    let folder = place.0.path().to_str().unwrap();
    let wrong: [(&[&str], &[&str]); 4] = [
        (&["--stdin", "/nowhere/in.txt"], &["--stdin names /nowhere/in.txt, which cannot be read"]),
        (&["--stdin", folder], &["--stdin names", "which is a folder"]),
        (&["--expect-stdout", "/nowhere/out.txt"], &["--expect-stdout names /nowhere/out.txt"]),
        (&["--dir", "/nowhere::/data"], &["--dir names /nowhere", "name a folder that is there"]),
    ];
    for (arguments, words) in wrong {
        place.refused(&file, arguments, words);
    }
    let wrong: [(&[&str], &[&str]); 5] = [
        (&["--dir", folder], &["for '--dir <HOST::GUEST>': expected HOST::GUEST, such as ./data::/data"]),
        (&["--dir", "a::/x::/y"], &["'a::/x::/y' for '--dir <HOST::GUEST>'", "with one `::`"]),
        (&["--env", "HOME"], &["'HOME' for '--env <NAME=VALUE>': expected NAME=VALUE"]),
        (&["--limit", "soon"], &["'soon' for '--limit <TIME>': expected a duration such as 90s"]),
        (&["--", "1"], &["arguments after `--` need --invoke or --criterion"]),
    ];
    for (arguments, words) in wrong {
        place.wrong_usage(&file, arguments, words);
    }
}

#[test]
fn options_of_samples_and_of_modules_do_not_mix() {
    let place = Place::new();
    let file = place.wasm("hello.wasm", &command("hello", 0));
    for arguments in [["--samples", "nop"], ["--variants", "oz"], ["--size", "large"]] {
        place.bench(&file, &arguments).assert().code(2);
    }
    place.bench(&file, &["--criterion"]).assert().code(2);
    place.bench(&file, &["--arg", "x", "--invoke", "f"]).assert().code(2);
    let mut without = Command::cargo_bin("xtask").unwrap();
    without.args(["bench", "--invoke", "f"]).assert().code(2).stderr(predicate::str::contains("--wasm"));
}

#[test]
fn listing_shows_calls_with_numbers_of_every_kind_and_starts_nothing() {
    let place = Place::new();
    let old = place.wasm("old/app.wasm", MODULE);
    let new = place.wasm("new/app.wasm", MODULE);
    let list = |arguments: &[&str], shown: &str| {
        let mut bench = place.bench(&old, &["--list", "--engines", "wasmtime-winch,wasmtime-cranelift"]);
        let bench = bench.arg("--wasm").arg(&new).arg("--invoke").args(arguments);
        bench.assert().success().stdout(predicate::str::contains(shown));
    };
    list(&["add", "-1", "-0x10"], "bytes): add(-1, -16)");
    list(&["add", "4294967295", "0xff"], "add(-1, 255)");
    list(&["half", "-1.5e3"], "half(-1500)");
    list(&["half", "-inf"], "half(-inf)");
    list(&["half", "-1e-5"], "half(-0.00001)");
    list(&["half", "-.5"], "half(-0.5)");
    list(&["half", "-1e+5"], "half(-100000)");
    // The other form.
    list(&["half", "--", "-inf"], "half(-inf)");
    list(&["half", "--", "-.5"], "half(-0.5)");
    list(&["add", "-1", "--", "-0x10"], "add(-1, -16)");
    // Options may follow.
    list(&["half", "nan", "--quick"], "half(NaN)");
    list(&["add", "-1", "-0x10", "-q"], "add(-1, -16)");
    list(&["count"], "old-app: ");
    list(&["count"], "new-app: ");
    list(&["count"], "cells:    4");
    assert!(!place.path("generated").exists());
}

#[test]
fn a_wrong_call_in_a_suite_names_the_suite_and_the_module() {
    let place = Place::new();
    place.wasm("app.wasm", MODULE);
    let suite = place.file("suite.toml", "[[module]]\npath = \"app.wasm\"\ninvoke = [\"add\", 1]\n");
    let mut bench = Command::cargo_bin("xtask").unwrap();
    let bench = bench.args(["bench", "--list", "--suite"]).arg(&suite);
    let words = predicate::str::contains("suite.toml: module app: ")
        .and(predicate::str::contains("takes 2 arguments"));
    bench.assert().code(2).stderr(words.and(predicate::str::contains("--invoke").not()));
}
