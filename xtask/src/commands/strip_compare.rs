//! `cargo xtask strip-compare`: what custom sections (names, DWARF) cost in the wasm and in what
//! each engine makes of it.

use super::engine_choice;
use super::strip_modules::{self, StripInput};
use crate::cli::exit::Exit;
use crate::cli::flags::StripCompareArgs;
use crate::cli::select;
use crate::engines::{Build, PreparedEngine, State, Wanted};
use crate::host::output::{WARNING, styled};
use crate::host::paths::Paths;
use crate::host::{interrupt, progress};
use crate::report::sheet;
use crate::run::exclusive;
use crate::samples::Variant;
use crate::{complain, engines, outln, samples, toolchain};
use anyhow::{Context, Result, bail};
use bench::plan::manifest::{BuiltSample, Manifest};
use bench::plan::{Case, EngineSpec, Input};
use bench::process::artifact;
use bench::record::{self, CsvRecord};
use protocol::Entry;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How custom sections are dropped here, for `method`: the samples' variant `stripped` is encoded anew.
const METHOD: &str = "walrus";
/// The longest wait for one compilation.
const LIMIT: Duration = Duration::from_secs(300);

/// A line of `strip-compare.csv`.
#[derive(Debug, Serialize)]
struct Row {
    sample: String,
    /// The engine, or `wasm` for the module itself.
    engine: String,
    unstripped_bytes: u64,
    stripped_bytes: u64,
    saved_bytes: i64,
    saved_percent: f64,
    method: &'static str,
}

impl CsvRecord for Row {
    const COLUMNS: &'static [&'static str] =
        &["sample", "engine", "unstripped_bytes", "stripped_bytes", "saved_bytes", "saved_percent", "method"];
}

/// Runs the task.
///
/// # Errors
/// When no engine can save an artifact here, or results cannot be written.
pub fn run(args: &StripCompareArgs, paths: &Paths) -> Result<Exit> {
    if !args.wasm.is_empty() {
        return strip_modules::run(args, strip_modules::own(args), paths);
    }
    let runtimes = engine_choice::read(&args.selection.engines, engine_choice::DEFAULT, paths)?;
    let wanted = engine_choice::chosen(&args.selection.engines, engine_choice::DEFAULT, &runtimes)?;
    let chosen = select::samples(&args.selection.samples, &samples::names(paths)?)?;
    if args.exact || args.bytes_only || !args.keep.is_empty() || !args.remove.is_empty() {
        return strip_modules::run(args, unstripped(args, &chosen, paths)?, paths);
    }
    let variants = [Variant::Stripped, Variant::Unstripped];
    let manifest = samples::build(paths, &toolchain::prepare(paths)?, &chosen, &variants)?;
    let wasi = samples::wasi_use(&chosen, paths)?;
    let wanted = Wanted { names: &wanted, wasi, build: Build::Yes };
    let engines = engines::prepare(&runtimes, wanted, paths)?;
    let saving: Vec<&EngineSpec> = engines.iter().filter_map(saves).collect();
    if saving.is_empty() {
        bail!("none of these engines can save an artifact here; `cargo xtask engines` says why");
    }

    let _alone = exclusive::wait(paths)?;
    let interrupted = interrupt::measuring();
    let mut rows = Vec::new();
    let mut failures = Vec::new();
    let samples: Vec<&BuiltSample> =
        manifest.samples.iter().filter(|sample| chosen.contains(&sample.name)).collect();
    let bar = progress::bar((samples.len() * saving.len()) as u64, "");
    for sample in samples {
        rows.push(wasm_row(sample)?);
        for engine in &saving {
            if interrupted.load(Ordering::Relaxed) {
                break;
            }
            bar.inc(1);
            if first_case(sample, "stripped", &paths.wasm())?.lacks(engine.input).is_some() {
                continue;
            }
            bar.set_message(format!("{} {}", sample.name, engine.name));
            match engine_row(engine, sample, paths) {
                Ok(row) => rows.push(row),
                Err(error) => failures.push(format!("{} on {}: {error:#}", engine.name, sample.name)),
            }
        }
    }
    bar.finish_and_clear();
    let file = paths.generated.join("strip-compare.csv");
    record::write_all(&file, &rows).with_context(|| format!("writing {}", file.display()))?;
    let native: BTreeSet<&str> =
        saving.iter().filter(|engine| engine.is_native()).map(|engine| engine.name.as_str()).collect();
    show(&rows, &native, &manifest);
    explain_absent(&engines, &failures);
    outln!("written to {}", file.display());
    Ok(match (interrupted.load(Ordering::Relaxed), failures.is_empty()) {
        (true, _) => Exit::Interrupted,
        (false, true) => Exit::Done,
        (false, false) => Exit::SomeFailed,
    })
}

/// The unstripped modules of samples, each with the call of its smallest size.
fn unstripped(args: &StripCompareArgs, chosen: &[String], paths: &Paths) -> Result<Vec<StripInput>> {
    let manifest = samples::build(paths, &toolchain::prepare(paths)?, chosen, &[Variant::Unstripped])?;
    let wasm = paths.wasm();
    let input = |sample: &BuiltSample| {
        let case = first_case(sample, Variant::Unstripped.name(), &wasm)?;
        let file =
            case.file(Input::Wasm).with_context(|| format!("{} has no wasm file", sample.name))?.to_owned();
        // What a command gets from its sample is not handed on.
        let compile_only = args.compile_only || matches!(case.entry, Entry::Command { .. });
        let invoke = match &case.entry {
            Entry::Export { name, args } => {
                std::iter::once(name.clone()).chain(args.iter().map(ToString::to_string)).collect()
            }
            Entry::Command { .. } => Vec::new(),
        };
        Ok(StripInput { name: sample.name.clone(), file, invoke, compile_only })
    };
    manifest.samples.iter().filter(|sample| chosen.contains(&sample.name)).map(input).collect()
}

