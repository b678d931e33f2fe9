//! A series: the values of one phase of one cell, one a round, and ratios between series.

use crate::stats::{self, ByCycle, ByRound, Comparison, Drift, Estimate, Prediction};
use std::collections::BTreeMap;

/// One value a round, in nanoseconds or, for ratios, without a unit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    pub(super) by_round: ByRound,
    /// One value a cycle in each round; none in a series that is made of others.
    pub(super) cycles: BTreeMap<u32, ByCycle>,
    pub(super) readings: usize,
}

/// Times by round and cycle.
pub(super) type TimesByCycle = BTreeMap<u32, BTreeMap<u32, Vec<f64>>>;

impl Series {
    /// The series of `times`: the median of each round, and that of each cycle.
    pub(super) fn of(times: TimesByCycle) -> Series {
        let mut series = Series::default();
        for (round, cycles) in times {
            let mut all: Vec<f64> = cycles.values().flatten().copied().collect();
            series.readings += all.len();
            series.by_round.extend(stats::median(&mut all).map(|value| (round, value)));
            let median = |(cycle, mut times): (u32, Vec<f64>)| Some((cycle, stats::median(&mut times)?));
            series.cycles.insert(round, cycles.into_iter().filter_map(median).collect());
        }
        series
    }

    /// How many readings are behind it.
    pub fn readings(&self) -> usize {
        self.readings
    }

    /// The value with its range or interval.
    pub fn estimate(&self) -> Option<Estimate> {
        stats::estimate(&self.by_round.values().copied().collect::<Vec<_>>())
    }

    /// Where the next run, of as many rounds, will find its value; `None` below ten rounds.
    pub fn predict(&self, drift: Drift) -> Option<Prediction> {
        stats::predict(&self.by_round, self.by_round.len(), drift)
    }

    /// The values, by round.
    pub fn by_round(&self) -> &ByRound {
        &self.by_round
    }

    /// This series divided by `other` within each round that both have, between readings that are
    /// neighbours in time where the two were read in alternating batches, so that what hits both cancels out.
    pub fn ratio_to(&self, other: &Series) -> Series {
        if self.cycles.is_empty() || other.cycles.is_empty() {
            return self.paired(other, |ours, theirs| ours / theirs);
        }
        let by_round = stats::paired_ratios(&self.cycles, &other.cycles);
        Series { by_round, cycles: BTreeMap::new(), readings: self.readings.min(other.readings) }
    }

    /// This series and `other` in every round that both have, as far apart as
    /// [`ratio_to`](Self::ratio_to) has them, around the geometric mean of their values.
    pub fn beside(&self, other: &Series) -> (ByRound, ByRound) {
        let both = |(round, ratio): (u32, f64)| {
            let middle = (self.by_round.get(&round)? * other.by_round.get(&round)?).sqrt();
            Some(((round, middle * ratio.sqrt()), (round, middle / ratio.sqrt())))
        };
        self.ratio_to(other).by_round.into_iter().filter_map(both).unzip()
    }

    /// How this series' times relate to those of `other`; `None` below ten common rounds.
    pub fn compare(&self, other: &Series) -> Option<Comparison> {
        stats::compare_ratios(&self.ratio_to(other).by_round)
    }

    /// The sum with `other` within each round that both have.
    pub fn plus(&self, other: &Series) -> Series {
        self.paired(other, |ours, theirs| ours + theirs)
    }

    fn paired(&self, other: &Series, combine: impl Fn(f64, f64) -> f64) -> Series {
        let common = |(round, ours): (&u32, &f64)| {
            other.by_round.get(round).map(|theirs| (*round, combine(*ours, *theirs)))
        };
        Series {
            by_round: self.by_round.iter().filter_map(common).collect(),
            cycles: BTreeMap::new(),
            readings: self.readings.min(other.readings),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_formed_within_rounds() {
        let ours = Series {
            by_round: BTreeMap::from([(1, 10.0), (2, 40.0), (3, 5.0)]),
            readings: 3,
            ..Series::default()
        };
        let theirs =
            Series { by_round: BTreeMap::from([(1, 5.0), (2, 20.0)]), readings: 2, ..Series::default() };
        let ratio = ours.ratio_to(&theirs).estimate().unwrap();
        assert_eq!((ratio.low, ratio.value, ratio.high), (2.0, 2.0, 2.0));
    }
}
