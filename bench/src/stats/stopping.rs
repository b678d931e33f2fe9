//! How many rounds: the rule by which the scheduler gives them out, as pure functions, so that
//! simulations go through the very rule that real runs go through.
//!
//! Stopping when an interval is narrow favours samples that happen to look calm, so an interval
//! covers less than it says (Chow and Robbins, "On the asymptotic theory of fixed-width
//! sequential confidence intervals for the mean", 1965). So nothing is looked at after every round: the first
//! [`ROUNDS_FOR_INTERVAL`] rounds fix the number of all rounds, once, and the interval keeps their variance where
//! it is greater than that of all (after Stein, "A two-sample test for a linear hypothesis whose power is
//! independent of the variance", Annals of Mathematical Statistics 16, 1945).

use super::ByRound;
use super::interval::{Moments, ROUNDS_FOR_INTERVAL, t_quantile};

/// A difference is known well enough when it is known to this share of itself: nobody needs a 38-fold ratio
/// to within two percent.
const SHARE_OF_DIFFERENCE: f64 = 0.1;

/// How far a block is: one sample in one phase with all of its engines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlockPrecision {
    /// Rounds that the block has had.
    pub rounds: usize,
    /// Rounds that it needs in all; `None` while a ratio has had fewer than [`ROUNDS_FOR_INTERVAL`].
    pub needed: Option<usize>,
    /// How much it counts beside other blocks.
    pub weight: f64,
}

/// Rounds go on until every ratio is as narrow as asked for, or the budget is used up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StoppingRule {
    /// The half width that a ratio's 95% interval should have at most, as a fraction: 0.02 for ±2%.
    pub precision: f64,
    /// The most rounds of one block; never taken as fewer than [`ROUNDS_FOR_INTERVAL`].
    pub round_budget: usize,
}

impl StoppingRule {
    /// The precision of a block after `rounds` rounds, from the ratios that are to become narrow, each by
    /// round. Engines that have no reading here, or that failed, are left out by the caller.
    pub fn block<'a>(
        &self,
        rounds: usize,
        weight: f64,
        ratios: impl IntoIterator<Item = &'a ByRound>,
    ) -> BlockPrecision {
        let most = |most: Option<usize>, ratios: &ByRound| Some(most?.max(self.rounds_needed(ratios)?));
        let needed = ratios.into_iter().fold(Some(ROUNDS_FOR_INTERVAL), most);
        BlockPrecision { rounds, needed, weight }
    }

    /// The rounds after which the interval of a ratio will be as narrow as asked for, from its first
    /// [`ROUNDS_FOR_INTERVAL`]; `None` where it has fewer.
    ///
    /// That is ± `precision`, or a tenth of the difference where that is more.
    pub fn rounds_needed(&self, ratios: &ByRound) -> Option<usize> {
        let logs = ratios.values().filter(|ratio| **ratio > 0.0).map(|ratio| ratio.ln());
        let first: Vec<f64> = logs.take(ROUNDS_FOR_INTERVAL).collect();
        let sample = Moments::of(&first).filter(|_| first.len() == ROUNDS_FOR_INTERVAL)?;
        let half_width = self.precision.ln_1p().max(SHARE_OF_DIFFERENCE * sample.mean.abs());
        let needed = sample.variance * (t_quantile(sample.df as f64, 0.95)? / half_width).powi(2);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
        let needed = needed.ceil() as usize;
        Some(needed.max(ROUNDS_FOR_INTERVAL))
    }

    /// Whether a block needs no further round.
    pub fn enough(&self, precision: &BlockPrecision) -> bool {
        let budget = self.round_budget.max(ROUNDS_FOR_INTERVAL);
        precision.rounds >= precision.needed.unwrap_or(budget).min(budget)
    }

    /// The blocks that need another round, by their places in `precisions`: first those that are still
    /// short of [`ROUNDS_FOR_INTERVAL`], the fewest rounds first, then the widest first, by weight times
    /// the width that their rounds are expected to have, in proportion to the one that is asked for.
    pub fn widest_first(&self, precisions: &[BlockPrecision]) -> Vec<usize> {
        let mut open: Vec<usize> =
            (0..precisions.len()).filter(|&block| !self.enough(&precisions[block])).collect();
        open.sort_by(|&a, &b| {
            let (a, b) = (&precisions[a], &precisions[b]);
            let due = |precision: &BlockPrecision| precision.rounds.min(ROUNDS_FOR_INTERVAL);
            due(a).cmp(&due(b)).then(b.width().total_cmp(&a.width()))
        });
        open
    }
}

