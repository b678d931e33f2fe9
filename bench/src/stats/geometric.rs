//! Many values as one: the geometric mean. Of ratios it is the only mean that does not depend on which
//! engine is the reference (Fleming and Wallace, "How not to lie with statistics: the correct way to
//! summarize benchmark results", CACM 1986).

use super::ByRound;

/// The geometric mean of positive values.
///
/// Returns `None` for no values, and where one of them is not positive.
pub fn geometric_mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (mut count, mut sum) = (0_u32, 0.0);
    for value in values {
        if value <= 0.0 || !value.is_finite() {
            return None;
        }
        count += 1;
        sum += value.ln();
    }
    (count > 0).then(|| (sum / f64::from(count)).exp())
}

/// The geometric mean of several ratios within each round: one value a round, as for a single ratio, so
/// that the same tests apply to it.
///
/// Only rounds that every ratio has count: with others the mean would be of other ratios in each round.
pub fn mean_ratios(ratios: &[ByRound]) -> ByRound {
    let Some((first, others)) = ratios.split_first() else { return ByRound::new() };
    let of_round = |(round, ratio): (&u32, &f64)| {
        let others: Option<Vec<f64>> = others.iter().map(|other| other.get(round).copied()).collect();
        let mean = geometric_mean(others?.into_iter().chain([*ratio]))?;
        Some((*round, mean))
    };
    first.iter().filter_map(of_round).collect()
}

#[cfg(test)]
mod tests {
    use super::super::compare_ratios;
    use super::*;

    fn by_round(values: impl IntoIterator<Item = f64>) -> ByRound {
        (1..).zip(values).collect()
    }

    #[test]
    fn the_geometric_mean_of_two_and_eight_is_four() {
        assert!((geometric_mean([2.0, 8.0]).unwrap() - 4.0).abs() < 1e-12);
        assert_eq!(geometric_mean([]), None);
        assert_eq!(geometric_mean([1.0, 0.0]), None);
    }

    #[test]
    fn each_round_has_the_mean_of_its_ratios_where_all_of_them_have_it() {
        let mean = mean_ratios(&[by_round([2.0, 1.0, 3.0]), by_round([8.0, 4.0])]);
        assert_eq!(mean.keys().copied().collect::<Vec<_>>(), [1, 2]);
        assert!((mean[&1] - 4.0).abs() < 1e-12 && (mean[&2] - 2.0).abs() < 1e-12);
        assert_eq!(mean_ratios(&[]), ByRound::new());
    }

    #[test]
    fn its_interval_is_the_t_interval_of_the_mean_log_ratios() {
        // Two ratios whose logarithms are x + 0.1 and x - 0.1 have the mean x, with x from Student 1908:
        // the 95% interval is 0.7001 to 2.4599.
        let gained = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4];
        let shifted = |by: f64| by_round(gained.map(|x| (x + by).exp()));
        let comparison = compare_ratios(&mean_ratios(&[shifted(0.1), shifted(-0.1)])).unwrap();
        assert!((comparison.ratio.ln() - 1.58).abs() < 1e-12);
        assert!((comparison.low.ln() - 0.700_114).abs() < 1e-5);
        assert!((comparison.high.ln() - 2.459_886).abs() < 1e-5);
    }
}
