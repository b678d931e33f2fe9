//! `cargo xtask samples --list`: what there is to measure, what each sample exercises, and what
//! is in its module. It builds nothing: what is not built is listed without its figures.

use super::table;
use super::table::Row;
use crate::cli::exit::Exit;
use crate::host::paths::Paths;
use crate::report::sheet;
use crate::samples::catalogue;
use crate::samples::catalogue::Sample;
use crate::samples::variants::Variant;
use anyhow::{Context, Result};
use comfy_table::CellAlignment;
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::Path;

/// A sample and, where it is built, its modules.
#[derive(Serialize)]
struct Listed {
    sample: String,
    group: String,
    kind: &'static str,
    exercises: String,
    arguments: String,
    /// Empty where nothing of it is built.
    modules: Vec<Row>,
}

/// Prints the samples called `chosen` as a table with the stripped modules, or as JSON with all.
///
/// # Errors
/// When the catalogue or the list of what is built is not well-formed.
pub fn run(chosen: &[String], json: bool, paths: &Paths) -> Result<Exit> {
    let rows = read_rows(&paths.wasm().join(table::FILE))?;
    let samples = catalogue::read(&paths.sample_src)?;
    let listed = samples.iter().filter(|sample| chosen.contains(&sample.name));
    let listed: Vec<Listed> = listed.map(|sample| Listed::new(sample, &rows)).collect();
    if json {
        println!("{}", serde_json::to_string_pretty(&listed)?);
        return Ok(Exit::Done);
    }
    println!("{}", render(&listed));
    println!("instructions are counted as they stand in the stripped module, not as often as they run");
    let missing: BTreeSet<&str> =
        listed.iter().filter(|one| one.base().is_none()).map(|one| one.group.as_str()).collect();
    for group in missing {
        println!("not all of @{group} is built; to see its figures: cargo xtask samples --samples @{group}");
    }
    Ok(Exit::Done)
}

/// The rows of what was built last; none where nothing was.
fn read_rows(file: &Path) -> Result<Vec<Row>> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    let mut reader =
        csv::Reader::from_path(file).with_context(|| format!("cannot read {}", file.display()))?;
    let rows: Result<Vec<Row>, _> = reader.deserialize().collect();
    // An older version wrote other columns; the next build writes these.
    Ok(rows.unwrap_or_default())
}

impl Listed {
    fn new(sample: &Sample, rows: &[Row]) -> Listed {
        Listed {
            sample: sample.name.clone(),
            group: sample.group.to_string(),
            kind: sample.kind(),
            exercises: sample.exercises.clone(),
            arguments: table::arguments(sample),
            modules: rows.iter().filter(|row| row.sample == sample.name).cloned().collect(),
        }
    }

    /// The module that the table shows.
    fn base(&self) -> Option<&Row> {
        self.modules.iter().find(|row| row.variant == Variant::Stripped.name())
    }
}

fn render(listed: &[Listed]) -> String {
    let mut table = sheet::table([
        "sample",
        "group",
        "kind",
        "bytes",
        "code",
        "functions",
        "instr.",
        "call %",
        "indirect %",
        "load %",
        "store %",
        "float %",
        "SIMD %",
        "imports",
        "features",
        "variants",
        "small / medium / large",
        "exercises",
    ]);
    for column in 3..13 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for one in listed {
        let mut cells = vec![one.sample.clone(), one.group.clone(), one.kind.to_owned()];
        cells.extend(one.base().map_or(vec!["-".to_owned(); 12], figures));
        let variants: Vec<&str> = one.modules.iter().map(|row| row.variant.as_str()).collect();
        cells.extend([or_dash(&variants.join(",")), or_dash(&one.arguments), one.exercises.clone()]);
        table.add_row(cells);
    }
    table.to_string()
}

fn figures(row: &Row) -> Vec<String> {
    let sizes = [row.bytes, row.code_section_bytes, row.functions.into(), row.instructions];
    let shares = [
        row.calls_percent,
        row.indirect_calls_percent,
        row.loads_percent,
        row.stores_percent,
        row.float_percent,
        row.simd_percent,
    ];
    let shares = shares.map(|share| format!("{share:.1}"));
    let imports = match row.imports.split_whitespace().count() {
        0 => "-".to_owned(),
        count => format!("{count} of {}", import_modules(&row.imports)),
    };
    let sizes = sizes.map(|size| size.to_string());
    sizes.into_iter().chain(shares).chain([imports, row.features.clone()]).collect()
}

/// The modules that functions are imported from.
fn import_modules(imports: &str) -> String {
    let modules = imports.split_whitespace().filter_map(|import| import.split('.').next());
    modules.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ")
}

fn or_dash(text: &str) -> String {
    if text.is_empty() { "-".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::inspect::survey::Survey;

    #[test]
    fn what_is_built_shows_figures_and_what_is_not_shows_none() {
        let samples = catalogue::read(&Paths::find().unwrap().sample_src).unwrap();
        let imports = vec!["wasi.fd_write".to_owned(), "wasi.proc_exit".to_owned()];
        let survey = Survey { code_section_bytes: 70, imports, ..Survey::default() };
        let rows = [Row::new(&samples[0], "stripped", 4711, &survey)];
        let listed: Vec<Listed> = samples[..2].iter().map(|sample| Listed::new(sample, &rows)).collect();
        let table = render(&listed);
        let line = |name: &str| table.lines().find(|line| line.contains(name)).unwrap();
        assert!(line("an empty call").contains("4711"), "{table}");
        assert!(line("an empty call").contains("2 of wasi"), "{table}");
        assert!(line("an argument and a result").contains(" - "), "{table}");
        assert!(listed[1].base().is_none());
    }

    #[test]
    fn a_list_of_an_older_version_counts_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(table::FILE);
        assert_eq!(read_rows(&file).unwrap(), []);
        std::fs::write(&file, "sample,bytes\nnop,3\n").unwrap();
        assert_eq!(read_rows(&file).unwrap(), []);
    }
}
