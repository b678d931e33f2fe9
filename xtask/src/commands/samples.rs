//! `cargo xtask samples`: builds the samples and shows what came out, or lists what there is.

use crate::cli::exit::Exit;
use crate::cli::flags::SamplesArgs;
use crate::cli::select;
use crate::host::paths::Paths;
use crate::outln;
use crate::report::sheet;
use crate::samples::inspect::list::{self, Listed};
use crate::samples::inspect::table::SampleRow;
use crate::{samples, toolchain};
use anyhow::Result;
use bench::plan::manifest::Manifest;
use comfy_table::CellAlignment;
use std::collections::BTreeSet;

/// Builds what is asked for and prints what came out, or lists what there is.
///
/// # Errors
/// When there is no compiler, something cannot be built, or an expected result is missing.
pub fn run(args: &SamplesArgs, paths: &Paths) -> Result<Exit> {
    let known = samples::names(paths)?;
    if args.list {
        let all = ["*".to_owned()];
        let wanted = if args.samples.is_empty() { &all } else { args.samples.as_slice() };
        return show_list(&list::read(&select::samples(wanted, &known)?, paths)?, args.json);
    }
    let chosen = select::samples(&args.samples, &known)?;
    let chosen: Vec<&str> = chosen.iter().map(String::as_str).collect();
    let built = samples::build_with(paths, &toolchain::prepare(paths)?, &chosen, &args.variants, args.bless)?;
    let in_variants = |name: &str| args.variants.iter().any(|variant| variant.name() == name);
    let asked = |row: &&SampleRow| chosen.contains(&row.sample.as_str()) && in_variants(&row.variant);
    outln!("{}", built_table(built.rows.iter().filter(asked)));
    outln!("{}", paths.wasm().join(Manifest::FILE).display());
    Ok(Exit::Done)
}

/// Prints the samples as a table with the stripped modules, or as JSON with all.
fn show_list(listed: &[Listed], json: bool) -> Result<Exit> {
    if json {
        outln!("{}", serde_json::to_string_pretty(listed)?);
        return Ok(Exit::Done);
    }
    outln!("{}", list_table(listed));
    outln!("instructions are counted as they stand in the stripped module, not as often as they run");
    let missing: BTreeSet<&str> =
        listed.iter().filter(|one| one.base().is_none()).map(|one| one.group.as_str()).collect();
    for group in missing {
        outln!("not all of @{group} is built; to see its figures: cargo xtask samples --samples @{group}");
    }
    Ok(Exit::Done)
}

/// What came out of a build, for a terminal.
fn built_table<'a>(rows: impl Iterator<Item = &'a SampleRow>) -> String {
    let header = ["sample", "variant", "bytes", "code bytes", "custom bytes", "functions", "features"];
    let mut table = sheet::table(header);
    sheet::numbers_from(&mut table, 2);
    if let Some(features) = table.column_mut(6) {
        features.set_cell_alignment(CellAlignment::Left);
    }
    for row in rows {
        let numbers = [row.bytes, row.code_section_bytes, row.custom_section_bytes, row.functions.into()];
        let [bytes, code, custom, functions] = numbers.map(|number| number.to_string());
        table.add_row([&row.sample, &row.variant, &bytes, &code, &custom, &functions, &row.features]);
    }
    table.to_string()
}

fn list_table(listed: &[Listed]) -> String {
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

fn figures(row: &SampleRow) -> Vec<String> {
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
    use crate::samples::catalogue;
    use crate::samples::inspect::survey::Survey;

    #[test]
    fn the_table_of_what_was_built_has_the_figures_of_every_module() {
        let survey = Survey { code_section_bytes: 70, functions: 3, ..Survey::default() };
        let samples = catalogue::read(&Paths::find().unwrap().sample_src).unwrap();
        let fibonacci = samples.iter().find(|sample| sample.name == "fibonacci").unwrap();
        let rows = [SampleRow::new(fibonacci, "stripped", 166, &survey)];
        let table = built_table(rows.iter());
        let line = table.lines().find(|line| line.contains("fibonacci")).unwrap();
        assert_eq!(
            line.split_whitespace().collect::<Vec<_>>(),
            ["fibonacci", "stripped", "166", "70", "0", "3", "mvp"]
        );
    }

    #[test]
    fn what_is_built_shows_figures_and_what_is_not_shows_none() {
        let samples = catalogue::read(&Paths::find().unwrap().sample_src).unwrap();
        let imports = vec!["wasi.fd_write".to_owned(), "wasi.proc_exit".to_owned()];
        let survey = Survey { code_section_bytes: 70, imports, ..Survey::default() };
        let rows = [SampleRow::new(&samples[0], "stripped", 4711, &survey)];
        let listed: Vec<Listed> = samples[..2].iter().map(|sample| Listed::new(sample, &rows)).collect();
        let table = list_table(&listed);
        let line = |name: &str| table.lines().find(|line| line.contains(name)).unwrap();
        assert!(line("an empty call").contains("4711"), "{table}");
        assert!(line("an empty call").contains("2 of wasi"), "{table}");
        assert!(line("direct calls, recursion").contains(" - "), "{table}");
        assert!(listed[1].base().is_none());
    }
}
