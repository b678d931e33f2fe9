//! Whether the calls of one process become steady, and from which on: the classification of Barrett et al. ("Virtual
//! machine warmup blows hot and cold", OOPSLA 2017). The series is cut where its level or its spread changes, by PELT
//! (Killick, Fearnhead and Eckley, "Optimal detection of changepoints with a linear computational cost", Journal of the
//! American Statistical Association 107, 2012) with their penalty. It is steady where the last quarter has
//! one level, which is then followed back to where it begins.

use super::median;

/// The fewest times that can be judged.
pub const FEWEST_FOR_STEADY: usize = 20;
/// Levels are the same within this, or within the spread of the last segment: a machine's speed moves by as much in a
/// second, and tiers differ by more.
const SAME_WITHIN: f64 = 0.10;
/// The part of the series at its end that must have one level: 500 of 2,000 in the paper.
const LAST: f64 = 0.25;
/// The penalty for a change, in units of the logarithm of the number of times, as in the paper.
const PENALTY: f64 = 15.0;
/// The fewest times between two changes.
const FEWEST: usize = 5;
/// The least spread of a segment, as a fraction: a clock's steps are no level of their own.
const LEAST_SPREAD: f64 = 0.002;
/// How many times around one are looked at to tell whether it is an outlier.
const AROUND: usize = 25;
/// An outlier is this many times as far from the median around it as the tenth and the ninetieth percentile are apart.
const OUTLIER: f64 = 3.0;

/// What a series of times shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SteadyState {
    /// One level, from the time of this number on, counted from 0.
    From(usize),
    /// The level still changes at the end.
    StillChanging,
    /// The level changes, and comes back to what it was.
    Cyclic,
}

/// What `times`, in their order, show; `None` where there are too few.
pub fn steady_state(times: &[f64]) -> Option<SteadyState> {
    if times.len() < FEWEST_FOR_STEADY {
        return None;
    }
    let logs: Vec<f64> = times.iter().map(|time| time.max(f64::MIN_POSITIVE).ln()).collect();
    let segments = segments(&without_outliers(&logs));
    let last = segments[segments.len() - 1];
    let within = last.spread.max((1.0 + SAME_WITHIN).ln());
    let same = |one: &Segment, other: &Segment| (one.level - other.level).abs() <= within;
    let steady = segments.iter().rev().take_while(|one| same(one, &last)).last().map_or(0, |one| one.start);
    if steady as f64 <= (1.0 - LAST) * times.len() as f64 {
        // A first call that is slow, or some, are outliers of the level that follows them.
        let apart = |log: &&f64| (**log - last.level).abs() > 2.0 * within;
        return Some(SteadyState::From(steady + logs[steady..].iter().take_while(apart).count()));
    }
    let late: Vec<&Segment> = segments.iter().filter(|one| 2 * one.end > times.len()).collect();
    let comes_back = |place: usize| {
        let between = late[..place].iter().rposition(|one| !same(one, late[place]));
        between.is_some_and(|between| late[..between].iter().any(|one| same(one, late[place])))
    };
    Some(if (0..late.len()).any(comes_back) { SteadyState::Cyclic } else { SteadyState::StillChanging })
}

/// A stretch of one level.
#[derive(Clone, Copy, Debug)]
struct Segment {
    start: usize,
    end: usize,
    /// The median: a few outliers that stand together are no level.
    level: f64,
    spread: f64,
}

/// `values` with each outlier replaced by the median around it.
fn without_outliers(values: &[f64]) -> Vec<f64> {
    let kept = |(place, value): (usize, &f64)| {
        let from = place.saturating_sub(AROUND / 2).min(values.len().saturating_sub(AROUND));
        let mut around = values[from..(from + AROUND).min(values.len())].to_vec();
        around.sort_by(f64::total_cmp);
        let (tenth, middle) = (around.len() / 10, median(&mut around.clone()).unwrap_or(*value));
        let apart = around[around.len() - 1 - tenth] - around[tenth];
        if (value - middle).abs() > OUTLIER * apart.max(LEAST_SPREAD) { middle } else { *value }
    };
    values.iter().enumerate().map(kept).collect()
}

/// Sums from which the cost of any stretch follows.
struct Sums {
    of: Vec<f64>,
    of_squares: Vec<f64>,
}

impl Sums {
    fn of(values: &[f64]) -> Sums {
        // Around the first value, so that squares lose no digits.
        let origin = values.first().copied().unwrap_or(0.0);
        let running = |value: fn(f64) -> f64| {
            let sums = values.iter().scan(0.0, |sum, one| {
                *sum += value(one - origin);
                Some(*sum)
            });
            std::iter::once(0.0).chain(sums).collect()
        };
        Sums { of: running(|one| one), of_squares: running(|one| one * one) }
    }

    /// The variance of the stretch.
    fn variance(&self, start: usize, end: usize) -> f64 {
        let count = (end - start) as f64;
        let mean = (self.of[end] - self.of[start]) / count;
        let square = (self.of_squares[end] - self.of_squares[start]) / count;
        (square - mean * mean).max(LEAST_SPREAD * LEAST_SPREAD)
    }

