//! Where a series of runs changes its level: the hierarchical divisive estimation of Matteson and James ("A
//! nonparametric approach for multiple change point analysis of multivariate data", Journal of the American
//! Statistical Association 109, 2014), called E-divisive. It takes no distribution for granted, and is what Daly et
//! al. use for benchmarks in continuous integration ("The use of change point detection to identify software
//! performance regressions in a continuous integration system", ICPE 2020).
//!
//! A segment is cut where the energy distance between its two sides is greatest. The cut counts where at most one in
//! a hundred series has as great a distance, if the values of each segment are put into a random order; then both sides are
//! looked at in the same way.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// The fewest values on either side of a change: one slow run is no new level.
const FEWEST: usize = 2;

/// The fewest values of a series in which a change can count: there are 126 ways to cut nine into four and five,
/// and 56 to cut eight into three and five.
pub const FEWEST_FOR_CHANGES: usize = 9;

/// How many random orders a cut is held against.
const ORDERS: u32 = 999;

/// The share of random orders that may be as far apart.
const LEVEL: f64 = 0.01;

/// A change of level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChangePoint {
    /// The number of the first value of the new level, from 0.
    pub at: usize,
    /// The share of random orders with as great a distance.
    pub p: f64,
}

/// The changes in `values`, in their order; always the same for the same values.
pub fn change_points(values: &[f64]) -> Vec<ChangePoint> {
    if values.len() < FEWEST_FOR_CHANGES {
        return Vec::new();
    }
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut found: Vec<ChangePoint> = Vec::new();
    loop {
        let segments = segments(values, &found);
        let Some((at, distance)) = best_of(&segments) else { break };
        let mut segments: Vec<Vec<f64>> = segments.into_iter().map(|(_, segment)| segment).collect();
        let as_great = (0..ORDERS).filter(|_| {
            segments.iter_mut().for_each(|segment| segment.shuffle(&mut random));
            let greatest = segments.iter().filter_map(|segment| best_cut(segment)).map(|cut| cut.1);
            greatest.fold(0.0, f64::max) >= distance
        });
        let p = (as_great.count() as f64 + 1.0) / f64::from(ORDERS + 1);
        if p > LEVEL {
            break;
        }
        found.push(ChangePoint { at, p });
        found.sort_by_key(|point| point.at);
    }
    found
}

/// The values between the changes, each segment with the number of its first value.
fn segments(values: &[f64], changes: &[ChangePoint]) -> Vec<(usize, Vec<f64>)> {
    let starts: Vec<usize> = std::iter::once(0).chain(changes.iter().map(|point| point.at)).collect();
    let ends = starts.iter().skip(1).copied().chain([values.len()]);
    starts.iter().zip(ends).map(|(start, end)| (*start, values[*start..end].to_vec())).collect()
}

/// The cut with the greatest distance: the number of the first value behind it, and the distance.
fn best_of(segments: &[(usize, Vec<f64>)]) -> Option<(usize, f64)> {
    let cut =
        |(start, segment): &(usize, Vec<f64>)| best_cut(segment).map(|(at, distance)| (start + at, distance));
    segments.iter().filter_map(cut).max_by(|a, b| a.1.total_cmp(&b.1))
}

/// Where `values` are cut into two sides that are as far apart as possible, and how far that is.
fn best_cut(values: &[f64]) -> Option<(usize, f64)> {
    let apart = |value: f64, others: &[f64]| others.iter().map(|other| (value - other).abs()).sum::<f64>();
    let (mut left, mut between) = (0.0, 0.0);
    let mut right: f64 = (1..values.len()).map(|place| apart(values[place], &values[..place])).sum();
    let mut best: Option<(usize, f64)> = None;
    for at in 1..values.len() {
        // One value goes from the right side to the left.
        let (moved, before, behind) = (values[at - 1], &values[..at - 1], &values[at..]);
        let (to_left, to_right) = (apart(moved, before), apart(moved, behind));
        left += to_left;
        right -= to_right;
        between += to_right - to_left;
        if at < FEWEST || values.len() - at < FEWEST {
            continue;
        }
        let (m, n) = (at as f64, (values.len() - at) as f64);
        let within = left / (m * (m - 1.0)) + right / (n * (n - 1.0));
        let distance = m * n / (m + n) * 2.0 * (between / (m * n) - within);
        if best.is_none_or(|(_, greatest)| distance > greatest) {
            best = Some((at, distance));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;

    /// Values with these levels, each level for so many, and noise with this standard deviation.
    fn series(random: &mut ChaCha8Rng, levels: &[(f64, usize)], noise: f64) -> Vec<f64> {
        let mut normal = || (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
        let values = levels.iter().flat_map(|(level, count)| std::iter::repeat_n(*level, *count));
        values.map(|level| level + noise * normal()).collect()
    }

    fn places(values: &[f64]) -> Vec<usize> {
        change_points(values).iter().map(|point| point.at).collect()
    }

    #[test]
    fn the_distance_of_a_cut_is_the_one_of_the_paper() {
        // Sides 0, 1 and 4, 6: between 4 + 6 + 3 + 5 = 18, within 1 and 2.
        let distance = 1.0 * (2.0 / 4.0 * 18.0 - 1.0 - 2.0);
        assert_eq!(best_cut(&[0.0, 1.0, 4.0, 6.0]), Some((2, distance)));
        assert_eq!(best_cut(&[0.0, 1.0, 4.0]), None);
    }

    #[test]
    fn every_change_of_level_is_found_where_it_is() {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        for _ in 0..20 {
            let values = series(&mut random, &[(0.0, 12), (0.05, 9), (0.02, 14)], 0.004);
            let found = places(&values);
            assert!(found.contains(&12) && found.contains(&21), "{found:?}");
        }
        let new = series(&mut random, &[(0.0, 20), (0.1, 3)], 0.01);
        assert_eq!(places(&new), [20]);
    }

    #[test]
    fn a_series_of_one_level_shows_a_change_in_about_one_of_a_hundred() {
        let mut random = ChaCha8Rng::seed_from_u64(4);
        for count in [9, 20, 40] {
            let shown = (0..200).filter(|_| !places(&series(&mut random, &[(0.0, count)], 0.01)).is_empty());
            let shown = shown.count();
            assert!(shown <= 7, "{shown} of 200 series of {count} runs");
        }
    }

    #[test]
    fn a_single_outlier_is_no_new_level() {
        let mut random = ChaCha8Rng::seed_from_u64(5);
        let mut values = series(&mut random, &[(0.0, 24)], 0.01);
        values[11] = 1.0;
        assert_eq!(places(&values), Vec::<usize>::new());
    }

    #[test]
    fn few_and_equal_values_show_nothing() {
        assert_eq!(places(&[0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]), Vec::<usize>::new());
        assert_eq!(places(&[2.0; 30]), Vec::<usize>::new());
        assert_eq!(places(&[]), Vec::<usize>::new());
    }
}
