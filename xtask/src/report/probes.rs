//! The tables of the probes: memory and instructions.

use super::{instructions, memory as memory_table};
use anyhow::{Context, Result};
use bench::probe::{counters, memory};
use bench::record::{self, Failure, FailureKind};
use serde::Deserialize;
use std::path::Path;

/// The tables of the stages that ran.
///
/// # Errors
/// When a result file cannot be read.
pub fn tables(folder: &Path, cases: &[(&str, &str, &str)], engines: &[&str]) -> Result<String> {
    let peaks = lines(&folder.join(memory::MEMORY_FILE))?;
    let counts = lines(&folder.join(counters::COUNTERS_FILE))?;
    let mut text = String::new();
    if let Some(peaks) = peaks {
        text += &memory_table::table(&peaks, cases, engines);
    }
    if let Some(counts) = counts {
        text += &instructions::table(&counts, cases, engines);
    }
    Ok(text)
}

/// The peaks of memory in a run's folder; none where they were left out.
///
/// # Errors
/// When the file cannot be read.
pub fn peaks(folder: &Path) -> Result<Vec<memory::Peak>> {
    Ok(lines(&folder.join(memory::MEMORY_FILE))?.unwrap_or_default())
}

/// The lines of a stage's file; `None` where the stage was left out.
fn lines<T: for<'de> Deserialize<'de>>(file: &Path) -> Result<Option<Vec<T>>> {
    let lines = file.exists().then(|| record::read_all(file)).transpose();
    lines.with_context(|| format!("reading {}", file.display()))
}

/// Whether a pass failed under a probe; the times of its cell may exist nevertheless.
pub fn failed(missing: &[Failure]) -> bool {
    missing.iter().any(|missing| missing.kind == FailureKind::Failed)
}
