//! The tables: which are printed, and how wide they are.

use crate::Place;
use crate::made_up::MadeUp;

#[test]
fn named_tables_stand_above_the_summary_and_no_others() {
    let place = Place::with(&MadeUp::default());
    let text = place.printed(&["--tables", "memory,call"]);
    let place_of = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words} is not in:\n{text}"));
    let (call, memory) = (place_of("\nPure execution: d, warm"), place_of("\nPeak memory: "));
    assert!(call < memory && memory < place_of("\ntimes × fastest"), "{text}");
    assert!(!text.contains("Cold start"), "{text}");
}

#[test]
fn all_tables_have_their_heading_and_are_as_wide_as_the_window() {
    let place = Place::with(&MadeUp { engines: 16, rounds: 12, ..MadeUp::default() });
    let text = place.printed(&["--tables", "all"]);
    let headings = [
        "Individual phases: ",
        "Beside the totals: ",
        "JIT: a+b+c+d",
        "AOT total: ",
        "AOT compile (time): ",
        "AOT compile (space): ",
        "AOT execute: ",
        "Cold start: ",
        "Pure execution: ",
        "Peak memory: ",
        "Ranking, stripped, small: d-call-warm (",
        "Failed cells: 1",
        "Notes",
    ];
    for heading in headings {
        assert!(text.contains(&format!("\n{heading}")), "{heading} is not in:\n{text}");
    }
    let of_machine = "(stripped, small; AMD EPYC 7763 64-Core, 2 CPUs)";
    assert!(text.contains(&format!("AOT compile (time): a+b+b', the build step {of_machine}")), "{text}");
    // Standard output is no terminal here.
    let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 100, "{widest} columns:\n{text}");
}

#[test]
fn a_column_without_a_value_is_left_out_with_its_reason() {
    let place = Place::with(&MadeUp::default());
    let text = place.printed(&["--tables", "aot-compile"]);
    let header = text.lines().find(|line| line.contains("sample ")).unwrap();
    assert!(header.contains("wall") && !header.contains("next run"), "{text}");
    assert!(text.contains("left out, without a value in any row: next run ("), "{text}");
}

#[test]
fn a_table_that_the_run_has_nothing_for_says_why() {
    let place = Place::with(&MadeUp::default());
    let reasons = [
        ("scale", "scale: no sample of the scale family was measured"),
        ("instructions", "instructions: instructions were not counted in this run (--counters)"),
        ("ranking", "ranking: a ranking needs ten rounds"),
        ("modules", "modules: this run does not compare modules"),
        ("failures", "No cell failed."),
    ];
    for (table, reason) in reasons {
        let text = place.printed(&["--tables", table]);
        assert!(text.starts_with(&format!("\n{reason}")), "{text}");
    }
}
