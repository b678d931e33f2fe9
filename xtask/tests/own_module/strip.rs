//! Custom sections of one's own modules: dropped byte for byte, listed, and measured by every engine.

use crate::place::{ENGINES, Place, left_out, says};
use assert_cmd::Command;
use predicates::prelude::*;
use std::path::Path;

const MODULE: &str = r#"(module $named (memory (export "memory") 1)
    (@custom ".debug_info" "twenty bytes of dwarf")
    (@custom ".debug_line" "ten bytes.")
    (func $f (export "f") (param $x i32) (result i32) (i32.add (local.get $x) (i32.const 1)))
    (@producers (language "Rust" "1")))"#;

fn strip(place: &Place, file: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("xtask").unwrap();
    command.env("WASM_PHASES_GENERATED", place.path("generated"));
    command.args(["strip-compare", "--wasm"]).arg(file).args(arguments);
    command
}

#[test]
fn sections_are_dropped_byte_for_byte_by_name() {
    let place = Place::new();
    let file = place.wasm("own.wasm", MODULE);
    let before = std::fs::read(&file).unwrap();
    let stripped = || std::fs::read(place.path("generated/strip-compare/own.stripped.wasm")).unwrap();
    let holds = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());

    strip(&place, &file, &["--bytes-only"]).assert().success().stdout(says("custom: .debug_info"));
    assert_eq!(std::fs::read(place.path("generated/strip-compare/own.unstripped.wasm")).unwrap(), before);
    assert!(!holds(&stripped(), "dwarf") && !holds(&stripped(), "named"));

    strip(&place, &file, &["--bytes-only", "--keep", "name"]).assert().success();
    assert!(!holds(&stripped(), "dwarf") && holds(&stripped(), "named"));

    strip(&place, &file, &["--bytes-only", "--remove", ".debug_*"]).assert().success();
    assert!(!holds(&stripped(), "dwarf") && holds(&stripped(), "Rust"));
    let csv = std::fs::read_to_string(place.path("generated/strip-compare-sections.csv")).unwrap();
    assert!(
        csv.contains("own,.debug_info,true,35,0,exact\n") && csv.contains("own,memory,false,5,5,exact\n"),
        "{csv}"
    );

    let nothing =
        predicate::str::contains("nothing to remove").and(predicate::str::contains("producers, name"));
    strip(&place, &file, &["--remove", "nam"]).assert().code(1).stderr(nothing);
    strip(&place, &file, &["--bytes-only", "--keep", "nam?", "--keep", "names"])
        .assert()
        .success()
        .stderr(predicate::str::contains("has no custom section `names` of --keep"));
    assert!(holds(&stripped(), "named"));
    let text = place.file("text.wasm", "Dear diary");
    strip(&place, &text, &["--bytes-only"]).assert().code(1).stderr(predicate::str::contains("text file"));
    let bare = place.wasm("bare.wasm", "(module)");
    let both = ["--bytes-only", "--wasm", bare.to_str().unwrap()];
    strip(&place, &file, &both)
        .assert()
        .code(3)
        .stdout(says("custom: .debug_info"))
        .stderr(predicate::str::contains("bare.wasm has no custom section"));
    strip(&place, &bare, &[]).assert().code(1).stderr(predicate::str::contains("has no custom section"));
}

#[test]
fn every_engine_compiles_loads_and_instantiates_both() {
    if left_out() {
        return;
    }
    let place = Place::new();
    let file = place.wasm("own.wasm", MODULE);
    let arguments = ["--engines", ENGINES, "--time-budget", "100ms", "--invoke", "f", "-3"];
    strip(&place, &file, &arguments)
        .assert()
        .success()
        .stdout(says("own.stripped: f(-3) → -2: all 2 engines agree"))
        .stdout(says("Artifact bytes of each engine"))
        .stdout(says("× own.unstripped"));
    let phases = place.column("module_comparisons.csv", "phase");
    for phase in ["a+b compile", "c' load", "c instantiate, warm"] {
        assert!(phases.contains(phase), "{phases:?}");
    }
    assert_eq!(place.column("sizes.csv", "sample").len(), 2);
}

#[test]
fn a_sample_is_stripped_byte_for_byte_where_that_is_asked_for() {
    if left_out() {
        return;
    }
    let mut command = Command::cargo_bin("xtask").unwrap();
    command.args(["strip-compare", "--samples", "nop", "--exact", "--bytes-only"]);
    command.assert().success().stdout(says("Bytes by section of nop")).stdout(says("custom: name"));
}
