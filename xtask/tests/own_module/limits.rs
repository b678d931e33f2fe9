//! Modules that do not end, trap, import what nobody provides, or are too large for an engine.

use crate::place::{MODULE, Place, left_out, says};
use predicates::prelude::*;

#[test]
fn a_module_that_never_ends_is_given_up_by_every_engine_at_the_limit() {
    if left_out() {
        return;
    }
    let place = Place::new();
    let file = place.wasm("own.wasm", MODULE);
    place
        .measured(&file, &["--invoke", "forever", "--limit", "1s"])
        .code(1)
        .stderr(predicate::str::contains("forever() did not end within 1s (tried on "))
        .stderr(predicate::str::contains("wasmtime-winch"))
        .stderr(predicate::str::contains("wasmtime-cranelift"))
        .stderr(predicate::str::contains("--limit"));
}

#[test]
fn a_module_that_traps_everywhere_is_compiled_saved_and_loaded() {
    if left_out() {
        return;
    }
    let place = Place::new();
    let file = place.wasm("own.wasm", MODULE);
    place
        .measured(&file, &["--invoke", "trap"])
        .code(3)
        .stdout(says("trap() → a trap ("))
        .stdout(says("the guest traps, so no call can be timed"));
    assert_eq!(place.passes(), ["aot", "load", "parse"].map(str::to_owned).into());
}

#[test]
fn imports_that_nobody_provides_are_named_and_the_module_is_compiled_only() {
    if left_out() {
        return;
    }
    let place = Place::new();
    let text = r#"(module (import "env" "print" (func (param i32))) (func (export "_start")))"#;
    place
        .measured(&place.wasm("own.wasm", text), &[])
        .success()
        .stdout(says("it imports env.print(i32), which no engine here provides"));
    assert_eq!(place.passes(), ["aot", "load", "parse"].map(str::to_owned).into());
    std::fs::remove_dir_all(place.path("generated")).unwrap();
    let file = place.wasm("other.wasm", MODULE);
    place.measured(&file, &["--compile-only"]).success();
    assert_eq!(place.passes(), ["aot", "load", "parse"].map(str::to_owned).into());
}

#[test]
fn what_an_engine_lacks_is_unsupported_in_its_words_and_the_others_are_measured() {
    if left_out() {
        return;
    }
    let place = Place::new();
    // Lucet is of 2020 and knows no SIMD.
    let text =
        r#"(module (func (export "f") (result i32) (i32x4.extract_lane 1 (v128.const i32x4 1 2 3 4))))"#;
    let file = place.wasm("simd.wasm", text);
    place
        .bench(
            &file,
            &[
                "--quick",
                "--no-memory",
                "--time-budget",
                "10ms",
                "--engines",
                "wasmer-cranelift,lucet",
                "--invoke",
                "f",
            ],
        )
        .assert()
        .success()
        .stdout(says("f() → 2: the result of wasmer-cranelift alone"));
    assert_eq!(place.column("failures.csv", "engine"), ["lucet".to_owned()].into());
    assert_eq!(place.column("failures.csv", "kind"), ["unsupported".to_owned()].into());
}

#[test]
fn a_module_of_four_gigabytes_is_measured_or_its_cell_says_why() {
    if left_out() {
        return;
    }
    let place = Place::new();
    let text = r#"(module (memory 65536) (func (export "f") (result i32)
        (i32.store (i32.const 0xffff0000) (i32.const 7)) (i32.load (i32.const 0xffff0000))))"#;
    place
        .measured(&place.wasm("large.wasm", text), &["--invoke", "f"])
        .stdout(predicate::str::contains("f() → 7").or(predicate::str::contains("memory")));
    assert!(place.described().rounds > 0 || !place.column("failures.csv", "reason").is_empty());
}

#[test]
fn the_plan_names_the_engines_that_are_known_to_lack_what_the_module_needs() {
    if left_out() {
        return;
    }
    let place = Place::new();
    let engines = ["--engines", "lucet,wasmtime-winch"];
    let mut asked = assert_cmd::Command::cargo_bin("xtask").unwrap();
    asked.env("WASM_PHASES_GENERATED", place.path("generated"));
    asked.args(["engines", "--features"]).args(engines);
    asked.assert().success().stdout(says("lucet: all but bulk-memory"));
    let csv = std::fs::read_to_string(place.path("generated/features.csv")).unwrap();
    assert!(
        csv.lines().any(|line| line.starts_with("lucet,") && line.contains(",wasm,simd,false,")),
        "{csv}"
    );
    let file = place.wasm("own.wasm", r#"(module (func (export "f") (drop (v128.const i64x2 0 0))))"#);
    let mut listed = place.bench(&file, &["--list", "--invoke", "f"]);
    let plan = "engines:  can take it: wasmtime-winch; cannot, for what they lack: lucet (simd)";
    listed.args(engines).assert().success().stdout(predicate::str::contains(plan));
}
