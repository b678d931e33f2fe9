//! The table of what a runtime costs whoever embeds it.

use super::sheet::{Sheet, SheetCell};
use super::units;
use bench::record::EmbeddingFacts;
use indicatif::HumanBytes;

/// What the columns are.
const COLUMNS: [&str; 8] =
    ["program", "locked crates", "build CPU", "idle memory", "released", "maintained", "API", "built by"];

/// The table, a row for each engine.
pub fn sheet<'a>(engines: impl IntoIterator<Item = (&'a str, &'a EmbeddingFacts)>) -> Sheet {
    let heading = "Embedding: the worker program without symbols, its crates, and the runtime's release";
    let mut sheet = Sheet::new(heading, &["engine"], COLUMNS.map(str::to_owned).as_slice());
    for (engine, facts) in engines {
        sheet.row(vec![engine.to_owned()], cells(facts));
    }
    sheet.below("program: with its libraries, but for the system's".to_owned());
    sheet.below("build CPU: measured once, on another machine perhaps".to_owned());
    sheet
}

fn cells(facts: &EmbeddingFacts) -> Vec<SheetCell> {
    let bytes = |bytes: Option<u64>, reason: &str| {
        SheetCell::or_without(bytes.map(|bytes| HumanBytes(bytes).to_string()), reason)
    };
    let not_built = "cargo does not build it";
    let maintained = facts.maintained.map(|yes| if yes { "yes" } else { "no" }.to_owned());
    vec![
        bytes(facts.program_bytes, "its worker was not looked at"),
        SheetCell::or_without(facts.locked_crates.map(|crates| crates.to_string()), not_built),
        SheetCell::or_without(facts.build_cpu_s.map(|seconds| units::duration(seconds * 1e9)), not_built),
        bytes(facts.idle_bytes, "its worker was not looked at"),
        SheetCell::or_without(facts.released.clone(), "unknown"),
        SheetCell::or_without(maintained, "unknown"),
        SheetCell::or_without(facts.api.clone(), "unknown"),
        SheetCell::or_without(facts.built_by.clone(), "unknown"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_shown_and_what_is_not_has_a_reason() {
        let known = EmbeddingFacts {
            program_bytes: Some(3 << 20),
            locked_crates: Some(41),
            build_cpu_s: Some(21.0),
            idle_bytes: Some(2 << 20),
            released: Some("2026-01-31".to_owned()),
            maintained: Some(false),
            api: Some("Rust".to_owned()),
            built_by: Some("here".to_owned()),
        };
        let text = sheet([("a", &known), ("b", &EmbeddingFacts::default())]).render(100);
        let row = |engine: &str| {
            let line = text.lines().find(|line| line.trim_start().starts_with(engine)).unwrap();
            line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        };
        let shown = ["a", "3.00", "MiB", "41", "21.00", "s", "2.00", "MiB", "2026-01-31", "no", "Rust"];
        assert_eq!(row("a "), shown);
        assert!(text.contains("[2] cargo does not build it") && text.contains("[3] unknown"), "{text}");
    }
}
