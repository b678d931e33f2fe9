//! The statistics against a machine whose truth is known, through the real stopping rule: how
//! often an interval holds, how often nothing is called a difference, and that two customary
//! ways of computing (pooling all readings; a percentile bootstrap over five processes) do not
//! pass the same tests.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

mod checks;
mod machine;
mod verdicts;

use bench::stats::{self, Comparison, Costs, Drift, Point, break_even, predict};
use machine::{Block, EXPERIMENTS, Machine, WORST, estimate, normal};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use statrs::distribution::{ContinuousCDF, StudentsT};
use verdicts::differences;

/// A way to compare engines of known log times: each of them against the first.
type Method = fn(&mut ChaCha8Rng, &Machine, &[f64]) -> Vec<Comparison>;

/// The project's own, through its stopping rule.
fn paired_rounds(rng: &mut ChaCha8Rng, machine: &Machine, log_times: &[f64]) -> Vec<Comparison> {
    Block::measure(rng, machine, log_times).comparisons().map(Option::unwrap).collect()
}

/// Welch's t test on all readings of the same rounds, as if they were independent.
fn pooled_readings(rng: &mut ChaCha8Rng, machine: &Machine, log_times: &[f64]) -> Vec<Comparison> {
    let block = Block::measure(rng, machine, log_times);
    let moments = |values: &[f64]| {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        (mean, values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0) / n)
    };
    let (first_mean, first_variance) = moments(&block.readings[0]);
    let against_first = |readings: &Vec<f64>| {
        let (mean, variance) = moments(readings);
        let (difference, error) = (mean - first_mean, (variance + first_variance).sqrt());
        let df = 2 * (readings.len() - 1);
        let t = StudentsT::new(0.0, 1.0, df as f64).unwrap();
        let half_width = t.inverse_cdf(0.975) * error;
        Comparison {
            rounds: block.by_round[0].len(),
            df,
            ratio: difference.exp(),
            low: (difference - half_width).exp(),
            high: (difference + half_width).exp(),
            p: 2.0 * t.sf((difference / error).abs()),
        }
    };
    block.readings[1..].iter().map(against_first).collect()
}

/// A percentile bootstrap over five processes, on the same paired log ratios as the project's.
fn bootstrap_of_five(rng: &mut ChaCha8Rng, machine: &Machine, log_times: &[f64]) -> Vec<Comparison> {
    const RESAMPLES: usize = 200;
    let by_engine: Vec<[f64; 5]> = log_times
        .iter()
        .map(|log_time| [(); 5].map(|()| stats::median(&mut machine.readings(rng, *log_time)).unwrap()))
        .collect();
    let mut against_first = |theirs: &[f64; 5]| {
        let mut means = [(); RESAMPLES].map(|()| {
            let resample = [(); 5].map(|()| rng.random_range(0..5));
            resample.map(|round: usize| theirs[round] - by_engine[0][round]).iter().sum::<f64>() / 5.0
        });
        means.sort_by(f64::total_cmp);
        let below = means.iter().filter(|mean| **mean < 0.0).count();
        Comparison {
            rounds: 5,
            df: 4,
            ratio: means[RESAMPLES / 2].exp(),
            low: means[RESAMPLES / 40].exp(),
            high: means[RESAMPLES - 1 - RESAMPLES / 40].exp(),
            p: 2.0 * below.min(RESAMPLES - below) as f64 / RESAMPLES as f64,
        }
    };
    by_engine[1..].iter().map(&mut against_first).collect()
}

/// The share of 1,000 experiments in which a 95% interval contains the true ratio.
fn coverage(method: Method, machine: &Machine, seed: u64) -> f64 {
    let truth = 1.5f64;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let covers = |_: &usize| {
        let comparison = method(&mut rng, machine, &[0.0, truth.ln()])[0];
        (comparison.low..=comparison.high).contains(&truth)
    };
    (0..EXPERIMENTS).filter(covers).count() as f64 / EXPERIMENTS as f64
}

