//! A/A: engines are compared with themselves. Every difference that is found is a false alarm, so the
//! share of comparisons that find one is the rate of false alarms.

use super::outcome::{CheckOutcome, CheckStatus};
use super::setup::{Measured, Setup};
use anyhow::{Result, bail};
use bench::plan::{Effort, EngineSpec};
use bench::record::{CellId, EngineEntry};
use bench::stats::{self, Comparison};
use protocol::Pass;
use protocol::Phase;
use serde::Serialize;
use serde_json::json;
use std::time::Duration;

/// Comparisons that are made.
pub const COMPARISONS: usize = 100;
/// One of this many comparisons may find a difference: twice the rate that 95% intervals allow, which
/// 100 correct comparisons exceed in 1 of 100 checks.
const ONE_IN: usize = 10;
/// The most samples of one run.
const MOST_SAMPLES: usize = 5;
/// Runs after which it gives up, where too few comparisons can be made.
const MOST_RUNS: usize = 5;
/// The passes whose phases are compared.
pub const PASSES: [Pass; 5] = [Pass::Jit, Pass::Aot, Pass::Run, Pass::WarmInstantiate, Pass::WarmCall];

/// An engine and its control: the same engine entered a second time.
#[derive(Clone, Debug, Serialize)]
pub struct Control {
    /// The engine.
    pub engine: String,
    /// The sample.
    pub sample: String,
    /// The phase.
    pub phase: Phase,
    /// The ratio between the two.
    pub comparison: Comparison,
    /// Whether its 95% interval excludes 1: no correction, no noise floor.
    pub differs: bool,
}

/// Runs the check.
///
/// # Errors
/// When a run cannot be made.
pub fn run(setup: &mut Setup<'_>) -> Result<CheckOutcome> {
    let controls = measure(setup, "control", &brief_effort())?;
    Ok(judge(&controls))
}

/// A full run's rounds with shorter shares, the passes of [`PASSES`] alone, no precision to reach and
/// no pauses: for checks that compare many cells and need no narrow intervals.
pub fn brief_effort() -> Effort {
    Effort {
        share: Duration::from_millis(20),
        max_readings: 24,
        cycles: 8,
        precision: None,
        time_budget: None,
        passes: PASSES.to_vec(),
        ..Effort::full()
    }
}

/// Makes a small run if no check has made one yet, for the checks that look at all runs.
///
/// # Errors
/// When the run cannot be made.
pub fn ensure_a_run(setup: &mut Setup<'_>) -> Result<()> {
    if setup.runs.is_empty() {
        let cases = setup.cases(2);
        let effort = Effort { rounds: 3, ..brief_effort() };
        setup.measure("small", setup.engines.clone(), cases, effort)?;
    }
    Ok(())
}

/// Compares engines with their controls until there are [`COMPARISONS`].
///
/// # Errors
/// When a run cannot be made, or too few comparisons come of them.
pub fn measure(setup: &mut Setup<'_>, label: &str, effort: &Effort) -> Result<Vec<Control>> {
    let engines = setup.engines.clone();
    let of_sample: usize = engines.iter().map(comparisons_of).sum();
    let mut controls = Vec::new();
    for _ in 0..MOST_RUNS {
        let needed = (COMPARISONS - controls.len()).div_ceil(of_sample.max(1));
        let cases = setup.cases(needed.min(MOST_SAMPLES));
        let entries = engines.iter().flat_map(|engine| [engine.clone(), engine.control()]);
        let measured = setup.measure(label, entries.collect(), cases, effort.clone())?;
        controls.extend(controls_of(&measured, &engines));
        if controls.len() >= COMPARISONS {
            controls.truncate(COMPARISONS);
            return Ok(controls);
        }
    }
    bail!("only {} comparisons of {COMPARISONS} could be made", controls.len())
}

