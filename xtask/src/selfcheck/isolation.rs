//! Isolation: a worker serves all samples of a round, one after the other, so a sample's time might depend
//! on which others were chosen. The same cells are measured in runs of their own and in runs with
//! every other sample, alternately; the times must agree.

use super::control::{brief_effort, excludes_one};
use super::outcome::{CheckOutcome, CheckStatus};
use super::setup::{Measured, Setup};
use anyhow::{Result, ensure};
use bench::plan::{Case, Effort, EngineSpec};
use bench::record::CellId;
use bench::stats::{self, ByRound, Comparison};
use protocol::{Pass, Phase};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;

/// How often each of the two is measured: as many as an interval needs.
const ALTERNATIONS: u32 = 10;
/// Engines that take part at most.
const MOST_ENGINES: usize = 3;
/// Samples that are measured alone.
const ALONE: usize = 3;
/// The passes whose phases are compared.
const PASSES: [Pass; 2] = [Pass::Jit, Pass::WarmCall];
/// A difference that nobody acts on: two placements of the same code in memory differ as much.
const ALLOWED: f64 = 0.01;
/// One of this many cells may differ beyond its interval and [`ALLOWED`]. Of 18 cells with 95% intervals, more
/// than that differ by chance in 1 of 90 checks.
const ONE_IN: usize = 6;

/// A cell's phase: times among all others divided by times alone.
#[derive(Clone, Debug, Serialize)]
struct Shift {
    engine: String,
    sample: String,
    phase: Phase,
    comparison: Comparison,
}

impl Shift {
    fn differs(&self) -> bool {
        excludes_one(&self.comparison) && self.comparison.distance() > ALLOWED
    }
}

/// Ratios, one an alternation, by cell and phase.
type Ratios = BTreeMap<(CellId, Phase), ByRound>;

/// Runs the check.
///
/// # Errors
/// When a run cannot be made.
pub fn run(setup: &mut Setup<'_>) -> Result<CheckOutcome> {
    let engines: Vec<EngineSpec> = setup.engines.iter().take(MOST_ENGINES).cloned().collect();
    let (alone, all) = (setup.cases(ALONE), setup.cases(usize::MAX));
    ensure!(all.len() > alone.len(), "there are no samples beside the {} measured alone", alone.len());
    let effort = Effort { rounds: 1, passes: PASSES.to_vec(), ..brief_effort() };
    let mut ratios = Ratios::new();
    for alternation in 0..ALTERNATIONS {
        let mut measure =
            |cases: &[Case]| setup.measure("isolation", engines.clone(), cases.to_vec(), effort.clone());
        let (mut each, mut together) = (Vec::new(), None);
        for beside_others in [alternation % 2 == 0, alternation % 2 != 0] {
            if beside_others {
                together = Some(measure(&all)?);
            } else {
                for case in &alone {
                    each.push(measure(std::slice::from_ref(case))?);
                }
            }
        }
        let Some(together) = together else { continue };
        for one in &each {
            add_ratios(&mut ratios, alternation, one, &together);
        }
    }
    Ok(judge(&shifts(ratios)))
}

fn add_ratios(ratios: &mut Ratios, alternation: u32, alone: &Measured, together: &Measured) {
    for cell in alone.summary.cells().filter(|cell| cell.is_subject()) {
        for pass in PASSES {
            let value =
                |run: &Measured| Some(run.summary.cell(cell)?.wall(pass, pass.phase())?.estimate()?.value);
            if let Some((alone, together)) = value(alone).zip(value(together)) {
                let of_cell = ratios.entry((cell.clone(), pass.phase())).or_default();
                of_cell.insert(alternation, together / alone);
            }
        }
    }
}

fn shifts(ratios: Ratios) -> Vec<Shift> {
    let shift = |((cell, phase), ratios): ((CellId, Phase), ByRound)| {
        let comparison = stats::compare_ratios(&ratios)?;
        Some(Shift { engine: cell.engine, sample: cell.sample, phase, comparison })
    };
    ratios.into_iter().filter_map(shift).collect()
}

fn judge(shifts: &[Shift]) -> CheckOutcome {
    let differing = shifts.iter().filter(|shift| shift.differs()).count();
    let allowed = shifts.len() / ONE_IN;
    let detail = |shift: &Shift| {
        let percent = |ratio: f64| 100.0 * (ratio - 1.0);
        let Comparison { ratio, low, high, .. } = shift.comparison;
        format!(
            "{}, {} on {}: {:+.1}% [{:+.1}, {:+.1}] beside other samples",
            shift.phase,
            shift.sample,
            shift.engine,
            percent(ratio),
            percent(low),
            percent(high)
        )
    };
    let measured = match shifts.len() {
        0 => "not known: no cell was measured both ways".to_owned(),
        made => format!("{differing} of {made} times change when other samples are measured, too"),
    };
    CheckOutcome {
        status: CheckStatus::of(!shifts.is_empty() && differing <= allowed),
        measured,
        bar: format!("at most {allowed} by more than {:.0}% and their interval", 100.0 * ALLOWED),
        details: shifts.iter().filter(|shift| shift.differs()).map(detail).collect(),
        raw: json!({ "shifts": shifts }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shift(low: f64, high: f64) -> Shift {
        let comparison = super::super::control::with_interval(low, high).comparison;
        Shift { engine: "e".into(), sample: "s".into(), phase: Phase::DCallWarm, comparison }
    }

    #[test]
    fn one_of_six_cells_may_differ() {
        let with = |differing: usize| -> Vec<Shift> {
            let apart = (0..differing).map(|_| shift(1.02, 1.04));
            apart.chain((differing..18).map(|_| shift(0.98, 1.03))).collect()
        };
        assert_eq!(judge(&with(3)).status, CheckStatus::Ok);
        let outcome = judge(&with(4));
        assert_eq!(outcome.status, CheckStatus::Failed);
        assert!(outcome.details[0].contains("+3.0%"), "{:?}", outcome.details);
        assert_eq!(judge(&[]).status, CheckStatus::Failed);
    }

    #[test]
    fn less_than_a_percent_is_no_difference() {
        assert!(!shift(1.001, 1.008).differs());
        assert!(shift(0.95, 0.97).differs());
    }
}
