//! Drift: the control check while another process computes half of the time. The load slows all engines
//! alike, so it must not appear as a difference.

use super::control::{self, Control, brief_effort};
use super::cpu_hog::Load;
use super::outcome::{CheckOutcome, CheckStatus};
use super::setup::Setup;
use anyhow::{Context, Result, ensure};
use bench::plan::Effort;
use bench::record;
use bench::record::{ROUNDS_FILE, RoundState};
use serde_json::json;

/// The least share of a processor that the load must have used for the check to count.
const LEAST_LOAD: f64 = 0.25;

/// Runs the check.
///
/// # Errors
/// When the load or a run cannot be made.
pub fn run(setup: &mut Setup<'_>) -> Result<CheckOutcome> {
    let before = setup.runs.len();
    let mut load = Load::start()?;
    let effort = Effort { repeat_disturbed: false, ..brief_effort() };
    let controls = control::measure(setup, "drift", &effort)?;
    ensure!(load.is_running()?, "the load ended before the measurement");
    drop(load);
    let mut rounds: Vec<RoundState> = Vec::new();
    for run in &setup.runs[before..] {
        let file = run.folder.join(ROUNDS_FILE);
        rounds.extend(
            record::read_all::<RoundState>(&file).with_context(|| format!("reading {}", file.display()))?,
        );
    }
    Ok(judge(&controls, mean_load(&rounds)))
}

/// The share of a processor that other processes than wasm-phases used, where the system reports it.
fn mean_load(rounds: &[RoundState]) -> Option<f64> {
    let shares: Vec<f64> = rounds.iter().filter_map(|round| round.foreign_share).collect();
    (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64)
}

fn judge(controls: &[Control], load: Option<f64>) -> CheckOutcome {
    let outcome = control::judge(controls);
    let seen = match load {
        Some(share) => format!("other processes used {:.0}% of a processor meanwhile", 100.0 * share),
        None => "the system does not say how much the load used".to_owned(),
    };
    let was_loaded = load.is_none_or(|share| share >= LEAST_LOAD);
    CheckOutcome {
        status: CheckStatus::of(outcome.status == CheckStatus::Ok && was_loaded),
        measured: format!("beside a load, {}", outcome.measured),
        details: [seen].into_iter().chain(outcome.details).collect(),
        raw: json!({ "load_share": load, "controls": outcome.raw }),
        ..outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_load_nothing_is_shown() {
        let controls = [control::with_interval(0.99, 1.01)];
        assert_eq!(judge(&controls, Some(0.5)).status, CheckStatus::Ok);
        assert_eq!(judge(&controls, Some(0.1)).status, CheckStatus::Failed);
        assert_eq!(judge(&controls, None).status, CheckStatus::Ok);
    }

    #[test]
    fn without_comparisons_nothing_is_known() {
        let outcome = judge(&[], Some(0.5));
        assert_eq!(outcome.status, CheckStatus::Failed);
        assert!(outcome.measured.contains("not known"), "{}", outcome.measured);
    }
}
