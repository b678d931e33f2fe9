//! `cargo xtask strip-compare --wasm FILE`, and samples without another encoder in between: custom sections are
//! dropped byte for byte, so that both modules hold the same code, and every engine compiles, saves, loads and
//! instantiates the two next to each other.

use super::module;
use crate::cli::exit::Exit;
use crate::cli::flags::{Cli, Command, StripCompareArgs};
use crate::host::output::{WARNING, styled};
use crate::host::paths::Paths;
use crate::own_module::input::{self, shown};
use crate::own_module::names;
use crate::own_module::sections::{self, Section};
use crate::report::{RunReport, sheet};
use crate::run::folder;
use crate::{complain, note, outln};
use anyhow::{Context, Result, anyhow, bail};
use bench::record::{self, CsvRecord};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use wildmatch::WildMatch;

/// How long the two of a module are measured, where nothing is asked for.
const TIME_BUDGET: Duration = Duration::from_secs(20);
/// How custom sections are dropped here, for `method`: every other byte stays.
const METHOD: &str = "exact";
/// The file of the sections' bytes.
const SECTIONS_FILE: &str = "strip-compare-sections.csv";

/// A module and how it is called.
pub struct StripInput {
    /// Its name.
    pub name: String,
    /// Its file.
    pub file: PathBuf,
    /// The function to call and its arguments; none for a command, or where nothing is called.
    pub invoke: Vec<String>,
    /// Whether nothing is called.
    pub compile_only: bool,
}

/// A line of `strip-compare-sections.csv`.
#[derive(Clone, Debug, Serialize)]
struct SectionRow {
    module: String,
    section: String,
    custom: bool,
    unstripped_bytes: u64,
    stripped_bytes: u64,
    method: &'static str,
}

impl CsvRecord for SectionRow {
    const COLUMNS: &'static [&'static str] =
        &["module", "section", "custom", "unstripped_bytes", "stripped_bytes", "method"];
}

/// The two files of a module, named `NAME.unstripped` and `NAME.stripped`.
struct Stripped {
    input: StripInput,
    unstripped: PathBuf,
    stripped: PathBuf,
    rows: Vec<SectionRow>,
    is_command: bool,
}

/// The modules of `--wasm`.
pub fn own(args: &StripCompareArgs) -> Vec<StripInput> {
    let names = names::unique(&args.wasm);
    let input = |(name, file): (String, &PathBuf)| StripInput {
        name,
        file: file.clone(),
        invoke: args.invoke.iter().chain(&args.invoke_argument).cloned().collect(),
        compile_only: args.compile_only,
    };
    names.into_iter().zip(&args.wasm).map(input).collect()
}

/// Runs the task on `inputs`.
///
/// # Errors
/// When a module cannot be read or has nothing to remove, or nothing could be measured.
pub fn run(args: &StripCompareArgs, inputs: Vec<StripInput>, paths: &Paths) -> Result<Exit> {
    let folder = paths.generated.join("strip-compare");
    std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let (mut stripped, mut errors) = (Vec::new(), Vec::new());
    for input in inputs {
        match strip(args, input, &folder) {
            Ok(one) => stripped.push(one),
            Err(error) => errors.push(error),
        }
    }
    if stripped.is_empty() {
        let first = errors.into_iter().next();
        return Err(first.unwrap_or_else(|| anyhow!("there is no module to strip")));
    }
    for error in &errors {
        complain!("{} {error:#}", styled(WARNING, "failed:"));
    }
    let rows: Vec<SectionRow> = stripped.iter().flat_map(|one| one.rows.clone()).collect();
    let file = paths.generated.join(SECTIONS_FILE);
    record::write_all(&file, &rows).with_context(|| format!("writing {}", file.display()))?;
    for one in &stripped {
        show_sections(one);
    }
    outln!("every byte outside the removed sections is as it was; the two are in {}", folder.display());
    outln!("written to {}", file.display());
    let mut exit = if errors.is_empty() { Exit::Done } else { Exit::SomeFailed };
    if args.bytes_only {
        return Ok(exit);
    }
    for one in &stripped {
        let ended = measure(args, one, paths)?;
        if ended == Exit::Interrupted {
            return Ok(ended);
        }
        if exit == Exit::Done {
            exit = ended;
        }
    }
    Ok(exit)
}

