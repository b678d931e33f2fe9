//! What an exit status says.

use crate::made_up::MadeUp;
use crate::{Place, edit};

const TEN_PERCENT: MadeUp = MadeUp {
    rounds: 12,
    level: 1.3,
    slower: Some(("engine-b", "sha256", 1.1)),
    spread: 0.5,
    started_utc: "",
    engines: 4,
    program: "one",
};

#[test]
fn a_gate_stops_what_is_slower_with_its_whole_interval_and_nothing_else() {
    let place = Place::with(&MadeUp::default(), &TEN_PERCENT);
    let text = place.printed(&["base", "new", "--fail-if-slower", "5%"], 4);
    assert!(
        text.contains("\nslower by more than 5%: engine-b on sha256 (stripped, small): d-call-warm\n"),
        "{text}"
    );
    // The change is about 10%, so its interval does not lie above 10% as a whole.
    let text = place.printed(&["base", "new", "--fail-if-slower", "10%"], 0);
    assert!(text.contains("\nnothing is slower by more than 10%\n") && text.contains("1 slower, "), "{text}");
    // Without a gate a change is only told, and what got faster stops nothing.
    place.printed(&["base", "new"], 0);
    place.printed(&["new", "base", "--fail-if-slower", "5%"], 0);
}

#[test]
fn the_strict_gate_also_stops_what_is_not_resolved() {
    let noisy = MadeUp { spread: 4.0, ..MadeUp::default() };
    let place = Place::with(&noisy, &noisy);
    place.printed(&["base", "new", "--fail-if-slower", "5%"], 0);
    let text = place.printed(&["base", "new", "--fail-if-slower", "5%", "--fail-if-unresolved"], 4);
    assert!(text.contains("not resolved ["), "{text}");
    let place = Place::with(&MadeUp::default(), &MadeUp::default());
    place.printed(&["base", "new", "--fail-if-unresolved"], 0);
}

#[test]
fn without_a_test_no_gate_passes() {
    let quick = MadeUp { rounds: 3, ..MadeUp::default() };
    let place = Place::with(&quick, &quick);
    let text = place.printed(&["base", "new"], 0);
    assert!(text.contains("not tested") && text.contains("both runs need ten rounds"), "{text}");
    let failed = place.compare(&["base", "new", "--fail-if-slower", "5%"]).assert().code(1);
    let stderr = String::from_utf8(failed.get_output().stderr.clone()).unwrap();
    assert!(stderr.contains("nothing was tested, so nothing can pass"), "{stderr}");
    assert!(stderr.contains("both runs need ten rounds (bench without --quick)"), "{stderr}");
}

#[test]
fn wrong_usage_comes_before_a_gate_and_a_gate_before_failed_cells() {
    let place = Place::with(&MadeUp::default(), &TEN_PERCENT);
    place.compare(&["base", "new", "--fail-if-slower", "none"]).assert().code(2).stdout("");
    let line = "1,engine-c,subject,json,stripped,small,warm-call,d-call-warm,failed,a wrong result\n";
    let file = place.run("new").join("failures.csv");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text + line).unwrap();
    place.printed(&["base", "new", "--fail-if-slower", "5%"], 4);
    let text = place.printed(&["base", "new", "--fail-if-slower", "20%"], 3);
    let failed = "failed: 1 of the cells in both runs, first engine-c on json (stripped, small) (in the new run): \
                  a wrong result";
    assert!(text.replace("\n  ", " ").contains(failed), "{text}");
}

#[test]
fn a_baseline_takes_the_place_of_the_first_run_and_the_newest_that_of_the_second() {
    let place = Place::with(&MadeUp::default(), &TEN_PERCENT);
    let baselines = place.0.path().join("generated/baselines");
    std::fs::create_dir_all(&baselines).unwrap();
    std::fs::rename(place.run("base"), baselines.join("main")).unwrap();
    let text = place.printed(&["--baseline", "main", "--fail-if-slower", "5%"], 4);
    assert!(text.starts_with("base  generated/baselines/main ("), "{text}");
    assert!(text.contains("\nnew   generated/results/new ("), "{text}");
    place.printed(&["--baseline", "main", "generated/results/new"], 0);
    edit(&place.run("new").join("run.json"), "13:00:00Z", "14:00:00Z");
    let failed = place.compare(&["--baseline", "mian"]).assert().code(1);
    let stderr = String::from_utf8(failed.get_output().stderr.clone()).unwrap();
    assert!(stderr.contains("there is no baseline mian; there are main"), "{stderr}");
    for wrong in [&["--baseline", "main", "a", "b"][..], &[], &["--baseline", "../main"]] {
        place.compare(wrong).assert().code(2).stdout("");
    }
}
