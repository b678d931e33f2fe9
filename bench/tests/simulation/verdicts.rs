//! The verdicts of a whole sample: how often any pair of equal engines differs, whichever pairs a reader picks
//! afterwards, and how often engines that differ are called equal.

use super::machine::{Block, EXPERIMENTS, Machine, WORST, estimate};
use bench::stats::{self, Comparison, GroupName, Verdict, compare, compare_group};
use protocol::Phase;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// How many of `pairs` are compared to differ.
pub fn differences(pairs: Vec<((), Option<Comparison>)>, controls: &[Comparison]) -> usize {
    let group = GroupName { table: "simulated".into(), sample: None, phase: Phase::AbCompile };
    let group = compare_group(group, pairs, controls, 0.02);
    let differs = |verdict: Verdict| matches!(verdict, Verdict::Faster { .. } | Verdict::Slower { .. });
    group.pairs.iter().filter(|pair| differs(pair.verdict)).count()
}

/// The pairs of one sample's engines, every one with its comparison, through the stopping rule.
fn all_compared(rng: &mut ChaCha8Rng, machine: &Machine, log_times: &[f64]) -> Vec<((), Option<Comparison>)> {
    let block = Block::measure(rng, machine, log_times);
    block.all_pairs().map(|ratios| ((), stats::compare_ratios(&ratios))).collect()
}

/// Machines on which the whole procedure is tried: normal noise, unlucky processes, and much spread.
const TRIED: [Machine; 3] =
    [WORST, Machine { lopsided: true, process: 0.02, ..WORST }, Machine { process: 0.1, ..WORST }];

#[test]
fn in_at_most_5_percent_of_samples_any_pair_of_equal_engines_differs() {
    // Every pair of six: whichever a reader picks afterwards, as neighbours or as the fastest.
    for (seed, machine) in (20..).zip(TRIED) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let differs = |_: &usize| differences(all_compared(&mut rng, &machine, &[0.0; 6]), &[]) > 0;
        let share = (0..EXPERIMENTS).filter(differs).count() as f64 / EXPERIMENTS as f64;
        println!("any of fifteen pairs of equal engines differs in {share}");
        assert!(share <= 0.05, "{share}");
    }
}

#[test]
fn a_correction_over_the_picked_pairs_alone_errs_more_often() {
    // The reason why every pair of a sample is corrected for: the fastest and its neighbours are picked
    // by the times themselves.
    let mut rng = ChaCha8Rng::seed_from_u64(23);
    let machine = Machine { process: 0.01, ..WORST };
    let differs = |_: &usize| {
        let block = Block::measure(&mut rng, &machine, &[0.0; 10]);
        let mut order: Vec<usize> = (0..10).collect();
        let value = |engine: &usize| estimate(&block.by_round[*engine]).value;
        order.sort_by(|a, b| value(a).total_cmp(&value(b)));
        let to_fastest = order[1..].iter().map(|engine| (order[0], *engine));
        let neighbours = order[1..].windows(2).map(|pair| (pair[0], pair[1]));
        let picked = to_fastest.chain(neighbours);
        let compared = picked.map(|(a, b)| ((), compare(&block.by_round[a], &block.by_round[b])));
        differences(compared.collect(), &[]) > 0
    };
    let share = (0..EXPERIMENTS).filter(differs).count() as f64 / EXPERIMENTS as f64;
    println!("corrected over the picked pairs alone, equal engines differ in {share}");
    assert!(share > 0.05, "{share}");
}

#[test]
fn in_at_most_5_percent_of_samples_engines_that_differ_by_the_margin_are_called_equal() {
    for (seed, machine) in (24..).zip(TRIED.into_iter().chain([Machine { process: 0.01, ..WORST }])) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let margin = 1.02f64.ln();
        let mut called_equal = |_: &usize| {
            let compared = all_compared(&mut rng, &machine, &[0.0, margin, 2.0 * margin, 3.0 * margin]);
            let group = GroupName { table: "simulated".into(), sample: None, phase: Phase::AbCompile };
            let group = compare_group(group, compared, &[], 0.02);
            group.pairs.iter().any(|pair| matches!(pair.verdict, Verdict::Equal { .. }))
        };
        let share = (0..EXPERIMENTS).filter(&mut called_equal).count() as f64 / EXPERIMENTS as f64;
        println!("engines that differ by the margin are called equal in {share}");
        assert!(share <= 0.05, "{share}");
    }
}

#[test]
fn equal_engines_are_called_equal_where_the_rounds_suffice() {
    let mut rng = ChaCha8Rng::seed_from_u64(28);
    let machine = Machine { process: 0.01, ..WORST };
    let equal = |_: &usize| {
        let group = GroupName { table: "simulated".into(), sample: None, phase: Phase::AbCompile };
        let group = compare_group(group, all_compared(&mut rng, &machine, &[0.0; 2]), &[], 0.02);
        matches!(group.pairs[0].verdict, Verdict::Equal { .. })
    };
    let share = (0..EXPERIMENTS).filter(equal).count() as f64 / EXPERIMENTS as f64;
    println!("equal engines are called equal in {share}");
    assert!(share > 0.8, "{share}");
}