    /// Twice the negative logarithm of the likelihood of a normal distribution, without what all have in common.
    fn cost(&self, start: usize, end: usize) -> f64 {
        (end - start) as f64 * (self.variance(start, end).ln() + 1.0)
    }
}

/// The stretches of one level and one spread: PELT.
fn segments(values: &[f64]) -> Vec<Segment> {
    let (count, sums) = (values.len(), Sums::of(values));
    let penalty = PENALTY * (count as f64).ln();
    // The least cost of the first so many values, and where the last of their stretches begins.
    let mut least = vec![-penalty; count + 1];
    let mut begins = vec![0; count + 1];
    let mut candidates: Vec<usize> = vec![0];
    for end in FEWEST..=count {
        let costs: Vec<f64> = candidates.iter().map(|start| least[*start] + sums.cost(*start, end)).collect();
        let best = (0..costs.len()).min_by(|one, other| costs[*one].total_cmp(&costs[*other])).unwrap_or(0);
        (least[end], begins[end]) = (costs[best] + penalty, candidates[best]);
        let mut place = 0;
        candidates.retain(|_| {
            place += 1;
            costs[place - 1] <= least[end]
        });
        // The next stretch may begin where one of these has just ended, and has its fewest values.
        if end + 1 >= 2 * FEWEST {
            candidates.push(end + 1 - FEWEST);
        }
    }
    let mut found = Vec::new();
    let mut end = count;
    while end > 0 {
        let (start, spread) = (begins[end], sums.variance(begins[end], end).sqrt());
        let level = median(&mut values[start..end].to_vec()).unwrap_or(0.0);
        found.push(Segment { start, end, level, spread });
        end = start;
    }
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// Times of these levels, each for so many, with noise, and with outliers that take half as long again.
    fn series(seed: u64, levels: &[(f64, usize)], noise: f64) -> Vec<f64> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let values = levels.iter().flat_map(|(level, count)| std::iter::repeat_n(*level, *count));
        values
            .map(|level| {
                let normal = (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
                let outlier = if random.random::<f64>() < 0.01 { 1.5 } else { 1.0 };
                level * (noise * normal).exp() * outlier
            })
            .collect()
    }

    fn shares(levels: &[(f64, usize)], noise: f64, is_right: impl Fn(SteadyState) -> bool) -> usize {
        (0..100).filter(|seed| is_right(steady_state(&series(*seed, levels, noise)).unwrap())).count()
    }

    #[test]
    fn one_level_is_steady_from_the_first_call() {
        for count in [20, 60, 400] {
            let right = shares(&[(1000.0, count)], 0.01, |found| found == SteadyState::From(0));
            assert!(right >= 97, "{right} of 100 series of {count}");
        }
    }

    #[test]
    fn a_tier_that_comes_later_is_found_where_it_comes() {
        let near = |found| matches!(found, SteadyState::From(from) if from.abs_diff(40) <= 2);
        let right = shares(&[(10.0, 40), (1.4, 160)], 0.02, near);
        assert!(right >= 97, "{right} of 100");
        let two_steps = |found| matches!(found, SteadyState::From(from) if from.abs_diff(90) <= 3);
        let right = shares(&[(10.0, 12), (3.0, 78), (2.7, 200)], 0.02, two_steps);
        assert!(right >= 95, "{right} of 100");
    }

    #[test]
    fn the_first_calls_are_not_of_the_level_that_follows_them() {
        let mut times = vec![1.0; 80];
        (times[0], times[1], times[3]) = (40.0, 2.0, 2.0);
        assert_eq!(steady_state(&times), Some(SteadyState::From(2)));
    }

    #[test]
    fn a_level_that_changes_at_the_end_is_not_steady() {
        let right = shares(&[(5.0, 180), (2.0, 20)], 0.02, |found| found == SteadyState::StillChanging);
        assert!(right >= 97, "{right} of 100");
        let falling: Vec<(f64, usize)> = (0..20).map(|step| (10.0 - 0.4 * f64::from(step), 20)).collect();
        let right = shares(&falling, 0.01, |found| found == SteadyState::StillChanging);
        assert!(right >= 97, "{right} of 100");
    }

    #[test]
    fn levels_that_come_back_are_cyclic() {
        let levels: Vec<(f64, usize)> = (0..12).map(|step| (1.0 + f64::from(step % 2), 20)).collect();
        let right = shares(&levels, 0.02, |found| found == SteadyState::Cyclic);
        assert!(right >= 97, "{right} of 100");
    }

    #[test]
    fn a_drift_within_what_a_machine_moves_by_and_single_outliers_are_no_change() {
        let right = shares(&[(1.0, 100), (1.03, 100)], 0.005, |found| found == SteadyState::From(0));
        assert!(right >= 97, "{right} of 100");
        let mut times = vec![1.0; 80];
        (times[10], times[77]) = (40.0, 3.0);
        assert_eq!(steady_state(&times), Some(SteadyState::From(0)));
    }

    #[test]
    fn few_times_cannot_be_judged() {
        assert_eq!(steady_state(&[1.0; FEWEST_FOR_STEADY - 1]), None);
    }
}
