//! An injected difference, whose size is known: the same export of the same module is given 3% more
//! work by its argument. The comparison must find it, and its interval must contain it. Every
//! repetition is a run of its own with one engine in it, entered twice: with ten entries in a cycle
//! the two would be read tens of milliseconds apart, at different speeds of the machine.

use super::outcome::{CheckOutcome, CheckStatus};
use super::setup::{Measured, Setup};
use anyhow::{Context, Result, bail};
use bench::plan::{Case, Effort, EngineSpec};
use bench::process::Client;
use bench::record::{CellId, EngineEntry};
use bench::stats::Comparison;
use protocol::{Entry, Outcome, Pass, Phase, Value};
use serde::Serialize;
use serde_json::json;
use std::time::Duration;

/// Repetitions that are made.
const REPETITIONS: usize = 20;
/// Of these, how many must find the difference, and how many must contain it.
const NEEDED: usize = 17;
/// Runs after which it gives up, where too few repetitions can be made.
const MOST_RUNS: usize = 2 * REPETITIONS;
/// The half width that a ratio should have at most: a third of the injected difference.
const PRECISION: f64 = 0.01;
/// The time budget of a run.
const BUDGET: Duration = Duration::from_secs(15);
/// The most rounds of a run: where processes of an engine differ by 5%, ±1% takes that many.
const MOST_ROUNDS: u32 = 160;
/// The time of an engine's readings in each round. Processes differ more than readings, so many rounds
/// of few readings are more precise than few rounds of many.
const SHARE: Duration = Duration::from_millis(20);
/// The longest wait for a reply.
const LIMIT: Duration = Duration::from_secs(60);

/// A sample whose work is proportional to a known function of its argument. What a call costs
/// beside that work is tens of nanoseconds, in calls of a hundred microseconds and more: less than
/// 0.1% of the injected ratio.
struct Work {
    sample: &'static str,
    /// The argument, and the one with more work.
    args: (u32, u32),
    /// The work of a call.
    of: fn(u32) -> f64,
}

const WORKS: [Work; 2] = [
    // Every step is the same arithmetic on five bodies.
    Work { sample: "nbody", args: (2_000, 2_060), of: |steps| f64::from(steps) },
    // The message fills its last block with its padding, so that bytes made and blocks hashed
    // grow alike.
    Work { sample: "sha256", args: (64 * 200 - 9, 64 * 206 - 9), of: sha256_blocks },
];

/// Blocks of 64 bytes that SHA-256 hashes for a message: one byte and eight are added to it.
fn sha256_blocks(bytes: u32) -> f64 {
    f64::from((bytes + 9).div_ceil(64))
}

impl Work {
    fn ratio(&self) -> f64 {
        (self.of)(self.args.1) / (self.of)(self.args.0)
    }
}

/// An engine against itself with more work.
#[derive(Clone, Debug, Serialize)]
struct Repetition {
    engine: String,
    sample: &'static str,
    injected_ratio: f64,
    comparison: Comparison,
    /// Whether the 95% interval lies above 1.
    found: bool,
    /// Whether it contains the injected ratio.
    contained: bool,
}

/// Runs the check.
///
/// # Errors
/// When native code does not run, or a run cannot be made.
pub fn run(setup: &mut Setup<'_>) -> Result<CheckOutcome> {
    let Some(native) = setup.native.clone() else {
        return Ok(CheckOutcome::skipped("native code, which gives the expected results, is not built"));
    };
    let mut cases = Vec::new();
    for work in &WORKS {
        let Some(case) = setup.case(work.sample) else {
            return Ok(CheckOutcome::skipped(format!("the catalogue has no sample {}", work.sample)));
        };
        cases.push(with_more_work(case, work, &native)?);
    }
    let effort = Effort {
        precision: Some(PRECISION),
        time_budget: Some(BUDGET),
        max_rounds: MOST_ROUNDS,
        share: SHARE,
        passes: vec![Pass::WarmCall],
        ..Effort::full()
    };
    let engines = setup.engines.clone();
    let pairs = cases.iter().zip(&WORKS).flat_map(|case| engines.iter().map(move |engine| (case, engine)));
    let mut repetitions = Vec::new();
    for ((case, work), engine) in pairs.cycle().take(MOST_RUNS) {
        let entries = vec![engine.clone(), engine.injected()];
        let measured = setup.measure("injected", entries, vec![case.clone()], effort.clone())?;
        repetitions
            .extend(comparison(&measured, engine, case).map(|one| repetition(&engine.name, work, one)));
        if repetitions.len() == REPETITIONS {
            return Ok(judge(&repetitions));
        }
    }
    bail!("only {} repetitions of {REPETITIONS} could be made", repetitions.len())
}

