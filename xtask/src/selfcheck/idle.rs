//! Idle: while one worker is measured the others stand still, which their processor time shows.

use super::outcome::{Finding, Verdict};
use super::setup::Lab;
use anyhow::Result;
use serde_json::json;

/// Looks at every run of the check.
///
/// # Errors
/// When it has to make one and cannot.
pub fn run(lab: &mut Lab<'_>) -> Result<Finding> {
    lab.ensure_a_run()?;
    let stolen_ns: u64 = lab.runs.iter().map(|run| run.stolen_cpu_ns).sum();
    Ok(Finding {
        verdict: Verdict::of(stolen_ns == 0),
        measured: format!("stopped workers used {stolen_ns} ns of processor time in {} runs", lab.runs.len()),
        bar: "0 ns".into(),
        details: Vec::new(),
        raw: json!({ "stolen_cpu_ns": stolen_ns }),
    })
}
