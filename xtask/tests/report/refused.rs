//! What is no run, each with one message.

use crate::made_up::MadeUp;
use crate::{Place, edit};
use predicates::prelude::*;

/// It ends with status 1 and one message that has all of `words`.
fn refused(place: &Place, arguments: &[&str], words: &[&str]) {
    let failed = place.report(arguments).assert().code(1).stdout("");
    let stderr = String::from_utf8(failed.get_output().stderr.clone()).unwrap();
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    for words in words {
        assert!(stderr.contains(words), "{words} is not in: {stderr}");
    }
}

#[test]
fn without_any_run_the_message_says_how_to_make_one() {
    let place = Place::new();
    refused(&place, &[], &["there is no run in", "results; `cargo xtask bench` makes one"]);
    refused(&place, &["2026"], &["there is no run 2026", "there is none in"]);
}

#[test]
fn a_run_that_is_not_there_a_file_and_a_folder_that_is_no_run_are_told_apart() {
    let place = Place::with(&MadeUp::default());
    refused(&place, &["runn"], &["there is no run runn", "the newest in", "are run"]);
    let file = place.run("run").join("run.json");
    refused(&place, &[file.to_str().unwrap()], &["run.json is a file; name the folder of a run"]);
    refused(&place, &["generated"], &["generated is no run: it has no run.json"]);
}

#[test]
fn files_of_other_versions_and_of_other_tools_are_told_apart() {
    let place = Place::with(&MadeUp::default());
    let file = place.run("run").join("run.json");
    let text = std::fs::read_to_string(&file).unwrap();
    edit(&file, "\"format\": 1", "\"format\": 99");
    refused(&place, &[], &["a newer version of wasm-phases made this run", "have version 99", "up to 1"]);
    std::fs::write(&file, text.replace("\"seed\"", "\"other\"")).unwrap();
    refused(&place, &[], &["run.json is damaged, or another version", "missing field `seed`"]);
    std::fs::write(&file, &text[..text.len() / 2]).unwrap();
    refused(&place, &[], &["run.json is not JSON: it is damaged, or no file of wasm-phases"]);
    std::fs::write(&file, &text).unwrap();
    edit(&place.run("run").join("samples.csv"), "entry", "entered_as");
    refused(&place, &[], &["samples.csv is damaged, or another version", "missing field `entry`"]);
}

#[test]
fn an_unknown_table_is_wrong_usage_and_the_message_lists_the_tables() {
    let place = Place::with(&MadeUp::default());
    let wrong = place.report(&["--tables", "call,memry"]).assert().code(2).stdout("");
    wrong
        .stderr(predicate::str::contains("invalid value 'memry' for '--tables <NAME>'"))
        .stderr(predicate::str::contains("a similar value exists: 'memory'"))
        .stderr(predicate::str::contains("all, phases, warm, jit"));
    place.report(&["--json", "--tables", "call"]).assert().code(2);
    place.report(&["run", "run"]).assert().code(2);
}
