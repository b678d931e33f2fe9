//! Every column of every CSV file stands in the documentation: in the section of its file in `docs/results.md`, or in
//! `docs/comparing.md` where it is only printed.

use crate::tree::{File, REPOSITORY, Tree, Violation, is_within, require};
use regex::Regex;
use std::sync::LazyLock;

/// The files' documentation, and that of what is printed.
const FILES: &str = "docs/results.md";
const PRINTED: &str = "docs/comparing.md";

/// The columns that several files have are described once, in this section.
const COMMON: &str = "Columns that name a cell";

/// A list of columns, and the name of a CSV file.
static COLUMNS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?s)const COLUMNS: [^=(]*=\s*&?\[([^\]]*)\];|let columns =\s*\[([^\]]*)\];\s*let mut file = with_header").unwrap()
});
static TEXT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#""([^"]*)""#).unwrap());
static CSV_FILE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#""([a-z_-]+\.csv)""#).unwrap());
/// The fields of a record whose header the csv crate writes.
static ROW: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?s)pub struct SampleRow \{(.*?)\n\}").unwrap());
static FIELD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?m)^    pub ([a-z_]+):").unwrap());

/// The columns that a source file names for a CSV file.
fn columns(file: &File) -> Vec<String> {
    let source = file.text.split("#[cfg(test)]").next().unwrap_or_default();
    let lists = COLUMNS.captures_iter(source).filter_map(|found| found.get(1).or(found.get(2)));
    let mut columns: Vec<String> = Vec::new();
    for list in lists {
        let texts: Vec<String> = TEXT.captures_iter(list.as_str()).map(|text| text[1].to_owned()).collect();
        // Headings of tables have spaces or capitals.
        let is_column = |text: &String| {
            text.chars().all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '_')
        };
        if texts.iter().all(is_column) {
            columns.extend(texts);
        }
    }
    let fields = ROW.captures_iter(source).flat_map(|row| {
        FIELD.captures_iter(row.get(1).unwrap().as_str()).map(|field| field[1].to_owned()).collect::<Vec<_>>()
    });
    columns.extend(fields);
    columns
}

/// The text below the heading of a file, or below a heading that ends with its name.
fn section<'a>(text: &'a str, heading: &str) -> Option<&'a str> {
    let mut sections = text.split("\n## ").skip(1);
    sections.find(|section| {
        let first = section.lines().next().unwrap_or_default();
        first == heading || first.ends_with(&format!("/{heading}"))
    })
}

fn not_documented(tree: &Tree) -> Vec<Violation> {
    let text = |path: &str| tree.get(path).map_or("", |file| file.text.as_str());
    let common = section(text(FILES), COMMON).unwrap_or_default();
    let is_source =
        |file: &&File| ["bench/src", "xtask/src"].iter().any(|place| is_within(&file.path, place));
    let mut violations = Vec::new();
    for file in tree.rust().filter(is_source) {
        let columns = columns(file);
        if columns.is_empty() {
            continue;
        }
        let name = CSV_FILE.captures(&file.text).map(|found| found[1].to_owned());
        let own = match &name {
            // The list of samples has a file of the same name as the readings.
            Some(name) if file.path.contains("/samples/") => {
                section(text(FILES), &format!("generated/wasm/{name}"))
            }
            Some(name) => section(text(FILES), name),
            None => Some(text(PRINTED)),
        };
        let Some(own) = own else {
            violations.push(Violation::new(&file.path, 1, format!("{FILES} has no section for its file")));
            continue;
        };
        for column in columns {
            let quoted = format!("`{column}`");
            if !own.contains(&quoted) && !common.contains(&quoted) {
                let what = format!("the column {quoted} is not described in {FILES} or {PRINTED}");
                violations.push(Violation::new(&file.path, 1, what));
            }
        }
    }
    violations
}

#[test]
fn every_column_of_a_csv_file_is_documented() {
    let found: usize = REPOSITORY.rust().map(|file| columns(file).len()).sum();
    assert!(found > 170, "{found} columns: the lists are no longer found");
    require(not_documented(&REPOSITORY), "describe the column, with its unit, in the section of its file");
}

#[test]
fn a_column_without_its_line_is_named() {
    let source = "pub const F: &str = \"sizes.csv\";\nconst COLUMNS: [&str; 3] = [\"engine\", \"old_ns\", \"new_ns\"];";
    let docs = "# Files\n\n## Columns that name a cell\n\n| `engine` |\n\n## sizes.csv\n\n| `old_ns` |\n\n## other.csv\n\n| `new_ns` |\n";
    let tree = Tree::of(&[("bench/src/record/sizes.rs", source), (FILES, docs)]);
    let found: Vec<String> = not_documented(&tree).iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("the column `new_ns`"), "{found:?}");
    let unknown = source.replace("sizes.csv", "more.csv");
    let found = not_documented(&Tree::of(&[("bench/src/record/more.rs", &unknown), (FILES, docs)]));
    assert!(found[0].to_string().contains("no section"));
}
