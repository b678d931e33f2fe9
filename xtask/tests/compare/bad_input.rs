//! What `compare`, `merge` and `history` make of runs that are damaged, of another tool, of an older version, killed,
//! hostile or very large. What `report` makes of them is tested beside it.

use super::{MadeUp, Place, edit};
use predicates::str::contains;
use serde_json::Value;
use std::fs;
use std::path::Path;

const CELL: &str = "sha256/engine-a/d-call-warm";

fn two() -> Place {
    Place::with(&MadeUp::default(), &MadeUp::default())
}

/// Changes the `run.json` in `folder`.
fn change(folder: &Path, change: impl FnOnce(&mut Value)) {
    let file = folder.join("run.json");
    let mut run: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    change(&mut run);
    fs::write(&file, run.to_string()).unwrap();
}

/// What each command that reads two runs says, where it ends with status 1.
fn refused_by_all(place: &Place, words: &str) {
    for arguments in [["compare", "base", "new"], ["merge", "base", "new"]] {
        let said = place.xtask().args(arguments).assert().code(1).stdout("");
        let said = String::from_utf8(said.get_output().stderr.clone()).unwrap();
        assert!(said.contains(words) && said.lines().count() == 1, "{arguments:?}: {said}");
    }
}

#[test]
fn a_run_that_is_not_there_is_named_with_those_that_are() {
    let place = two();
    for arguments in [["compare", "base", "nwe"], ["merge", "base", "nwe"]] {
        let said = place.xtask().args(arguments).assert().code(1);
        said.stderr(contains("there is no run nwe: no such folder here, and the newest in"));
    }
}

#[test]
fn files_of_another_tool_and_of_a_newer_version_are_told_apart() {
    let place = two();
    let file = place.run("new").join("run.json");
    let hyperfine = r#"{ "results": [{ "command": "true", "mean": 0.1, "times": [0.1] }] }"#;
    fs::write(&file, hyperfine).unwrap();
    refused_by_all(&place, "run.json is damaged, or another version of wasm-phases wrote it");
    place.xtask().args(["history", CELL]).assert().code(3).stdout(contains("1 runs"));
    fs::write(&file, "command,mean\ntrue,0.1\n").unwrap();
    refused_by_all(&place, "run.json is not JSON: it is damaged, or no file of wasm-phases");
    fs::write(&file, r#"{ "format": 99 }"#).unwrap();
    refused_by_all(&place, "a newer version of wasm-phases made this run");
}

#[test]
fn a_run_of_an_older_version_is_compared_and_has_a_history() {
    let place = two();
    change(&place.run("base"), |run| {
        for field in ["format", "cases"] {
            assert!(run.as_object_mut().unwrap().remove(field).is_some(), "{field}");
        }
    });
    place.xtask().args(["compare", "base", "new"]).assert().code(0);
    place.xtask().args(["history", CELL]).assert().code(0).stdout(contains("2 runs"));
}

#[test]
fn a_killed_run_is_taken_as_far_as_it_goes_and_said_so() {
    let place = two();
    change(&place.run("new"), |run| run["duration_s"] = Value::Null);
    let readings = place.run("new").join("samples.csv");
    let text = fs::read_to_string(&readings).unwrap();
    fs::write(&readings, &text[..text.len() * 11 / 12]).unwrap();
    let compared = place.xtask().args(["compare", "base", "new"]).assert().code(0);
    compared.stdout(contains("the new run was cut short: killed or still under way"));
    place.xtask().args(["history", CELL]).assert().code(0).stdout(contains("2 runs"));
    let without = |which: &str, dropped: &[&str]| {
        change(&place.run(which), |run| {
            let cases = run["cases"].as_array_mut().unwrap();
            cases.retain(|case| !dropped.contains(&case["sample"].as_str().unwrap()));
        });
    };
    without("base", &["json"]);
    without("new", &["fibonacci", "sha256"]);
    let merged = place.xtask().args(["merge", "base", "new"]).assert().code(3);
    merged.stdout(contains("cut short: killed or still under way"));
}

#[test]
fn names_of_samples_and_engines_never_become_markup_or_another_row() {
    let place = two();
    for run in ["base", "new"] {
        let (described, readings) = (place.run(run).join("run.json"), place.run(run).join("samples.csv"));
        edit(&described, "\"sample\": \"sha256\"", "\"sample\": \"<script>alert(1)</script>\"");
        edit(&readings, "sha256", "<script>alert(1)</script>");
        for file in [described, readings] {
            edit(&file, "engine-a", "=cmd()");
        }
    }
    let cell = "<script>alert(1)</script>/=cmd()/d-call-warm";
    place.xtask().args(["history", cell, "--svg", "mine.svg"]).assert().code(0).stdout(contains(cell));
    let picture = fs::read_to_string(place.0.path().join("mine.svg")).unwrap();
    assert!(!picture.contains("<script") && picture.contains("&lt;script&gt;"), "{picture}");
    // Without --svg the cell names the file, which stays inside its folder.
    place.xtask().args(["history", cell]).assert().code(0);
    let name = "-script-alert-1---script---cmd---d-call-warm.svg";
    assert!(place.0.path().join("generated/history").join(name).exists());
    for command in [&["compare", "base", "new", "--csv"][..], &["history", cell, "--csv"]] {
        let output = place.xtask().args(command).assert().code(0).get_output().stdout.clone();
        let mut reader = csv::Reader::from_reader(output.as_slice());
        assert!(reader.records().all(|row| row.is_ok()));
    }
}

#[test]
fn a_hundred_thousand_readings_in_a_cell_change_no_answer() {
    let place = two();
    let compared = place.printed(&["base", "new", "--all"], 0);
    let history = |place: &Place| {
        let output = place.xtask().args(["history", CELL]).assert().code(0).get_output().stdout.clone();
        String::from_utf8(output).unwrap()
    };
    let before = history(&place);
    let readings = place.run("new").join("samples.csv");
    let mut text = fs::read_to_string(&readings).unwrap();
    let is_of_cell = |line: &&str| line.contains("engine-a,subject,sha256") && line.contains("warm-call");
    let line = format!("{}\n", text.lines().find(is_of_cell).unwrap());
    text.push_str(&line.repeat(100_000));
    fs::write(&readings, text).unwrap();
    assert_eq!(place.printed(&["base", "new", "--all"], 0), compared);
    assert_eq!(history(&place), before);
}
