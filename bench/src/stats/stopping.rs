//! When to stop: the rule by which the scheduler gives out rounds, as pure functions, so that
//! simulations go through the very rule that real runs go through.
//!
//! Stopping when an interval is narrow favours samples that happen to look calm, so an interval
//! covers less than it says (Chow and Robbins, "On the asymptotic theory of fixed-width
//! sequential confidence intervals for the mean", 1965, promise coverage in the limit only).
//! Two things repair it: [`ROUNDS_FOR_INTERVAL`] rounds come before the first look, and the
//! intervals discount the few rounds that the search for a moment to stop takes.

use super::compare::Comparison;
use super::interval::ROUNDS_FOR_INTERVAL;

/// How far a block is: one sample in one phase with all of its engines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlockPrecision {
    /// Rounds that the block has had.
    pub rounds: usize,
    /// The half width of its widest ratio interval, as a fraction: 0.02 for ±2%. Infinite while
    /// a ratio has no interval.
    pub widest: f64,
    /// How much its width counts beside that of other blocks.
    pub weight: f64,
}

impl BlockPrecision {
    /// The precision of a block after `rounds` rounds, from the comparisons that are to become
    /// narrow. Engines that have no reading here, or that failed, are left out by the caller:
    /// a `None` stands for a comparison that more rounds will bring.
    pub fn of(
        rounds: usize,
        weight: f64,
        comparisons: impl IntoIterator<Item = Option<Comparison>>,
    ) -> BlockPrecision {
        let half_width = |comparison: Option<Comparison>| match comparison {
            Some(comparison) => comparison.half_width(),
            None => f64::INFINITY,
        };
        let widest = comparisons.into_iter().map(half_width).fold(0.0, f64::max);
        BlockPrecision { rounds, widest, weight }
    }
}

/// Rounds go on until every ratio is narrow or the budget is used up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StoppingRule {
    /// The half width that every ratio interval should have at most, as a fraction.
    pub precision: f64,
    /// The most rounds of one block; never taken as fewer than [`ROUNDS_FOR_INTERVAL`].
    pub round_budget: usize,
}

impl StoppingRule {
    /// Whether a block needs no further round.
    pub fn enough(&self, precision: &BlockPrecision) -> bool {
        let budget = self.round_budget.max(ROUNDS_FOR_INTERVAL);
        let narrow = precision.rounds >= ROUNDS_FOR_INTERVAL && precision.widest <= self.precision;
        narrow || precision.rounds >= budget
    }

    /// The blocks that need another round, by their places in `precisions`: first those that are
    /// still short of [`ROUNDS_FOR_INTERVAL`], the fewest rounds first, then the widest first, by
    /// width times weight.
    pub fn widest_first(&self, precisions: &[BlockPrecision]) -> Vec<usize> {
        let mut open: Vec<usize> =
            (0..precisions.len()).filter(|&block| !self.enough(&precisions[block])).collect();
        open.sort_by(|&a, &b| {
            let (a, b) = (&precisions[a], &precisions[b]);
            let due = |precision: &BlockPrecision| precision.rounds.min(ROUNDS_FOR_INTERVAL);
            let width = |precision: &BlockPrecision| precision.widest * precision.weight;
            due(a).cmp(&due(b)).then(width(b).total_cmp(&width(a)))
        });
        open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: StoppingRule = StoppingRule { precision: 0.02, round_budget: 30 };

    fn comparison(half_width: f64) -> Option<Comparison> {
        let (low, high) = (1.0 / (1.0 + half_width), 1.0 + half_width);
        Some(Comparison { rounds: 10, df: 9, ratio: 1.0, low, high, p: 1.0 })
    }

    #[test]
    fn a_block_is_as_wide_as_its_widest_ratio() {
        let precision = BlockPrecision::of(10, 1.0, [comparison(0.01), comparison(0.03)]);
        assert!((precision.widest - 0.03).abs() < 1e-12);
        assert_eq!(BlockPrecision::of(10, 1.0, [comparison(0.01), None]).widest, f64::INFINITY);
        assert_eq!(BlockPrecision::of(10, 1.0, []).widest, 0.0);
    }

    #[test]
    fn narrow_is_enough_only_after_ten_rounds_and_the_budget_ends_everything() {
        let precision = |rounds, widest| BlockPrecision { rounds, widest, weight: 1.0 };
        assert!(!RULE.enough(&precision(9, 0.0)));
        assert!(RULE.enough(&precision(10, 0.02)));
        assert!(!RULE.enough(&precision(29, 0.021)));
        assert!(RULE.enough(&precision(30, f64::INFINITY)));
        let small = StoppingRule { round_budget: 3, ..RULE };
        assert!(!small.enough(&precision(9, 1.0)) && small.enough(&precision(10, 1.0)));
    }

    #[test]
    fn blocks_short_of_ten_rounds_come_first_then_the_widest() {
        let precisions = [(12, 0.03), (20, 0.05), (10, 0.01), (4, 0.09), (3, 0.02)]
            .map(|(rounds, widest)| BlockPrecision { rounds, widest, weight: 1.0 });
        assert_eq!(RULE.widest_first(&precisions), [4, 3, 1, 0]);
        let heavy = BlockPrecision { weight: 2.0, ..precisions[0] };
        assert_eq!(RULE.widest_first(&[heavy, precisions[1], precisions[2]]), [0, 1]);
    }
}
