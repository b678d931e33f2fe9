//! The check `time-use`: how much of the runs' time is inside readings, and what the rest is.

use super::control;
use super::outcome::{CheckOutcome, CheckStatus};
use super::setup::Setup;
use anyhow::Result;
use bench::record::TimeUse;
use serde_json::{Value, json};

/// The share of time that may be unaccounted for, in percent.
const UNKNOWN_ALLOWED: f64 = 5.0;

/// Looks at every run of the check.
///
/// # Errors
/// When it has to make one and cannot.
pub fn run(setup: &mut Setup<'_>) -> Result<CheckOutcome> {
    control::ensure_a_run(setup)?;
    let all = setup.runs.iter().fold(TimeUse::default(), |sum, run| plus(&sum, &run.time_use));
    Ok(judge(&all))
}

fn judge(time_use: &TimeUse) -> CheckOutcome {
    let shares = time_use.shares();
    let of = |name: &str| shares.iter().find(|share| share.0 == name).map_or(0.0, |share| share.1);
    let raw: Value = shares.iter().map(|(name, percent)| ((*name).to_owned(), json!(percent))).collect();
    CheckOutcome {
        status: CheckStatus::of(of("other") <= UNKNOWN_ALLOWED),
        measured: format!(
            "{:.0}% of the time was timed, {:.1}% is unaccounted for",
            of("timed"),
            of("other")
        ),
        bar: format!("at most {UNKNOWN_ALLOWED}% unaccounted for"),
        details: vec![time_use.to_string()],
        raw: json!({ "percent": raw, "time_use": time_use }),
    }
}

fn plus(a: &TimeUse, b: &TimeUse) -> TimeUse {
    TimeUse {
        timed_ns: a.timed_ns + b.timed_ns,
        drops_ns: a.drops_ns + b.drops_ns,
        around_ns: a.around_ns + b.around_ns,
        processes_ns: a.processes_ns + b.processes_ns,
        calibration_ns: a.calibration_ns + b.calibration_ns,
        switching_ns: a.switching_ns + b.switching_ns,
        writing_ns: a.writing_ns + b.writing_ns,
        waiting_ns: a.waiting_ns + b.waiting_ns,
        total_ns: a.total_ns + b.total_ns,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_that_no_part_accounts_for_fails_the_check() {
        let run = TimeUse { timed_ns: 60, processes_ns: 38, total_ns: 100, ..TimeUse::default() };
        let twice = plus(&run, &run);
        assert_eq!(judge(&twice).status, CheckStatus::Ok);
        assert!(judge(&twice).measured.starts_with("60% of the time was timed, 2.0%"));
        let vague = TimeUse { timed_ns: 60, total_ns: 100, ..TimeUse::default() };
        assert_eq!(judge(&vague).status, CheckStatus::Failed);
    }
}
