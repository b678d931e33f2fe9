//! `bench --like`: which command line is taken from the run. Nothing is measured.

use super::{MadeUp, Place};
use predicates::str::contains;
use serde_json::{Value, json};

/// A place whose run `base` was made with `arguments`.
fn made_by(arguments: &[&str]) -> Place {
    let place = Place::with(&MadeUp::default(), &MadeUp::default());
    let file = place.run("base").join("run.json");
    let mut run: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    run["arguments"] = json!(arguments);
    std::fs::write(&file, run.to_string()).unwrap();
    place
}

/// What `bench --like base` says on standard error, where it ends with `code`.
fn said(place: &Place, more: &[&str], code: i32) -> String {
    let mut command = place.xtask();
    let ended = command.args(["bench", "--like", "base", "--dry-run"]).args(more).assert().code(code);
    String::from_utf8(ended.get_output().stderr.clone()).unwrap()
}

#[test]
fn the_command_line_of_the_run_is_taken() {
    let place = made_by(&["bench", "--quick", "--samples", "fibonacci", "--engines", "rust-native"]);
    let said = said(&place, &[], 0);
    assert!(
        said.contains("base: cargo xtask bench --quick --samples fibonacci --engines rust-native"),
        "{said}"
    );
}

#[test]
fn the_share_of_a_shard_is_taken_whatever_the_environment_says_now() {
    let place =
        made_by(&["bench", "--samples", "fibonacci,nop", "--engines", "rust-native", "--shard", "auto"]);
    let file = place.run("base").join("run.json");
    let mut run: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    run["shard"] = json!({ "number": 2, "count": 2, "cases": run["cases"], "modules": run["modules"] });
    std::fs::write(&file, run.to_string()).unwrap();
    let mut command = place.xtask();
    command
        .args(["bench", "--like", "base", "--dry-run"])
        .assert()
        .code(0)
        .stdout(contains("shard:    2/2;"));
}

#[test]
fn a_run_that_was_made_like_another_leads_to_that_one() {
    let place = made_by(&["bench", "--samples", "fibonacci", "--engines", "rust-native"]);
    let new = place.run("new").join("run.json");
    let mut run: Value = serde_json::from_slice(&std::fs::read(&new).unwrap()).unwrap();
    run["arguments"] = json!(["bench", "--like", "base"]);
    std::fs::write(&new, run.to_string()).unwrap();
    let ended = place.xtask().args(["bench", "--like", "new", "--dry-run"]).assert().code(0);
    let said = String::from_utf8(ended.get_output().stderr.clone()).unwrap();
    assert!(said.contains("base: cargo xtask bench --samples fibonacci"), "{said}");
}

#[test]
fn what_cannot_be_measured_again_is_refused() {
    let place = made_by(&["selfcheck"]);
    assert!(said(&place, &[], 1).contains("was not made by `cargo xtask bench`"));
    let place = made_by(&["bench", "--no-such-option"]);
    assert!(said(&place, &[], 1).contains("a command line of another version"));
    let place = made_by(&["bench"]);
    assert!(said(&place, &["--quick"], 2).contains("cannot be used with"));
}