impl BlockPrecision {
    /// The expected width in proportion to the one that is asked for, times the weight.
    fn width(&self) -> f64 {
        let needed = self.needed.map_or(f64::INFINITY, |needed| needed as f64);
        self.weight * (needed / self.rounds.max(1) as f64).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: StoppingRule = StoppingRule { precision: 0.02, round_budget: 30 };

    /// `rounds` ratios that go up and down around `ratio`.
    fn ratios(ratio: f64, wobble: f64, rounds: u32) -> ByRound {
        (1..=rounds).map(|round| (round, ratio * (wobble * f64::from(round % 2)).exp())).collect()
    }

    fn precision(rounds: usize, needed: usize, weight: f64) -> BlockPrecision {
        BlockPrecision { rounds, needed: Some(needed), weight }
    }

    #[test]
    fn the_first_ten_rounds_fix_the_number_of_all() {
        // Variance of five 0 and five 0.1: 0.0025 × 10/9; t(0.975, 9) = 2.262157.
        let expected = 0.0025 * 10.0 / 9.0 * (2.262_157 / 1.02f64.ln()).powi(2);
        let needed = |ratios: &ByRound| RULE.rounds_needed(ratios).unwrap() as f64;
        assert!((needed(&ratios(1.0, 0.1, 10)) - expected.ceil()).abs() < 1e-9);
        let mut later = ratios(1.0, 0.1, 10);
        later.extend((11..40).map(|round| (round, 9.0)));
        assert!((needed(&later) - expected.ceil()).abs() < 1e-9);
        assert_eq!(RULE.rounds_needed(&ratios(1.0, 0.001, 10)), Some(10));
        assert_eq!(RULE.rounds_needed(&ratios(1.0, 0.1, 9)), None);
    }

    #[test]
    fn a_large_difference_needs_to_be_known_to_a_tenth_of_itself_only() {
        assert!(RULE.rounds_needed(&ratios(1.0, 0.2, 10)).unwrap() > 30);
        assert_eq!(RULE.rounds_needed(&ratios(38.0, 0.2, 10)), Some(10));
    }

    #[test]
    fn a_block_needs_as_many_rounds_as_its_widest_ratio() {
        let (narrow, wide) = (ratios(1.0, 0.01, 10), ratios(1.0, 0.1, 10));
        assert_eq!(RULE.block(10, 1.0, [&narrow, &wide]).needed, RULE.rounds_needed(&wide));
        assert_eq!(RULE.block(10, 1.0, [&narrow, &ByRound::new()]).needed, None);
        assert_eq!(RULE.block(10, 1.0, []).needed, Some(10));
    }

    #[test]
    fn ten_rounds_come_first_and_the_budget_ends_everything() {
        assert!(!RULE.enough(&precision(9, 10, 1.0)));
        assert!(RULE.enough(&precision(10, 10, 1.0)));
        assert!(!RULE.enough(&precision(29, 40, 1.0)));
        assert!(RULE.enough(&precision(30, 40, 1.0)));
        let small = StoppingRule { round_budget: 3, ..RULE };
        assert!(!small.enough(&precision(9, 10, 1.0)) && small.enough(&precision(10, 40, 1.0)));
    }

    #[test]
    fn blocks_short_of_ten_rounds_come_first_then_the_widest() {
        let mut precisions = [(12, 18), (20, 50), (10, 10), (4, 90), (3, 20)]
            .map(|(rounds, needed)| precision(rounds, needed, 1.0));
        assert_eq!(RULE.widest_first(&precisions), [4, 3, 1, 0]);
        precisions[0].weight = 2.0;
        assert_eq!(RULE.widest_first(&precisions[..3]), [0, 1]);
    }
}
