//! The comparison as text, as JSON and as CSV.

use crate::made_up::MadeUp;
use crate::{Place, edit};

fn changed() -> Place {
    let new =
        MadeUp { level: 1.05, slower: Some(("engine-b", "sha256", 1.1)), engines: 3, ..MadeUp::default() };
    Place::with(&MadeUp::default(), &new)
}

#[test]
fn the_text_has_what_changed_first_and_says_what_is_compared() {
    let place = changed();
    let text = place.printed(&["base", "new", "--fail-if-slower", "5%"], 4);
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn changes_that_are_none_are_shown_when_they_are_asked_for() {
    let place = Place::with(&MadeUp::default(), &MadeUp::default());
    let text = place.printed(&["base", "new"], 0);
    let more = "and 9 more, none of them a change (--all)";
    assert!(text.contains(more), "{text}");
    let all = place.printed(&["base", "new", "--all"], 0);
    assert!(!all.contains("(--all)") && all.matches("same within 5% [").count() == 21, "{all}");
}

#[test]
fn json_and_csv_have_every_change() {
    let place = changed();
    let json: serde_json::Value =
        serde_json::from_str(&place.printed(&["base", "new", "--json"], 0)).unwrap();
    assert_eq!(json["counts"]["slower"], 1);
    assert_eq!(json["tests"], 15);
    assert_eq!(json["changes"].as_array().unwrap().len(), 15);
    assert_eq!(json["changes"][0]["engine"], "engine-b");
    assert_eq!(json["changes"][0]["verdict"], "slower");
    assert_eq!(json["only_in_base"].as_array().unwrap().len(), 3);
    let csv = place.printed(&["base", "new", "--csv"], 0);
    assert!(csv.starts_with("engine,sample,variant,size,pass,phase,base_wall_ns,new_wall_ns,"), "{csv}");
    assert!(csv.lines().nth(1).unwrap().starts_with("engine-b,sha256,stripped,small,warm-call,"), "{csv}");
    assert_eq!(csv.lines().count(), 16);
    place.compare(&["base", "new", "--json", "--csv"]).assert().code(2);
}

#[test]
fn rounds_that_other_work_disturbed_and_that_count_are_told() {
    let place = changed();
    let file = place.run("new").join("run.json");
    let note = "9 rounds that count in the new run were disturbed by other work";
    edit(&file, "\"disturbed_rounds\": 0", "\"disturbed_rounds\": 12");
    edit(&file, "\"repeated_rounds\": 0", "\"repeated_rounds\": 12");
    assert!(!place.printed(&["base", "new"], 0).contains("disturbed"));
    edit(&file, "\"repeated_rounds\": 12", "\"repeated_rounds\": 3");
    assert!(place.printed(&["base", "new"], 0).contains(note));
}

#[test]
fn a_run_that_was_killed_is_compared_as_far_as_it_goes() {
    let place = changed();
    edit(&place.run("new").join("run.json"), "\"duration_s\": 60.0", "\"duration_s\": null");
    let text = place.printed(&["base", "new"], 0);
    assert!(text.contains("the new run was cut short: killed or still under way"), "{text}");
}
