//! Idle: while one worker is measured, the others are stopped and must use no processor time.

use super::control;
use super::outcome::{CheckOutcome, CheckStatus};
use super::setup::Setup;
use anyhow::Result;
use serde_json::json;

/// Looks at every run of the check.
///
/// # Errors
/// When it has to make one and cannot.
pub fn run(setup: &mut Setup<'_>) -> Result<CheckOutcome> {
    control::ensure_a_run(setup)?;
    let stolen_ns: u64 = setup.runs.iter().map(|run| run.stolen_cpu_ns).sum();
    Ok(CheckOutcome {
        status: CheckStatus::of(stolen_ns == 0),
        measured: format!(
            "stopped workers used {stolen_ns} ns of processor time in {} runs",
            setup.runs.len()
        ),
        bar: "0 ns".into(),
        details: Vec::new(),
        raw: json!({ "stolen_cpu_ns": stolen_ns }),
    })
}
