//! `merge`: which runs are joined, and what is said of those that are not. Nothing is measured.

use super::{MadeUp, Place, edit};
use predicates::str::contains;
use serde_json::{Value, json};
use std::path::Path;

fn run_json(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("run.json")).unwrap()).unwrap()
}

/// Leaves the case of `sample` in the run in `folder`, as share `number` of two.
fn into_shard(folder: &Path, number: usize, sample: &str) {
    let mut run = run_json(folder);
    run["shard"] = json!({ "number": number, "count": 2, "cases": run["cases"], "modules": run["modules"] });
    for list in ["cases", "modules"] {
        run[list].as_array_mut().unwrap().retain(|one| one["sample"] == sample);
    }
    std::fs::write(folder.join("run.json"), run.to_string()).unwrap();
    for file in ["samples.csv", "failures.csv"] {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        let kept = text.lines().enumerate().filter(|(number, line)| *number == 0 || line.contains(sample));
        let kept: String = kept.map(|(_, line)| format!("{line}\n")).collect();
        std::fs::write(folder.join(file), kept).unwrap();
    }
}

/// Two shards of one set of cases, from machines at different levels.
fn shards() -> Place {
    let place = Place::with(&MadeUp::default(), &MadeUp { level: 1.5, ..MadeUp::default() });
    into_shard(&place.run("base"), 1, "fibonacci");
    into_shard(&place.run("new"), 2, "sha256");
    place
}

#[test]
fn shards_of_two_machines_are_joined_and_can_be_compared() {
    let place = shards();
    let merge = |output: &str| {
        let mut command = place.xtask();
        command.args(["merge", "new", "base", "--output", output]);
        command
    };
    merge("merged").assert().code(0).stdout(contains("2 machines: AMD EPYC"));
    let merged = place.0.path().join("merged");
    let run = run_json(&merged);
    assert_eq!(run["cases"][0]["sample"], "fibonacci");
    assert_eq!((&run["cases"][0]["machine"], &run["cases"][1]["machine"]), (&json!(1), &json!(2)));
    assert_eq!(run["parts"][1]["shard"], "2/2");
    assert_eq!(run["calibration_ns"], Value::Null);
    let summary = std::fs::read_to_string(merged.join("summary.csv")).unwrap();
    assert!(summary.contains(",fibonacci,") && summary.contains(",sha256,"), "{summary}");
    // The levels of the two machines are no drift of one.
    let mut rows = csv::Reader::from_reader(summary.as_bytes());
    let next = rows.headers().unwrap().iter().position(|name| name == "next_low_wall_ns").unwrap();
    assert!(rows.records().all(|row| row.unwrap()[next].is_empty()));
    // A merged run is a run like any other.
    merge("again").assert().code(0);
    place.xtask().args(["report", "merged", "--tables", "all"]).assert().code(0);
    place.xtask().args(["report", "merged", "--export", "critcmp"]).assert().code(0);
    let compared = place.xtask().args(["compare", "merged", "again", "--fail-if-slower", "5%"]).assert();
    compared.code(0);
    place
        .xtask()
        .args(["merge", "merged", "base"])
        .assert()
        .code(1)
        .stderr(contains("merged is merged already"));
}

#[test]
fn a_reading_of_a_round_that_does_not_count_is_not_taken_over() {
    let place = shards();
    // The third round was repeated; an engine failed in the fifth, which is the fourth that counts.
    edit(
        &place.run("base").join("rounds.csv"),
        "3,3.0,1.0,,,,,,true,1\n",
        "3,3.0,1.0,,,,,disturbed,false,1\n",
    );
    let failure = "5,engine-b,subject,fibonacci,stripped,small,jit,,failed-late,it stopped\n";
    let file = place.run("base").join("failures.csv");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text + failure).unwrap();
    place.xtask().args(["merge", "base", "new", "--output", "merged"]).assert().code(3);
    let merged = place.0.path().join("merged");
    let rounds = std::fs::read_to_string(merged.join("rounds.csv")).unwrap();
    assert_eq!(rounds.lines().count(), 1 + 11 + 12, "{rounds}");
    assert!(!rounds.contains("disturbed,false"));
    let failures = std::fs::read_to_string(merged.join("failures.csv")).unwrap();
    assert!(failures.contains("4,engine-b,subject,fibonacci"), "{failures}");
}

/// What `merge` says of two shards after `change` to the second's `run.json`.
fn refused(from: &str, to: &str) -> String {
    let place = shards();
    edit(&place.run("new").join("run.json"), from, to);
    let ended = place.xtask().args(["merge", "base", "new"]).assert().code(1);
    let said = String::from_utf8(ended.get_output().stderr.clone()).unwrap();
    assert!(!place.0.path().join("generated/results/merged").exists());
    said
}

#[test]
fn shards_of_different_modules_workers_or_settings_are_refused_by_what_differs() {
    let said = refused("hash of json", "another hash");
    assert!(said.contains("modules: json (stripped) 1000 → 1000 bytes"), "{said}");
    let said = refused("engine-a-1", "engine-a-2");
    assert!(said.contains("builds: engine-a: build engine-a-1 → engine-a-2"), "{said}");
    let said = refused("\"arguments\":[\"bench\"]", "\"arguments\":[\"bench\",\"--size\",\"large\"]");
    assert!(said.contains("settings: --size Small → Large"), "{said}");
    let said = refused("\"count\":2", "\"count\":3");
    assert!(said.contains("shards: shares of 2 → 3"), "{said}");
    let said = refused("\"name\":\"engine-c\"", "\"name\":\"engine-d\"");
    assert!(said.contains("engines: engine-c is not in the second"), "{said}");
}

#[test]
fn a_case_of_two_runs_is_refused_and_so_are_modules_of_the_users_own() {
    let place = Place::with(&MadeUp::default(), &MadeUp::default());
    let both = place.xtask().args(["merge", "base", "new"]).assert().code(1);
    both.stderr(contains("cases: both have fibonacci (stripped, small)"));
    edit(&place.run("new").join("run.json"), "\"bench\"", "\"bench\", \"--wasm\", \"a.wasm\"");
    let own = place.xtask().args(["merge", "base", "new"]).assert().code(1);
    own.stderr(contains("only runs of samples can be joined"));
    place.xtask().args(["merge", "base"]).assert().code(2);
}
