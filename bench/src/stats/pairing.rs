//! The ratio of two engines within one round, from readings in alternating batches.
//!
//! On a shared machine the speed itself wanders: a fixed kernel on two virtual processors stood
//! 11% apart from one second to another, and neighbouring stretches of 3 ms still 5% apart. Two
//! engines that are read one after the other for 10 ms each have a ratio that is off by 8% (standard
//! deviation); read in ten short batches each, with a ratio for each pair of neighbouring batches and
//! the median of these, by 1.5%. So every round goes through its engines in cycles, and ratios are
//! formed between neighbours (the paired design of Bakshy and Frachtenberg, "Design and analysis
//! of benchmarking experiments for distributed internet services", WWW 2015, within a process).

use super::{ByRound, median};
use std::collections::BTreeMap;

/// One value a cycle: the median of the readings of one engine's batch.
pub type ByCycle = BTreeMap<u32, f64>;

/// The ratio ours / theirs in every round that both have.
pub fn paired_ratios(ours: &BTreeMap<u32, ByCycle>, theirs: &BTreeMap<u32, ByCycle>) -> ByRound {
    let ratio = |(round, ours): (&u32, &ByCycle)| Some((*round, paired_ratio(ours, theirs.get(round)?)?));
    ours.iter().filter_map(ratio).collect()
}

/// The ratio ours / theirs in one round: the median over the cycles of the one that took fewer
/// batches, each compared with the other's batches that are nearest to it.
///
/// Returns `None` without a positive value on both sides.
pub fn paired_ratio(ours: &ByCycle, theirs: &ByCycle) -> Option<f64> {
    let (few, many) = if ours.len() > theirs.len() { (theirs, ours) } else { (ours, theirs) };
    let mut neighbours: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for (cycle, value) in many {
        let nearest = few.keys().min_by_key(|own| own.abs_diff(*cycle))?;
        neighbours.entry(*nearest).or_default().push(*value);
    }
    let log_ratio = |(cycle, value): (&u32, &f64)| {
        let other = median(neighbours.get_mut(cycle)?)?;
        (*value > 0.0 && other > 0.0).then(|| (value / other).ln())
    };
    let log_ratio = median(&mut few.iter().filter_map(log_ratio).collect::<Vec<f64>>())?;
    Some(if ours.len() > theirs.len() { (-log_ratio).exp() } else { log_ratio.exp() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cycles(values: impl IntoIterator<Item = (u32, f64)>) -> ByCycle {
        values.into_iter().collect()
    }

    #[test]
    fn what_both_share_in_a_cycle_cancels_out() {
        let speed = |cycle: u32| 1.0 + f64::from(cycle % 4);
        let ours = cycles((0..10).map(|cycle| (cycle, 1.2 * speed(cycle))));
        let theirs = cycles((0..10).map(|cycle| (cycle, speed(cycle))));
        assert!((paired_ratio(&ours, &theirs).unwrap() - 1.2).abs() < 1e-12);
        assert!((paired_ratio(&theirs, &ours).unwrap() - 1.0 / 1.2).abs() < 1e-12);
    }

    #[test]
    fn few_batches_are_compared_with_the_nearest_of_many() {
        // The machine is twice as slow in the second half, where ours has its only other batch.
        let theirs = cycles((0..10).map(|cycle| (cycle, if cycle < 5 { 1.0 } else { 2.0 })));
        let ours = cycles([(2, 3.0), (7, 6.0)]);
        assert!((paired_ratio(&ours, &theirs).unwrap() - 3.0).abs() < 1e-12);
        assert!((paired_ratio(&theirs, &ours).unwrap() - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn one_disturbed_cycle_does_not_move_the_ratio() {
        let ours = cycles((0..5).map(|cycle| (cycle, if cycle == 2 { 50.0 } else { 2.0 })));
        let theirs = cycles((0..5).map(|cycle| (cycle, 1.0)));
        assert!((paired_ratio(&ours, &theirs).unwrap() - 2.0).abs() < 1e-12);
    }

    #[test]
    fn nothing_on_one_side_is_no_ratio() {
        assert_eq!(paired_ratio(&ByCycle::new(), &cycles([(0, 1.0)])), None);
        let rounds = BTreeMap::from([(1, cycles([(0, 4.0)])), (2, cycles([(0, 4.0)]))]);
        let other = BTreeMap::from([(2, cycles([(0, 2.0)]))]);
        assert_eq!(paired_ratios(&rounds, &other), ByRound::from([(2, 2.0)]));
    }
}
