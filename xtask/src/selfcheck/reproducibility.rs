//! Reproducibility: the intervals of one run must hold in the next one. Makes separate runs of the
//! same binaries with pauses between them, each like a run of `cargo xtask bench` with a short budget.

use super::outcome::{CheckOutcome, CheckStatus};
use super::setup::{Measured, Setup};
use crate::host::progress;
use anyhow::{Context, Result, bail};
use bench::analysis::drift as bench_drift;
use bench::plan::Effort;
use bench::record::CellId;
use bench::stats::{self, ByRound, Comparison, Drift, Prediction};
use protocol::Pass;
use protocol::Phase;
use serde::Serialize;
use serde_json::json;
use std::time::{Duration, Instant};

/// Runs that are made.
const RUNS: usize = 4;
/// Cells, each an engine on a sample, that every run has at least.
const CELLS: usize = 12;
/// Engines besides the one that ratios are formed to.
const MOST_ENGINES: usize = 4;
/// The time budget of a run.
const BUDGET: Duration = Duration::from_secs(90);
/// The phases in which every cell is looked at.
const PASSES: [Pass; 3] = [Pass::Jit, Pass::Run, Pass::WarmCall];
/// The share of pairs of runs in which one's ratio interval must contain the other's ratio. Even a
/// perfect 95% interval does so in 83%: the other ratio varies, too.
const RATIOS_NEEDED: f64 = 0.75;
/// The share of pairs in which a run's prediction interval must contain a later run's time.
const TIMES_NEEDED: f64 = 0.90;
/// The largest share of cells in which two runs may differ significantly.
const CHANGES_ALLOWED: f64 = 0.05;
/// The adjusted p value below which two runs differ significantly.
const SIGNIFICANCE: f64 = 0.05;

/// A cell's phase in one run.
#[derive(Clone, Debug, Serialize)]
struct Seen {
    engine: String,
    sample: String,
    phase: Phase,
    /// Its ratio to the reference engine, one a round.
    ratios: ByRound,
    /// The ratio with its interval.
    comparison: Comparison,
    /// Its time with the prediction interval for the next run's.
    prediction: Prediction,
}

/// Runs the check.
///
/// # Errors
/// When a run cannot be made, or the user interrupts it.
pub fn run(setup: &mut Setup<'_>) -> Result<CheckOutcome> {
    let engines: Vec<_> = setup.engines.iter().take(1 + MOST_ENGINES).cloned().collect();
    let [reference, others @ ..] = engines.as_slice() else { bail!("there is no engine") };
    if others.is_empty() {
        return Ok(CheckOutcome::skipped(
            "a ratio needs two engines that run wasm; `cargo xtask engines --build`",
        ));
    }
    let reference = reference.name.clone();
    let cases = setup.cases(CELLS.div_ceil(others.len()));
    let effort = Effort { time_budget: Some(BUDGET), ..Effort::full() };
    let mut runs = Vec::new();
    for number in 1..=RUNS {
        if number > 1 {
            pause(setup)?;
        }
        let measured = setup.measure("reproducibility", engines.clone(), cases.clone(), effort.clone())?;
        let earlier_ns = bench_drift::earlier_ns(&measured.folder);
        let drift =
            bench_drift::drift(&measured.summary, &earlier_ns).context("too few rounds were finished")?;
        runs.push(seen(&measured, &reference, drift));
    }
    Ok(judge(&reference, &runs))
}