/// How many of the passes the engine offers.
fn comparisons_of(engine: &EngineSpec) -> usize {
    PASSES.iter().filter(|pass| engine.lacks(**pass).is_none()).count()
}

fn controls_of(measured: &Measured, engines: &[EngineSpec]) -> Vec<Control> {
    let is_subject =
        |cell: &&CellId| cell.is_subject() && engines.iter().any(|engine| engine.name == cell.engine);
    let mut controls = Vec::new();
    for cell in measured.summary.cells().filter(is_subject) {
        let second = CellId { entry: EngineEntry::Control, ..cell.clone() };
        let Some((ours, theirs)) = measured.summary.cell(cell).zip(measured.summary.cell(&second)) else {
            continue;
        };
        for pass in PASSES {
            let phase = pass.phase();
            let series = ours.wall(pass, phase).zip(theirs.wall(pass, phase));
            let comparison = series.and_then(|(ours, theirs)| ours.compare(theirs));
            controls.extend(comparison.map(|comparison| Control {
                engine: cell.engine.clone(),
                sample: cell.sample.clone(),
                phase,
                comparison,
                differs: excludes_one(&comparison),
            }));
        }
    }
    controls
}

/// Whether a comparison by itself, uncorrected, finds a difference.
pub fn excludes_one(comparison: &Comparison) -> bool {
    comparison.low > 1.0 || comparison.high < 1.0
}

/// Compares the number of false alarms with the number that is allowed. Without comparisons nothing is
/// known, and the check fails.
pub fn judge(controls: &[Control]) -> CheckOutcome {
    let differing = controls.iter().filter(|control| control.differs).count();
    let allowed = controls.len() / ONE_IN;
    let by_phase = PASSES.map(|pass| {
        let of_phase = || controls.iter().filter(move |control| control.phase == pass.phase());
        let differing = of_phase().filter(|control| control.differs).count();
        let mut widths: Vec<f64> = of_phase().map(|one| 100.0 * one.comparison.half_width()).collect();
        let width = stats::median(&mut widths).unwrap_or(f64::NAN);
        format!("{}: {differing} of {}, median interval ±{width:.1}%", pass.phase(), of_phase().count())
    });
    let measured = match controls.len() {
        0 => "not known: no engine was compared with itself".to_owned(),
        made => format!("{differing} of {made} comparisons of an engine with itself find a difference"),
    };
    CheckOutcome {
        status: CheckStatus::of(!controls.is_empty() && differing <= allowed),
        measured,
        bar: format!("at most {allowed}"),
        details: by_phase.into_iter().collect(),
        raw: json!({ "comparisons": controls }),
    }
}

/// A comparison with this interval, for tests.
#[cfg(test)]
pub fn with_interval(low: f64, high: f64) -> Control {
    let comparison = Comparison { rounds: 10, df: 9, ratio: (low * high).sqrt(), low, high, p: 0.5 };
    Control {
        engine: "e".into(),
        sample: "s".into(),
        phase: Phase::Jit,
        comparison,
        differs: excludes_one(&comparison),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_of_a_hundred_intervals_may_exclude_1() {
        let with = |differing: usize| -> Vec<Control> {
            let apart = (0..differing).map(|index| if index % 2 == 0 { (1.01, 1.02) } else { (0.97, 0.99) });
            let quiet = (differing..100).map(|_| (0.99, 1.01));
            apart.chain(quiet).map(|(low, high)| with_interval(low, high)).collect()
        };
        assert_eq!(judge(&with(10)).status, CheckStatus::Ok);
        let outcome = judge(&with(11));
        assert_eq!(outcome.status, CheckStatus::Failed);
        assert!(outcome.measured.starts_with("11 of 100"), "{}", outcome.measured);
    }

    #[test]
    fn without_a_comparison_nothing_is_known() {
        let outcome = judge(&[]);
        assert_eq!(outcome.status, CheckStatus::Failed);
        assert!(outcome.measured.starts_with("not known"), "{}", outcome.measured);
    }
}