/// The case with both of the work's arguments; the expected results come from native code.
fn with_more_work(mut case: Case, work: &Work, native: &EngineSpec) -> Result<Case> {
    let Entry::Export { name, .. } = &case.entry else {
        bail!("the sample {} exports no function", work.sample);
    };
    let entry = |arg: u32| Entry::Export { name: name.clone(), args: vec![Value::I32(arg.cast_signed())] };
    let (less, more) = (entry(work.args.0), entry(work.args.1));
    let expected = |entry: &Entry| {
        outcome(native, &case, entry).with_context(|| format!("running {} natively", work.sample))
    };
    let (of_less, of_more) = (expected(&less)?, expected(&more)?);
    case.entry = less;
    case.expected = Some(of_less);
    case.injected = Some((more, of_more));
    Ok(case)
}

/// What native code returns for `entry`.
fn outcome(native: &EngineSpec, case: &Case, entry: &Entry) -> Result<Outcome> {
    let library = case.file(native.input).context("it has no native library")?;
    let mut client = Client::start(native, case, LIMIT)?;
    let mut case = case.clone();
    (case.entry, case.expected) = (entry.clone(), None);
    client.open(&case, native)?;
    let mut passes = Vec::new();
    client.run(1, library, &mut passes)?;
    let outcome = passes.pop().and_then(|pass| pass.outcome);
    outcome.context("it returned nothing")
}

/// The engine with more work against itself; `None` where one of the two has too few readings.
fn comparison(measured: &Measured, engine: &EngineSpec, case: &Case) -> Option<Comparison> {
    let series = |entry| {
        let cell = CellId {
            engine: engine.name.clone(),
            entry,
            sample: case.sample.clone(),
            variant: case.variant.clone(),
            size: case.size.clone(),
        };
        measured.summary.cell(&cell)?.wall(Pass::WarmCall, Phase::DCallWarm)
    };
    series(EngineEntry::Injected)?.compare(series(EngineEntry::Subject)?)
}

fn repetition(engine: &str, work: &Work, comparison: Comparison) -> Repetition {
    let injected_ratio = work.ratio();
    Repetition {
        engine: engine.to_owned(),
        sample: work.sample,
        injected_ratio,
        comparison,
        found: comparison.low > 1.0,
        contained: (comparison.low..=comparison.high).contains(&injected_ratio),
    }
}

fn judge(repetitions: &[Repetition]) -> CheckOutcome {
    let found = repetitions.iter().filter(|one| one.found).count();
    let contained = repetitions.iter().filter(|one| one.contained).count();
    let detail = |one: &Repetition| {
        let Repetition { engine, sample, injected_ratio, comparison, .. } = one;
        let percent = |ratio: f64| 100.0 * (ratio - 1.0);
        let (found, low, high) =
            (percent(comparison.ratio), percent(comparison.low), percent(comparison.high));
        format!(
            "{sample} on {engine}: {:.2}% injected, {found:.2}% [{low:.2}, {high:.2}] read",
            percent(*injected_ratio)
        )
    };
    let missed = repetitions.iter().filter(|one| !one.found || !one.contained);
    CheckOutcome {
        status: CheckStatus::of(found >= NEEDED && contained >= NEEDED),
        measured: format!(
            "3% more work was found in {found} of {} repetitions, and the interval contained it in {contained}",
            repetitions.len()
        ),
        bar: format!("both at least {NEEDED}"),
        details: missed.map(detail).collect(),
        raw: json!({ "repetitions": repetitions }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_percent_more_work_is_injected() {
        for work in &WORKS {
            assert!((work.ratio() - 1.03).abs() < 1e-12, "{}: {}", work.sample, work.ratio());
        }
        // FIPS 180-4: 55 bytes fit one block with their padding, 56 do not.
        assert_eq!((sha256_blocks(0), sha256_blocks(55), sha256_blocks(56)), (1.0, 1.0, 2.0));
    }

    #[test]
    fn a_difference_must_be_found_in_the_right_direction_and_contained() {
        let seen = |low: f64, high: f64| {
            let comparison = Comparison { rounds: 10, df: 9, ratio: (low * high).sqrt(), low, high, p: 0.01 };
            repetition("e", &WORKS[0], comparison)
        };
        let good = seen(1.02, 1.04);
        let (backwards, off) = (seen(0.96, 0.98), seen(1.001, 1.02));
        assert!(good.found && good.contained);
        assert!(!backwards.found && !backwards.contained);
        assert!(off.found && !off.contained);
        let with = |bad: &Repetition, count: usize| {
            let all = [vec![good.clone(); REPETITIONS - count], vec![bad.clone(); count]].concat();
            judge(&all).status
        };
        assert_eq!((with(&off, 3), with(&off, 4)), (CheckStatus::Ok, CheckStatus::Failed));
        assert_eq!((with(&backwards, 3), with(&backwards, 4)), (CheckStatus::Ok, CheckStatus::Failed));
    }
}