/// The shares of 1,000 groups without any difference in which one is found all the same:
/// without the noise floor and with it. A group has three samples, each with five engines and
/// the first one's control.
fn group_wise_error(method: Method, machine: &Machine, seed: u64) -> (f64, f64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut without_floor, mut with_floor) = (0, 0);
    for _ in 0..EXPERIMENTS {
        let (mut pairs, mut controls) = (Vec::new(), Vec::new());
        for _sample in 0..3 {
            let mut comparisons = method(&mut rng, machine, &[0.0; 6]);
            controls.extend(comparisons.pop());
            pairs.extend(comparisons.into_iter().map(|comparison| ((), Some(comparison))));
        }
        without_floor += usize::from(differences(pairs.clone(), &[]) > 0);
        with_floor += usize::from(differences(pairs, &controls) > 0);
    }
    (without_floor as f64 / EXPERIMENTS as f64, with_floor as f64 / EXPERIMENTS as f64)
}

#[test]
fn a_95_percent_interval_covers_between_92_and_98_percent_through_the_stopping_rule() {
    let machines = [
        ("calm: the rule stops at its first look", Machine { process: 0.01, ..WORST }),
        ("worst: the rule has much to choose from", WORST),
        ("wild: the budget ends it", Machine { process: 0.1, ..WORST }),
        ("lopsided: unlucky processes", Machine { lopsided: true, process: 0.02, ..WORST }),
    ];
    for (name, machine) in machines {
        let coverage = coverage(paired_rounds, &machine, 1);
        println!("{name}: {coverage}");
        assert!((0.92..=0.98).contains(&coverage), "{name}: {coverage}");
    }
}

#[test]
fn at_most_5_percent_of_groups_without_a_difference_show_one() {
    let (without_floor, with_floor) = group_wise_error(paired_rounds, &WORST, 2);
    println!("group-wise error {without_floor} without the noise floor, {with_floor} with it");
    assert!(without_floor <= 0.05, "{without_floor}");
}

#[test]
fn pooling_all_readings_fails_both_tests() {
    let coverage = coverage(pooled_readings, &WORST, 3);
    let (without_floor, with_floor) = group_wise_error(pooled_readings, &WORST, 3);
    println!("pooled: coverage {coverage}, group-wise error {without_floor}, with floor {with_floor}");
    assert!(coverage < 0.92, "{coverage}");
    assert!(without_floor > 0.05 && with_floor > 0.05, "{without_floor} {with_floor}");
}

#[test]
fn a_percentile_bootstrap_over_five_processes_fails_both_tests() {
    let coverage = coverage(bootstrap_of_five, &WORST, 4);
    let (without_floor, with_floor) = group_wise_error(bootstrap_of_five, &WORST, 4);
    println!("bootstrap: coverage {coverage}, group-wise error {without_floor}, with floor {with_floor}");
    assert!(coverage < 0.92, "{coverage}");
    assert!(without_floor > 0.05 && with_floor > 0.05, "{without_floor} {with_floor}");
}

#[test]
fn three_percent_more_time_is_found_and_its_interval_contains_it() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let injected = 1.03f64;
    let (mut found, mut contained) = (0, 0);
    for _ in 0..EXPERIMENTS {
        // The first engine's control is the control.
        let comparisons = paired_rounds(&mut rng, &WORST, &[0.0, injected.ln(), 0.0]);
        found += differences(vec![((), Some(comparisons[0]))], &comparisons[1..]);
        contained += usize::from((comparisons[0].low..=comparisons[0].high).contains(&injected));
    }
    println!("3% injected: found in {found}, contained in {contained} of {EXPERIMENTS}");
    assert!(found >= EXPERIMENTS * 85 / 100, "{found}");
    assert!(contained >= EXPERIMENTS * 92 / 100, "{contained}");
}

