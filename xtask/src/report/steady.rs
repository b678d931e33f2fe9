//! Warm calls that are not steady, or not known to be: they take no part in comparisons.

use super::units::duration;
use bench::analysis::Summary;
use bench::analysis::warm_up::{WarmUp, WarmUpState};
use bench::record::{CellId, EngineEntry, Failure, FailureKind, Run};
use protocol::{Pass, Phase};
use std::collections::BTreeMap;

/// The warm calls of `summary` that are not steady, or not known to be, taken out of it; each with the reason.
pub fn take_out(run: &Run, warm_ups: &BTreeMap<CellId, WarmUp>, summary: &mut Summary) -> Vec<Failure> {
    let has_tiers = |engine: &str| run.engines.iter().any(|one| one.tiers && one.name == engine);
    let mut reasons = Vec::new();
    let cells: Vec<CellId> = summary.cells().cloned().collect();
    for cell in cells {
        let subject = CellId { entry: EngineEntry::Subject, ..cell.clone() };
        let reason = match warm_ups.get(&subject) {
            Some(warm_up) => not_steady(warm_up),
            None if has_tiers(&cell.engine) => {
                Some("not known to be steady: there is no warm-up series".to_owned())
            }
            None => None,
        };
        let taken =
            reason.and_then(|reason| Some((reason, summary.take(&cell, Pass::WarmCall, Phase::DCallWarm)?)));
        if let Some((reason, series)) = taken {
            let value = series.estimate().map(|one| format!("; {} in the rounds", duration(one.value)));
            reasons.push(failure(&cell, format!("{reason}{}", value.unwrap_or_default())));
        }
    }
    reasons
}

fn failure(cell: &CellId, reason: String) -> Failure {
    let CellId { engine, entry, sample, variant, size } = cell.clone();
    Failure {
        round: 0,
        engine,
        entry,
        sample,
        variant,
        size,
        pass: Pass::WarmCall,
        phase: Some(Phase::DCallWarm),
        kind: FailureKind::NotSteady,
        reason,
    }
}

/// Why the calls are not steady, where they are not.
pub fn not_steady(warm_up: &WarmUp) -> Option<String> {
    let seen = format!("{} calls in {}", warm_up.calls, duration(warm_up.span_ns));
    match warm_up.state {
        WarmUpState::Steady { .. } => None,
        WarmUpState::StillChanging => Some(format!("not steady: still changing after {seen}")),
        WarmUpState::Cyclic => Some(format!("not steady: cyclic over {seen}")),
        WarmUpState::TooFew => Some(format!("not known to be steady: {seen} are too few to tell")),
    }
}
