//! `history`: one cell over many runs that were made up, on a machine whose level moves. Nothing is measured.

use super::{MadeUp, Place, edit};
use predicates::prelude::*;
use predicates::str::contains;

const CELL: &str = "sha256/engine-a/d-call-warm";

/// `count` runs, a day apart; those from number `slower_from` on take 6% more for the calls of the cell.
fn runs(count: usize, slower_from: usize) -> Place {
    let place = Place(tempfile::tempdir().unwrap());
    for number in 0..count {
        let started_utc: &'static str = format!("2026-02-{:02}T12:00:00Z", number + 1).leak();
        let level = 1.0 + 0.03 * (number % 4) as f64;
        let slower = (number >= slower_from).then_some(("engine-a", "sha256", 1.06));
        let run = MadeUp { started_utc, level, slower, ..MadeUp::default() };
        run.write(&place.run(&format!("day-{:02}", number + 1)));
    }
    place
}

fn history(place: &Place, arguments: &[&str], code: i32) -> String {
    let mut command = place.xtask();
    let ended = command.arg("history").args(arguments).assert().code(code).stderr("");
    String::from_utf8(ended.get_output().stdout.clone()).unwrap()
}

#[test]
fn a_change_of_level_is_found_with_what_else_changed_at_that_run() {
    let place = runs(14, 8);
    for number in 9..=14 {
        edit(&place.run(&format!("day-{number:02}")).join("run.json"), "engine-a-1", "engine-a-2");
        // What is not looked at does not matter.
        edit(&place.run(&format!("day-{number:02}")).join("run.json"), "engine-b-1", "engine-b-2");
    }
    let text = history(&place, &[CELL], 0);
    insta::assert_snapshot!(text);
    let picture = place.0.path().join("generated/history/sha256-engine-a-d-call-warm.svg");
    let picture = std::fs::read_to_string(picture).unwrap();
    assert_eq!(picture.matches("<circle").count(), 14);
    assert!(picture.contains("one change of level") && picture.contains("+5.8%"), "{picture}");
}

#[test]
fn a_history_of_one_level_shows_none_and_times_move_with_the_machine() {
    let place = runs(12, 99);
    assert!(history(&place, &[CELL], 0).contains("shows no change of level\n"));
    let text = history(&place, &[CELL, "--times"], 0);
    assert!(text.contains("the machine's own speed") && !text.contains("× rust-native"), "{text}");
    let text = history(&place, &[CELL, "--reference", "engine-c"], 0);
    assert!(text.contains("× engine-c") && text.contains("no change of level"), "{text}");
    // Native code has no JIT.
    let text = history(&place, &["sha256/engine-a/jit"], 0);
    assert!(
        text.contains("× calibration") && text.contains("ratio to calibration shows no change"),
        "{text}"
    );
    edit(&place.run("day-03").join("run.json"), "\"kernel_sha256\": \"", "\"kernel_sha256\": \"another ");
    assert!(history(&place, &["sha256/engine-a/jit"], 0).contains("the time shows"));
    assert!(history(&runs(4, 2), &[CELL], 0).contains("it takes 9 runs to see one"));
}

#[test]
fn a_history_is_csv_for_a_program_and_goes_to_a_file_of_the_users() {
    let place = runs(12, 6);
    let text = history(&place, &[CELL, "--csv", "--svg", "mine/calls.svg"], 0);
    assert!(place.0.path().join("mine/calls.svg").exists());
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let column = |name: &str| names.iter().position(|one| one == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 12);
    let levels: String = rows.iter().map(|row| row[column("level")].to_owned()).collect();
    assert_eq!(levels, "111111222222");
    let change: f64 = rows[6][column("level_change_ratio")].parse().unwrap();
    assert!((change - 1.06).abs() < 0.01, "{change}");
}

#[test]
fn runs_of_other_machines_and_damaged_ones_are_left_out_and_a_cell_that_is_nowhere_is_named() {
    let place = runs(9, 99);
    edit(&place.run("day-02").join("run.json"), "\"cpus\": 2", "\"cpus\": 8");
    assert!(history(&place, &[CELL], 0).contains("left out: 1 runs of other machines"));
    std::fs::write(place.run("day-03").join("run.json"), "{").unwrap();
    let damaged = place.xtask().args(["history", CELL]).assert().code(3);
    damaged.stderr(contains("left out: ").and(contains("day-03"))).stdout(contains("7 runs"));
    let nowhere = place.xtask().args(["history", "nop/engine-a/jit"]).assert().code(1);
    nowhere
        .stderr(contains("the newest has the samples fibonacci, sha256, json and the engines rust-native"));
    place.xtask().args(["history", "nop/engine-a"]).assert().code(2).stderr(contains("SAMPLE/ENGINE/PHASE"));
}