#[test]
fn the_interval_of_a_break_even_point_contains_it() {
    // 50,000 more to start, 100 less a call.
    let truth = 500.0;
    let log_times = [100_000.0f64, 150_000.0, 300.0, 200.0].map(f64::ln);
    let machine = Machine { process: 0.02, ..WORST };
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let contains = |_: &usize| {
        let block = Block::measure(&mut rng, &machine, &log_times);
        let costs =
            |engine: usize| Costs { start: &block.by_round[engine], call: &block.by_round[engine + 2] };
        let Point::After { low, high, .. } = break_even(costs(0), costs(1)).unwrap().point else {
            return false;
        };
        (low..=high).contains(&truth)
    };
    let share = (0..EXPERIMENTS).filter(contains).count() as f64 / EXPERIMENTS as f64;
    println!("break-even: contained in {share}");
    assert!((0.92..=0.98).contains(&share), "{share}");
}

/// The shares of 1,000 pairs of runs in which the second's value lies in the first's interval of
/// its own value, in its prediction from `drift`, and in its prediction as a ratio to the
/// calibration kernel.
fn next_run(machine: &Machine, drift: fn(&mut ChaCha8Rng, &Machine, &Block) -> Drift, seed: u64) -> [f64; 3] {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut contained = [0; 3];
    for _ in 0..EXPERIMENTS {
        let mut level = machine.level * normal(&mut rng);
        let this = Block::measure_from(&mut rng, machine, &[0.0, 0.4], &mut level);
        for _pause in 0..30 {
            level = machine.next_level(&mut rng, level);
        }
        let next = Block::measure_from(&mut rng, machine, &[0.0, 0.4], &mut level);
        let drift = drift(&mut rng, machine, &this);
        let rounds = this.by_round[0].len();
        let absolute = predict(&this.by_round[0], rounds, drift).unwrap();
        let ratio = predict(&this.to_calibration(), rounds, Drift::NONE).unwrap();
        let own = estimate(&this.by_round[0]);
        let next_value = estimate(&next.by_round[0]).value;
        let next_ratio = estimate(&next.to_calibration()).value;
        contained[0] += usize::from((own.low..=own.high).contains(&next_value));
        contained[1] += usize::from((absolute.next_low..=absolute.next_high).contains(&next_value));
        contained[2] += usize::from((ratio.next_low..=ratio.next_high).contains(&next_ratio));
    }
    contained.map(|count| count as f64 / EXPERIMENTS as f64)
}

fn within_run(_: &mut ChaCha8Rng, _: &Machine, this: &Block) -> Drift {
    Drift::within_run(&this.calibration).unwrap()
}

/// From five earlier runs, at levels that have forgotten each other.
fn between_runs(rng: &mut ChaCha8Rng, machine: &Machine, _: &Block) -> Drift {
    Drift::between_runs(&[(); 5].map(|()| (machine.level * normal(rng)).exp())).unwrap()
}

#[test]
fn a_prediction_holds_for_the_next_run_where_the_drift_can_be_seen() {
    // About 28 rounds a run.
    let steady = next_run(&Machine { level: 0.0, ..WORST }, within_run, 7);
    let drifting = next_run(&Machine { memory: 3.0, ..WORST }, within_run, 8);
    let slow = Machine { memory: 100.0, ..WORST };
    let unseen = next_run(&slow, within_run, 9);
    let seen = next_run(&slow, between_runs, 10);
    println!("next run, [own interval, prediction, ratio]:");
    println!("steady {steady:?}, drifting {drifting:?}, slow {unseen:?}, with earlier runs {seen:?}");
    for [own, _, ratio] in [steady, drifting, unseen, seen] {
        assert!(own < 0.9, "an interval for this run's value says too little of the next: {own}");
        assert!((0.92..=0.98).contains(&ratio), "{ratio}");
    }
    for [_, prediction, _] in [steady, drifting, seen] {
        assert!(prediction >= 0.9, "{prediction}");
    }
    assert!(unseen[1] < 0.9, "a drift slower than the run cannot be seen within it: {}", unseen[1]);
}