/// Whether the custom section `name` is removed: those of `--remove`, else all, but none of `--keep`.
fn goes(args: &StripCompareArgs, name: &str) -> bool {
    let is_among = |patterns: &[String]| patterns.iter().any(|pattern| WildMatch::new(pattern).matches(name));
    !is_among(&args.keep) && (args.remove.is_empty() || is_among(&args.remove))
}

fn strip(args: &StripCompareArgs, input: StripInput, folder: &Path) -> Result<Stripped> {
    let wasm = input::read(&input.file)?.wasm;
    let sections = sections::of(&wasm).with_context(|| format!("reading {}", shown(&input.file)))?;
    let removed = |section: &Section| section.is_custom && goes(args, &section.name);
    for pattern in unmatched(args, &sections) {
        complain!(
            "{} {} has no custom section `{pattern}` of --keep",
            styled(WARNING, "warning:"),
            shown(&input.file)
        );
    }
    if !sections.iter().any(removed) {
        let custom: Vec<&str> =
            sections.iter().filter(|one| one.is_custom).map(|one| one.name.as_str()).collect();
        bail!(
            "there is nothing to remove: {}",
            match custom.as_slice() {
                [] => format!("{} has no custom section", shown(&input.file)),
                custom => format!("the custom sections of {} are {}", shown(&input.file), custom.join(", ")),
            }
        );
    }
    let bytes = sections::without(&wasm, &sections, |name| goes(args, name));
    let write = |kind: &str, bytes: &[u8]| {
        let file = folder.join(format!("{}.{kind}.wasm", input.name));
        std::fs::write(&file, bytes).with_context(|| format!("writing {}", file.display()))?;
        anyhow::Ok(file)
    };
    Ok(Stripped {
        unstripped: write("unstripped", &wasm)?,
        stripped: write("stripped", &bytes)?,
        rows: rows(&input.name, &sections, removed),
        is_command: exports_start(&wasm),
        input,
    })
}

/// The patterns of `--keep` that keep nothing: most likely a name that was typed wrongly.
fn unmatched<'a>(args: &'a StripCompareArgs, sections: &[Section]) -> Vec<&'a str> {
    let is_there = |pattern: &&String| {
        let matcher = WildMatch::new(pattern);
        sections.iter().any(|section| section.is_custom && matcher.matches(&section.name))
    };
    args.keep.iter().filter(|pattern| !is_there(pattern)).map(String::as_str).collect()
}

/// A section's name without control characters, which would act on the terminal.
fn plain(name: &str) -> String {
    if name.chars().any(char::is_control) { name.escape_debug().to_string() } else { name.to_owned() }
}

fn exports_start(wasm: &[u8]) -> bool {
    let exports = wasmparser::Parser::new(0).parse_all(wasm).filter_map(|payload| match payload {
        Ok(wasmparser::Payload::ExportSection(section)) => Some(section),
        _ => None,
    });
    exports.flatten().any(|export| export.is_ok_and(|export| export.name == "_start"))
}

/// A line for each section's name, those of one name together.
fn rows(module: &str, sections: &[Section], removed: impl Fn(&Section) -> bool) -> Vec<SectionRow> {
    let mut rows: Vec<SectionRow> = Vec::new();
    for section in sections {
        let bytes = section.range.len() as u64;
        let left = if removed(section) { 0 } else { bytes };
        let is_same = |row: &&mut SectionRow| {
            (row.section.as_str(), row.custom) == (section.name.as_str(), section.is_custom)
        };
        match rows.iter_mut().find(is_same) {
            Some(row) => {
                row.unstripped_bytes += bytes;
                row.stripped_bytes += left;
            }
            None => rows.push(SectionRow {
                module: module.to_owned(),
                section: plain(&section.name),
                custom: section.is_custom,
                unstripped_bytes: bytes,
                stripped_bytes: left,
                method: METHOD,
            }),
        }
    }
    rows
}

