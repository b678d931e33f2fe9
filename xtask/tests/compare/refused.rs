//! What differs between two runs is refused, unless it is what is compared.

use crate::made_up::MadeUp;
use crate::{Place, edit};

/// It ends with status 1 and one message that has all of `words`.
fn refused(place: &Place, arguments: &[&str], words: &[&str]) {
    let failed = place.compare(arguments).assert().code(1).stdout("");
    let stderr = String::from_utf8(failed.get_output().stderr.clone()).unwrap();
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    for words in words {
        assert!(stderr.contains(words), "{words} is not in: {stderr}");
    }
}

fn same() -> Place {
    Place::with(&MadeUp::default(), &MadeUp::default())
}

#[test]
fn each_difference_is_named_and_allowed_by_its_name() {
    let differences = [
        ("\"cpus\": 2", "\"cpus\": 8", "machine", "machine: processors 2 → 8"),
        ("AMD EPYC 7763 64-Core Processor", "Xeon", "machine", "Processor → Xeon"),
        ("\"6.1.0\"", "\"6.12.0\"", "machine", "kernel 6.1.0 → 6.12.0"),
        ("hash of json", "another hash", "modules", "modules: json (stripped) 1000 → 1000 bytes"),
        (
            "\"1.0.0\"",
            "\"1.1.0\"",
            "versions",
            "versions: rust-native: version 1.0.0 → 1.1.0; engine-a: version",
        ),
        ("engine-b-1", "engine-b-2", "builds", "builds: engine-b: build engine-b-1 → engine-b-2"),
        ("\"flags\": \"\"", "\"flags\": \"-O2\"", "settings", "engine-c: flags  → -O2"),
        ("\"bench\"", "\"bench\", \"--pin\", \"1\"", "settings", "settings: --pin not set → 1"),
    ];
    for (from, to, name, words) in differences {
        let place = same();
        edit(&place.run("new").join("run.json"), from, to);
        let advice = format!("If that is what you compare, add --allow-different {name}");
        let words = if name == "settings" && words.starts_with("engine-c") {
            "rust-native: flags  → -O2"
        } else {
            words
        };
        refused(
            &place,
            &["base", "new"],
            &["the runs differ, so a change would mean nothing: ", words, &advice],
        );
        place.printed(&["base", "new", "--allow-different", name], 0);
    }
}

#[test]
fn several_differences_are_refused_together_and_allowed_together() {
    let place = same();
    let file = place.run("new").join("run.json");
    edit(&file, "\"cpus\": 2", "\"cpus\": 8");
    edit(&file, "hash of json", "another hash");
    refused(&place, &["base", "new"], &["--allow-different machine,modules"]);
    refused(
        &place,
        &["base", "new", "--allow-different", "machine"],
        &["nothing: modules: json", "machine,modules"],
    );
    let text = place.printed(&["base", "new", "--allow-different", "machine,modules"], 0);
    assert!(text.contains("\ndifferent: machine: processors 2 → 8\n"), "{text}");
    place.compare(&["base", "new", "--allow-different", "weather"]).assert().code(2).stdout("");
}

#[test]
fn between_machines_ratios_are_compared_and_times_are_not() {
    let twice = MadeUp { level: 2.0, ..MadeUp::default() };
    let place = Place::with(&MadeUp::default(), &twice);
    let of_time = |arguments: &[&str]| {
        let text = place.printed(arguments, 0);
        let rows: Vec<csv::StringRecord> =
            csv::Reader::from_reader(text.as_bytes()).into_records().map(Result::unwrap).collect();
        assert!(rows.iter().all(|row| &row[19] == "same"), "{text}");
        rows.iter().map(|row| row[8].parse::<f64>().ok()).collect::<Vec<_>>()
    };
    let times = of_time(&["base", "new", "--csv"]);
    assert!(times.iter().all(|time| time.is_some_and(|time| (1.9..2.1).contains(&time))), "{times:?}");
    edit(&place.run("new").join("run.json"), "\"cpus\": 2", "\"cpus\": 8");
    let times = of_time(&["base", "new", "--csv", "--allow-different", "machine"]);
    assert!(times.iter().all(Option::is_none), "{times:?}");
    let text = place.printed(&["base", "new", "--allow-different", "machine"], 0);
    assert!(text.contains("the machines differ, so ratios are compared and times are not"), "{text}");
}

#[test]
fn the_kernel_of_another_build_is_no_reference_and_an_engine_may_be() {
    let other = MadeUp { program: "two", ..MadeUp::default() };
    let place = Place::with(&MadeUp::default(), &other);
    let text = place.printed(&["base", "new"], 0);
    assert!(text.contains("changes have nothing to divide by") && text.contains("--reference"), "{text}");
    let text = place.printed(&["base", "new", "--reference", "engine-a", "--csv"], 0);
    let by =
        |reference: &str| text.lines().filter(|line| line.contains(&format!(",{reference},12,12,"))).count();
    assert_eq!((by("engine-a"), by("calibration"), by("rust-native")), (15, 0, 0), "{text}");
    assert_eq!(text.lines().count(), 16, "{text}");
    let wrong = place.compare(&["base", "new", "--reference", "engine-x"]).assert().code(2);
    let stderr = String::from_utf8(wrong.get_output().stderr.clone()).unwrap();
    assert!(stderr.contains("'engine-x' for '--reference <ENGINE>': it is not in both runs"), "{stderr}");
}

#[test]
fn a_run_that_is_not_there_is_damaged_or_is_the_same_is_named() {
    let place = same();
    refused(&place, &["base", "other"], &["there is no run other"]);
    refused(&place, &["base", "base"], &["base is compared with itself; name two runs"]);
    refused(&place, &["generated", "new"], &["generated is no run: it has no run.json"]);
    edit(&place.run("new").join("run.json"), "\"format\": 1", "\"format\": 9");
    refused(&place, &["base", "new"], &["a newer version of wasm-phases made this run"]);
}

#[test]
fn runs_without_a_cell_in_common_have_nothing_to_compare() {
    let place = same();
    for file in ["run.json", "samples.csv"] {
        let file = place.run("new").join(file);
        for engine in ["rust-native", "engine-"] {
            edit(&file, engine, &format!("other-{engine}"));
        }
    }
    refused(&place, &["base", "new"], &["no time of the same engine on the same case in common"]);
}