/// Waits for the machine to run at another speed.
fn pause(setup: &Setup<'_>) -> Result<()> {
    let spinner = progress::spinner(format!("pausing for {} s before the next run", setup.pause.as_secs()));
    let start = Instant::now();
    while start.elapsed() < setup.pause {
        if setup.is_interrupted() {
            bail!("interrupted");
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    spinner.finish_and_clear();
    Ok(())
}

fn seen(measured: &Measured, reference: &str, drift: Drift) -> Vec<Seen> {
    let summary = &measured.summary;
    let mut all = Vec::new();
    for cell in summary.cells().filter(|cell| cell.engine != reference) {
        let other = CellId { engine: reference.to_owned(), ..cell.clone() };
        for pass in PASSES {
            let wall = |cell: &CellId| summary.cell(cell)?.wall(pass, pass.phase());
            let Some((ours, theirs)) = wall(cell).zip(wall(&other)) else { continue };
            let ratio = ours.ratio_to(theirs);
            if let (Some(comparison), Some(prediction)) = (ours.compare(theirs), ours.predict(drift)) {
                all.push(Seen {
                    engine: cell.engine.clone(),
                    sample: cell.sample.clone(),
                    phase: pass.phase(),
                    ratios: ratio.by_round().clone(),
                    comparison,
                    prediction,
                });
            }
        }
    }
    all
}

/// In how many cases something held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
struct Tally {
    held: usize,
    of: usize,
}

impl Tally {
    fn count(&mut self, holds: bool) {
        self.held += usize::from(holds);
        self.of += 1;
    }

    fn share(self) -> f64 {
        self.held as f64 / self.of.max(1) as f64
    }
}

/// What held between the runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
struct Held {
    /// A run's ratio interval contains another's ratio: every ordered pair of runs.
    ratios: Tally,
    /// A run's prediction interval contains a later run's time.
    times: Tally,
    /// Two runs differ significantly, after Holm's correction over the phase's cells.
    changes: Tally,
    /// Two runs would differ significantly without the correction.
    uncorrected: Tally,
}

/// Goes through every pair of runs, in one phase.
fn held(runs: &[Vec<Seen>], phase: Phase) -> Held {
    let mut held = Held::default();
    for (place, earlier) in runs.iter().enumerate() {
        for later in &runs[place + 1..] {
            let mut p_values = Vec::new();
            for one in earlier.iter().filter(|one| one.phase == phase) {
                let same = |other: &&Seen| {
                    (&other.engine, &other.sample, other.phase) == (&one.engine, &one.sample, phase)
                };
                let Some(other) = later.iter().find(same) else { continue };
                let contains = |a: &Comparison, b: &Comparison| (a.low..=a.high).contains(&b.ratio);
                held.ratios.count(contains(&one.comparison, &other.comparison));
                held.ratios.count(contains(&other.comparison, &one.comparison));
                let Prediction { next_low, next_high, .. } = one.prediction;
                held.times.count((next_low..=next_high).contains(&other.prediction.value));
                p_values.extend(stats::compare_runs(&one.ratios, &other.ratios).map(|change| change.p));
            }
            p_values.iter().for_each(|p| held.uncorrected.count(*p < SIGNIFICANCE));
            stats::holm(&p_values).iter().for_each(|p| held.changes.count(*p < SIGNIFICANCE));
        }
    }
    held
}

fn plus(a: Held, b: Held) -> Held {
    let plus = |a: Tally, b: Tally| Tally { held: a.held + b.held, of: a.of + b.of };
    Held {
        ratios: plus(a.ratios, b.ratios),
        times: plus(a.times, b.times),
        changes: plus(a.changes, b.changes),
        uncorrected: plus(a.uncorrected, b.uncorrected),
    }
}

fn judge(reference: &str, runs: &[Vec<Seen>]) -> CheckOutcome {
    let by_phase: Vec<(Phase, Held)> =
        PASSES.iter().map(|pass| (pass.phase(), held(runs, pass.phase()))).collect();
    let all = by_phase.iter().fold(Held::default(), |sum, (_, held)| plus(sum, *held));
    let percent = |tally: Tally| 100.0 * tally.share();
    let met = all.ratios.share() >= RATIOS_NEEDED
        && all.times.share() >= TIMES_NEEDED
        && all.changes.share() <= CHANGES_ALLOWED
        && all.ratios.of > 0;
    let detail = |(phase, held): &(Phase, Held)| {
        let Held { ratios, times, changes, uncorrected } = held;
        format!(
            "{phase}: ratio {} of {} pairs, next time {} of {}, significant changes {} of {} (uncorrected {})",
            ratios.held, ratios.of, times.held, times.of, changes.held, changes.of, uncorrected.held
        )
    };
    let cells =
        format!("ratios to {reference}; {} cells and phases in each of {} runs", runs[0].len(), runs.len());
    CheckOutcome {
        status: CheckStatus::of(met),
        measured: format!(
            "ratio intervals contain another run's ratio in {:.0}% of pairs, prediction intervals a later run's time in {:.0}%, and {:.1}% of cells change significantly between runs",
            percent(all.ratios),
            percent(all.times),
            percent(all.changes)
        ),
        bar: format!(
            "at least {:.0}%, at least {:.0}%, at most {:.0}%",
            100.0 * RATIOS_NEEDED,
            100.0 * TIMES_NEEDED,
            100.0 * CHANGES_ALLOWED
        ),
        details: by_phase.iter().map(detail).chain([cells]).collect(),
        raw: json!({ "reference": reference, "all": all, "by_phase": by_phase, "runs": runs }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cell whose ratio is `ratio` give or take a percent, and whose time is `ns`.
    fn cell(ratio: f64, ns: f64) -> Seen {
        let wobble = [-0.01, 0.006, -0.002, 0.009, -0.007, 0.003, 0.01, -0.009, 0.002, -0.002];
        let ratios: ByRound = (1..).zip(wobble.map(|part| ratio * (1.0 + part))).collect();
        let times: ByRound = (1..).zip(wobble.map(|part| ns * (1.0 + part))).collect();
        Seen {
            engine: "e".into(),
            sample: "s".into(),
            phase: Phase::Jit,
            comparison: stats::compare_ratios(&ratios).unwrap(),
            prediction: stats::predict(&times, 10, Drift::NONE).unwrap(),
            ratios,
        }
    }

    fn tallies(runs: &[Vec<Seen>]) -> [(usize, usize); 4] {
        let held = held(runs, Phase::Jit);
        [held.ratios, held.times, held.changes, held.uncorrected].map(|tally| (tally.held, tally.of))
    }

    #[test]
    fn runs_that_agree_show_no_change() {
        let runs = [vec![cell(2.0, 100.0)], vec![cell(2.004, 100.5)], vec![cell(1.997, 99.9)]];
        assert_eq!(tallies(&runs), [(6, 6), (3, 3), (0, 3), (0, 3)]);
        assert_eq!(judge("r", &runs).status, CheckStatus::Ok);
    }

    #[test]
    fn a_run_with_other_times_is_neither_contained_nor_predicted_and_shows_a_change() {
        let runs = [vec![cell(2.0, 100.0)], vec![cell(2.1, 110.0)]];
        assert_eq!(tallies(&runs), [(0, 2), (0, 1), (1, 1), (1, 1)]);
        assert_eq!(judge("r", &runs).status, CheckStatus::Failed);
    }

    #[test]
    fn without_a_pair_the_check_fails() {
        assert_eq!(judge("r", &[vec![]]).status, CheckStatus::Failed);
    }
}