fn show_sections(one: &Stripped) {
    let mut table = sheet::table(["section", "unstripped bytes", "stripped bytes"]);
    for row in &one.rows {
        let name = if row.custom { format!("custom: {}", row.section) } else { row.section.clone() };
        table.add_row([name, row.unstripped_bytes.to_string(), row.stripped_bytes.to_string()]);
    }
    let sum = |of: fn(&SectionRow) -> u64| one.rows.iter().map(of).sum::<u64>();
    let (before, after) = (sum(|row| row.unstripped_bytes), sum(|row| row.stripped_bytes));
    table.add_row(["all".to_owned(), before.to_string(), after.to_string()]);
    sheet::numbers_from(&mut table, 1);
    let saved = 100.0 * (before - after) as f64 / before.max(1) as f64;
    outln!("\nBytes by section of {}, and what stripping leaves ({saved:.1}% less)\n{table}", one.input.name);
}

/// Measures the two as `bench` measures two builds of one program, and prints the artifacts' bytes.
fn measure(args: &StripCompareArgs, one: &Stripped, paths: &Paths) -> Result<Exit> {
    let output = folder::new_run_folder(paths, "")?;
    let bench = bench_arguments(args, one, &output);
    note!("as cargo xtask {}", bench.join(" "));
    let cli = Cli::parse(std::iter::once("xtask".to_owned()).chain(bench).map(Into::into))?;
    let Command::Bench(bench) = cli.command else { bail!("the command line of bench was not understood") };
    let exit = module::run(&bench, paths)?;
    show_artifacts(&RunReport::read(&output)?);
    Ok(exit)
}

fn bench_arguments(args: &StripCompareArgs, one: &Stripped, output: &Path) -> Vec<String> {
    let budget =
        humantime::format_duration(args.time_budget.unwrap_or(TIME_BUDGET)).to_string().replace(' ', "");
    let path = |path: &Path| path.display().to_string();
    let mut arguments = vec!["bench".to_owned()];
    for file in [&one.unstripped, &one.stripped] {
        arguments.extend(["--wasm".to_owned(), path(file)]);
    }
    for (flag, value) in [
        ("--phases", "compile,save,load,instantiate"),
        ("--time-budget", &budget),
        ("--tables", "modules"),
        ("--output", &path(output)),
    ] {
        arguments.extend([flag.to_owned(), value.to_owned()]);
    }
    let engines = &args.selection.engines;
    for (flag, names) in [("--engines", &engines.names), ("--exclude", &engines.exclude)] {
        if !names.is_empty() {
            arguments.extend([flag.to_owned(), names.join(",")]);
        }
    }
    if !one.input.invoke.is_empty() {
        arguments.push("--invoke".to_owned());
        arguments.extend(one.input.invoke.iter().cloned());
    } else if one.input.compile_only || !one.is_command {
        arguments.push("--compile-only".to_owned());
    }
    arguments
}

/// The artifacts of every engine from the two modules.
fn show_artifacts(report: &RunReport) {
    let mut bytes: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for case in &report.cases {
        for engine in &report.engines {
            if let Some(size) = report.artifact(engine, case) {
                bytes.entry(engine).or_default().push(size.artifact_bytes);
            }
        }
    }
    let mut table = sheet::table(["artifact of", "unstripped bytes", "stripped bytes", "saved bytes"]);
    for engine in &report.engines {
        match bytes.get(engine.as_str()).map(Vec::as_slice) {
            Some([before, after]) => {
                let saved = i128::from(*before) - i128::from(*after);
                table.add_row([engine.clone(), before.to_string(), after.to_string(), saved.to_string()]);
            }
            Some(_) => {
                let failed = "failed on one of the two, see above".to_owned();
                table.add_row([engine.clone(), failed, String::new(), String::new()]);
            }
            None => {}
        }
    }
    sheet::numbers_from(&mut table, 1);
    outln!("\nArtifact bytes of each engine\n{table}");
}