fn saves(engine: &PreparedEngine) -> Option<&EngineSpec> {
    engine.ready().filter(|spec| spec.is_native() || spec.hello.can.aot.reason().is_none())
}

/// The wasm's own bytes.
fn wasm_row(sample: &BuiltSample) -> Result<Row> {
    let bytes = |variant: &str| {
        let module = sample.modules.iter().find(|module| module.variant == variant);
        module.map(|module| module.bytes).with_context(|| format!("{} has no variant {variant}", sample.name))
    };
    Ok(row(&sample.name, "wasm", bytes("unstripped")?, bytes("stripped")?))
}

fn engine_row(engine: &EngineSpec, sample: &BuiltSample, paths: &Paths) -> Result<Row> {
    let folder = paths.generated.join("artifacts");
    std::fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let bytes = |variant: &str| {
        let case = first_case(sample, variant, &paths.wasm())?;
        let stem = folder.join(format!("{}-{}-{variant}-{}", engine.name, sample.name, std::process::id()));
        anyhow::Ok(artifact::bytes(engine, &case, &stem, LIMIT)?)
    };
    Ok(row(&sample.name, &engine.name, bytes("unstripped")?, bytes("stripped")?))
}

/// The size does not matter here: nothing is called.
fn first_case(sample: &BuiltSample, variant: &str, wasm: &Path) -> Result<Case> {
    let size = sample.sizes.first().with_context(|| format!("{} has no sizes", sample.name))?;
    Case::new(sample, variant, &size.name, wasm)
        .with_context(|| format!("{} has no variant {variant}", sample.name))
}

fn row(sample: &str, engine: &str, unstripped_bytes: u64, stripped_bytes: u64) -> Row {
    let saved_bytes = i64::try_from(unstripped_bytes).unwrap_or(i64::MAX)
        - i64::try_from(stripped_bytes).unwrap_or(i64::MAX);
    let percent = 100.0 * saved_bytes as f64 / unstripped_bytes.max(1) as f64;
    Row {
        sample: sample.to_owned(),
        engine: engine.to_owned(),
        unstripped_bytes,
        stripped_bytes,
        saved_bytes,
        saved_percent: (percent * 10.0).round() / 10.0,
        method: METHOD,
    }
}

fn show(rows: &[Row], native: &BTreeSet<&str>, manifest: &Manifest) {
    let header = ["sample", "artifact of", "unstripped bytes", "stripped bytes", "saved bytes", "saved"];
    let mut table = sheet::table(header);
    let mut last = "";
    for row in rows {
        let label = if row.sample == last { "" } else { &row.sample };
        last = &row.sample;
        table.add_row([
            label.to_owned(),
            row.engine.clone(),
            row.unstripped_bytes.to_string(),
            row.stripped_bytes.to_string(),
            row.saved_bytes.to_string(),
            format!("{:.1}%", row.saved_percent),
        ]);
    }
    sheet::numbers_from(&mut table, 2);
    outln!(
        "\nstripped by walrus, which encodes the code anew; --exact drops the sections and leaves every other byte"
    );
    outln!("Artifact bytes from unstripped and from stripped wasm ({})\n{table}", manifest.toolchain);
    for (engine, share) in carried(rows, native) {
        outln!("{engine}: its artifacts shrink by {share:.1}% of what stripping takes from the wasm");
    }
}

/// For each engine, what stripping saves in its artifacts as a share of what it saves in the
/// wasm, in percent: about 100 for an engine that carries custom sections along, about 0 for one
/// that drops them. Native code has no part in it.
fn carried<'a>(rows: &'a [Row], native: &BTreeSet<&str>) -> BTreeMap<&'a str, f64> {
    let of_wasm: BTreeMap<&str, i64> = rows
        .iter()
        .filter(|row| row.engine == "wasm")
        .map(|row| (row.sample.as_str(), row.saved_bytes))
        .collect();
    let mut sums: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    let is_of_wasm = |row: &&Row| row.engine != "wasm" && !native.contains(row.engine.as_str());
    for row in rows.iter().filter(is_of_wasm) {
        let (engine, wasm) = sums.entry(&row.engine).or_default();
        *engine += row.saved_bytes;
        *wasm += of_wasm.get(row.sample.as_str()).copied().unwrap_or(0);
    }
    sums.into_iter()
        .map(|(engine, (saved, wasm))| (engine, 100.0 * saved as f64 / wasm.max(1) as f64))
        .collect()
}

fn explain_absent(engines: &[PreparedEngine], failures: &[String]) {
    for engine in engines.iter().filter(|engine| saves(engine).is_none()) {
        let name = &engine.configuration.name;
        match &engine.state {
            State::Ready(spec) => {
                outln!("{name}: {}", spec.hello.can.aot.reason().unwrap_or("no artifacts"));
            }
            State::NotBuilt | State::NotFetched { .. } => outln!("{name}: not built"),
            State::Unavailable(missing) => {
                let skipped = styled(WARNING, "skipped:");
                outln!("{skipped} {name}: {}\n  to enable it: {}", missing.reason, missing.command);
            }
        }
    }
    for failure in failures {
        complain!("{} {failure}", styled(WARNING, "failed:"));
    }
}
