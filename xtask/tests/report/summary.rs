//! The summary: what it says, and that it fits a screen.

use crate::made_up::MadeUp;
use crate::{Place, edit};

/// The text has at most 24 lines of at most 80 columns.
fn fits_a_screen(text: &str) {
    assert!(text.lines().count() <= 24, "{} lines:\n{text}", text.lines().count());
    let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 80, "{widest} columns:\n{text}");
}

#[test]
fn sixteen_engines_with_intervals_and_every_problem_fit_a_screen() {
    let text = Place::with(&MadeUp { engines: 16, rounds: 12, ..MadeUp::default() }).printed(&[]);
    fits_a_screen(&text);
    insta::assert_snapshot!(text);
}

#[test]
fn a_quick_run_says_what_was_lowest_and_that_nothing_was_tested() {
    let text = Place::with(&MadeUp::default()).printed(&[]);
    fits_a_screen(&text);
    assert!(text.contains("lowest in 3 rounds, not tested: "), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn the_newest_run_is_shown_unless_another_is_named_and_selfcheck_has_none() {
    let place = Place::new();
    let run = |name: &str, rounds, started_utc| {
        MadeUp { rounds, started_utc, ..MadeUp::default() }.write(&place.run(name));
    };
    run("z-old", 3, "2026-01-30T12:00:00Z");
    run("a-new", 4, "2026-01-31T12:00:00Z");
    run("selfcheck-control-x", 5, "2026-02-01T12:00:00Z");
    assert!(place.printed(&[]).contains("; 4 rounds; "));
    assert!(place.printed(&["z-old"]).contains("cargo xtask report z-old --tables all"));
    let path = place.run("selfcheck-control-x");
    assert!(place.printed(&[path.to_str().unwrap()]).contains("; 5 rounds; "));
    // A path from here, as the last line of a summary gives it.
    assert!(
        place
            .printed(&["generated/results/z-old"])
            .ends_with("report: generated/results/z-old/report.html\n")
    );
}

#[test]
fn the_summary_for_a_program_has_the_same_numbers() {
    let place = Place::with(&MadeUp { rounds: 12, ..MadeUp::default() });
    let json: serde_json::Value = serde_json::from_str(&place.printed(&["--json"])).unwrap();
    assert_eq!((&json["rounds"], json["engines"].as_array().unwrap().len()), (&12.into(), 11));
    let columns: Vec<_> = json["columns"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(columns, ["compile", "instantiate", "AOT execute", "call", "artifact", "memory"]);
    let lucet = &json["engines"][2];
    assert_eq!(lucet["name"], "lucet");
    assert!((lucet["values"]["compile"]["value"].as_f64().unwrap() - 1.0).abs() < 1e-9, "{lucet}");
    let native = &json["engines"][0]["values"];
    assert!(native.get("compile").is_none() && native["call"]["low"].as_f64().unwrap() > 1.0, "{native}");
}

#[test]
fn engines_that_lack_a_phase_leave_the_others_their_cases() {
    let text = Place::with(&MadeUp { rounds: 5, ..MadeUp::default() }).printed(&[]);
    let cells = |name: &str| -> Vec<String> {
        let line = text.lines().find(|line| line.starts_with(&format!("{name} "))).unwrap();
        // Bytes and their unit are one cell.
        let cells = line[name.len()..].replace(" kB", "kB").replace(" MB", "MB");
        cells.split_whitespace().map(str::to_owned).collect()
    };
    assert_eq!(cells("common cases"), ["11"; 6]);
    assert_eq!(&cells("rust-native")[..2], ["-", "-"]);
    // Without AOT there is neither an AOT execute nor an artifact.
    assert_eq!((cells("wasmi-eager")[2].as_str(), cells("wasmi-eager")[4].as_str()), ("-", "-"));
    // Compile times are in proportion to 3, 4, ... 11; the first of these is compiled ahead of time alone.
    assert_eq!((cells("lucet")[0].as_str(), cells("wasmtime-cranelift")[0].as_str()), ("1.00", "3.67"));
}

#[test]
fn an_engine_that_compiles_at_the_first_call_is_not_compared_in_compile() {
    let place = Place::with(&MadeUp::default());
    let with = |text: &str| {
        let row = text.lines().find(|line| line.starts_with("wasmi-eager")).unwrap();
        row.split_whitespace().nth(1).unwrap().to_owned()
    };
    assert_ne!(with(&place.printed(&["run"])), "-");
    let file = place.run("run").join("run.json");
    let text = std::fs::read_to_string(&file).unwrap();
    let mut run: serde_json::Value = serde_json::from_str(&text).unwrap();
    let engines = run["engines"].as_array_mut().unwrap();
    let lazy = engines.iter_mut().find(|engine| engine["name"] == "wasmi-eager").unwrap();
    lazy["lazy"] = true.into();
    std::fs::write(&file, run.to_string()).unwrap();
    let text = place.printed(&["run"]);
    assert_eq!(with(&text), "-", "{text}");
    assert!(text.contains("not compared in compile: wasmi-eager"), "{text}");
}

#[test]
fn a_run_that_was_killed_is_shown_as_far_as_it_goes() {
    let place = Place::with(&MadeUp { finished: false, ..MadeUp::default() });
    let whole = place.printed(&[]);
    assert!(whole.contains("cut short: killed or still under way, after 3 of 10 planned rounds"), "{whole}");
    // The last line is half written, and the last round is not there.
    let readings = place.run("run").join("samples.csv");
    let text = std::fs::read(&readings).unwrap();
    std::fs::write(&readings, &text[..text.len() - 7]).unwrap();
    let rounds = place.run("run").join("rounds.csv");
    let lines = std::fs::read_to_string(&rounds).unwrap();
    let kept: Vec<&str> = lines.lines().take(3).collect();
    std::fs::write(&rounds, kept.join("\n") + "\n").unwrap();
    assert!(place.printed(&[]).contains("after 2 of 10 planned rounds"));
    // Killed before anything was read.
    for file in ["samples.csv", "rounds.csv", "sizes.csv", "failures.csv", "memory.csv"] {
        std::fs::remove_file(place.run("run").join(file)).unwrap();
    }
    let empty = place.printed(&["--tables", "all"]);
    assert!(empty.contains("no reading was taken"), "{empty}");
}

#[test]
fn an_older_run_is_read_as_far_as_it_goes() {
    let place = Place::with(&MadeUp::default());
    let numbers = |text: &str| -> Vec<String> {
        text.lines().filter(|line| line.starts_with("wasm")).map(str::to_owned).collect()
    };
    let before = numbers(&place.printed(&[]));
    let file = place.run("run").join("run.json");
    let mut json: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    for field in ["format", "cases", "entries", "precision", "earlier_calibration_ns"] {
        assert!(json.as_object_mut().unwrap().remove(field).is_some(), "{field}");
    }
    std::fs::write(&file, json.to_string()).unwrap();
    let after = place.printed(&["--tables", "all"]);
    assert!(after.contains("older version: run.json lists no cases"), "{after}");
    assert_eq!(numbers(&after), before);
}

#[test]
fn a_report_changes_no_file_but_its_own() {
    let place = Place::with(&MadeUp::default());
    let files = || {
        let files = std::fs::read_dir(place.run("run")).unwrap();
        let mut files: Vec<_> = files
            .map(|file| file.unwrap().path())
            .filter(|path| !path.file_name().unwrap().to_str().unwrap().starts_with("report"))
            .map(|path| {
                (path.clone(), std::fs::read(&path).unwrap(), path.metadata().unwrap().modified().unwrap())
            })
            .collect();
        files.sort();
        files
    };
    let before = files();
    place.printed(&["--tables", "all"]);
    assert!(files() == before);
    let json = place.printed(&["--json"]);
    assert!(json.starts_with('{') && files() == before);
}

#[test]
fn a_name_that_a_shell_would_split_is_quoted_in_the_command() {
    let place = Place::new();
    MadeUp::default().write(&place.run("my run"));
    assert!(place.printed(&[]).contains("cargo xtask report 'my run' --tables all"));
}

#[test]
fn notes_and_modules_of_the_users_own_stand_in_the_summary() {
    let place = Place::with(&MadeUp { engines: 8, ..MadeUp::default() });
    for file in ["run.json", "samples.csv", "sizes.csv", "memory.csv"] {
        let path = place.run("run").join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        // Two of the samples become the user's modules; the others are not among the cases.
        let own =
            text.replace("nop,stripped,small", "old,own,own").replace("nbody,stripped,small", "new,own,own");
        std::fs::write(&path, own.replace("nop,stripped", "old,own").replace("nbody,stripped", "new,own"))
            .unwrap();
    }
    let file = place.run("run").join("run.json");
    let mut json: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let case =
        |sample| serde_json::json!({ "sample": sample, "variant": "own", "size": "own", "group": "own" });
    json["cases"] = serde_json::json!([case("old"), case("new")]);
    json["notes"] =
        serde_json::json!(["old: f(1) → 2: all 6 engines agree", "new: f(1) → 2: all 6 engines agree"]);
    std::fs::write(&file, json.to_string()).unwrap();
    let text = place.printed(&[]);
    fits_a_screen(&text);
    assert!(text.starts_with("2 modules of your own; 3 rounds; "), "{text}");
    assert!(text.contains("new, × old: a+b compile 1.67 (6 engines, not tested);"), "{text}");
    assert!(text.contains("\nold: f(1) → 2: all 6 engines agree\n"), "{text}");
}

#[test]
fn a_damaged_line_in_the_middle_is_named() {
    let place = Place::with(&MadeUp::default());
    edit(&place.run("run").join("rounds.csv"), "\n2,", "\ntwo,");
    let failed = place.report(&[]).assert().code(1).stdout("");
    let stderr = String::from_utf8(failed.get_output().stderr.clone()).unwrap();
    assert!(stderr.contains("rounds.csv is damaged, or another version of wasm-phases wrote it"), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}
