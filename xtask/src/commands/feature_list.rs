//! `cargo xtask engines --features`: which features of WebAssembly and which calls of WASI preview 1 each engine takes.

use crate::cli::exit::Exit;
use crate::engines::PreparedEngine;
use crate::host::paths::Paths;
use crate::host::{output, progress};
use crate::outln;
use crate::own_module::support::{self, Support};
use crate::report::text::wrapped;
use anyhow::{Context, Result, bail};
use bench::record::{self, CsvRecord};
use serde::Serialize;
use std::collections::BTreeMap;

/// The file of all answers.
const FILE: &str = "features.csv";

/// A line of `features.csv`.
#[derive(Debug, Serialize)]
struct Row {
    engine: String,
    version: String,
    /// `wasm` or `wasi`.
    kind: &'static str,
    feature: String,
    supported: bool,
    reason: String,
}

impl CsvRecord for Row {
    const COLUMNS: &'static [&'static str] = &["engine", "version", "kind", "feature", "supported", "reason"];
}

/// Asks those of `engines` that are built and run wasm, and prints what they take.
///
/// # Errors
/// When none is built, or answers cannot be written.
pub fn run(engines: &[PreparedEngine], json: bool, paths: &Paths) -> Result<Exit> {
    let ready = engines.iter().filter_map(PreparedEngine::ready).filter(|engine| !engine.is_native());
    let ready: Vec<_> = ready.collect();
    if ready.is_empty() {
        bail!("none of these engines is built; `cargo xtask engines --build` builds them");
    }
    let bar = progress::bar(ready.len() as u64, "asking");
    let mut found = Vec::new();
    for engine in ready {
        bar.set_message(engine.name.clone());
        found.push(support::find(engine, paths)?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let rows: Vec<Row> = found.iter().flat_map(rows).collect();
    let file = paths.generated.join(FILE);
    std::fs::create_dir_all(&paths.generated)
        .and_then(|()| record::write_all(&file, &rows))
        .with_context(|| format!("writing {}", file.display()))?;
    if json {
        outln!("{}", serde_json::to_string_pretty(&found)?);
        return Ok(Exit::Done);
    }
    outln!(
        "of {} features of WebAssembly and {} calls of WASI preview 1 each engine takes:",
        support::FEATURES.len(),
        support::WASI.len()
    );
    for one in &found {
        let line = format!("{}: {}; WASI: {}", one.engine, lacking(&one.features), lacking(&one.wasi));
        wrapped(&line, output::width(), 2).iter().for_each(|line| outln!("{line}"));
    }
    outln!("the reasons: {}", file.display());
    Ok(Exit::Done)
}

fn rows(support: &Support) -> Vec<Row> {
    let of = |kind, answers: &BTreeMap<String, Option<String>>| -> Vec<Row> {
        let row = |(feature, reason): (&String, &Option<String>)| Row {
            engine: support.engine.clone(),
            version: support.version.clone(),
            kind,
            feature: feature.clone(),
            supported: reason.is_none(),
            reason: reason.clone().unwrap_or_default(),
        };
        answers.iter().map(row).collect()
    };
    of("wasm", &support.features).into_iter().chain(of("wasi", &support.wasi)).collect()
}

/// What is taken, in a few words.
fn lacking(answers: &BTreeMap<String, Option<String>>) -> String {
    let names: Vec<&str> =
        answers.iter().filter(|(_, reason)| reason.is_some()).map(|(name, _)| name.as_str()).collect();
    match names.len() {
        0 => "all".to_owned(),
        count if count == answers.len() => "none".to_owned(),
        _ => format!("all but {}", names.join(", ")),
    }
}
