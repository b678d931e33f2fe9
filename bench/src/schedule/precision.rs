//! How precisely the ratios of each block are known while the rounds go on. Which blocks need another
//! round is decided from this, by the rule that the statistics are tested with.

use super::batch::Batch;
use super::block::{Block, CellKey};
use super::division::Moment;
use crate::stats::{self, BlockPrecision, ByCycle, ByRound, StoppingRule};
use protocol::Pass;
use protocol::message::PassReading;
use std::collections::{BTreeMap, BTreeSet};

/// One value a cycle, by round.
type Rounds = BTreeMap<u32, ByCycle>;

/// A member of a block, and the pass that its values are of: a JIT pass can also be an AOT pass.
type SeriesKey = (Pass, CellKey);

/// The values of every member of every block.
#[derive(Debug, Default)]
pub struct PrecisionTracker {
    blocks: BTreeMap<Block, BTreeMap<SeriesKey, Rounds>>,
    /// Blocks in which a member takes [`LONG_NS`] or more.
    long: BTreeSet<Block>,
}

/// Times from this on are long enough for people to notice.
const LONG_NS: f64 = 1e6;
/// How much the width of a block with such times counts beside that of the others.
const LONG_WEIGHT: f64 = 3.0;

impl PrecisionTracker {
    /// Adds the readings of a member in one batch of `pass`, if there are any.
    pub fn note(
        &mut self,
        block: Block,
        (pass, member): SeriesKey,
        moment: Moment,
        batch: &Batch,
        first_is_cold: bool,
    ) {
        let discarded = usize::from(first_is_cold);
        let warm =
            batch.warm.iter().skip(discarded).map(|warm| warm.wall_ns as f64 / warm.calls.max(1) as f64);
        let read = totals(&batch.passes, discarded).chain(warm).collect();
        self.add(block, (pass, member), moment, read);
        self.add(block, (Pass::Aot, member), moment, totals(&batch.saved, discarded).collect());
    }

    fn add(&mut self, block: Block, series: SeriesKey, (round, cycle): Moment, mut read_ns: Vec<f64>) {
        if let Some(median) = stats::median(&mut read_ns) {
            let rounds = self.blocks.entry(block).or_default().entry(series).or_default();
            rounds.entry(round).or_default().insert(cycle, median);
            if median >= LONG_NS {
                self.long.insert(block);
            }
        }
    }

    /// Removes the readings of `round`.
    pub fn forget(&mut self, round: u32) {
        for series in self.blocks.values_mut().flat_map(BTreeMap::values_mut) {
            series.remove(&round);
        }
    }

    /// The blocks that need another round, the widest first (long times weigh more). `gone` tells which
    /// members have dropped out of a pass.
    pub fn open_blocks(&self, rule: &StoppingRule, gone: impl Fn(Pass, CellKey) -> bool) -> Vec<Block> {
        let blocks: Vec<Block> = self.blocks.keys().copied().collect();
        let precision = self.blocks.iter().map(|(block, members)| {
            let weight = if self.long.contains(block) { LONG_WEIGHT } else { 1.0 };
            let alive = members.iter().filter(|((pass, member), _)| !gone(*pass, *member));
            block_precision(rule, &alive.collect::<Vec<_>>(), weight)
        });
        let open = rule.widest_first(&precision.collect::<Vec<_>>());
        open.into_iter().map(|block| blocks[block]).collect()
    }
}

/// The precision of a block with these members, from the ratio of every pair of engines on a case, and of every
/// pair of cases on an engine.
fn block_precision(rule: &StoppingRule, members: &[(&SeriesKey, &Rounds)], weight: f64) -> BlockPrecision {
    let pairs = (1..members.len()).flat_map(|ours| (0..ours).map(move |theirs| (ours, theirs)));
    let ratio = |(ours, theirs): (usize, usize)| {
        let (((our_pass, ours), our_rounds), ((pass, theirs), their_rounds)) =
            (members[ours], members[theirs]);
        let is_read = our_pass == pass && (ours.0 == theirs.0 || ours.1 == theirs.1);
        is_read.then(|| stats::paired_ratios(our_rounds, their_rounds))
    };
    let ratios: Vec<ByRound> = pairs.filter_map(ratio).collect();
    let rounds = members.first().map_or(usize::MAX, |first| first.1.len());
    rule.block(rounds, weight, &ratios)
}

/// The totals of `passes` but the first `discarded`, in nanoseconds.
fn totals(passes: &[PassReading], discarded: usize) -> impl Iterator<Item = f64> {
    let totals = passes.iter().skip(discarded);
    totals.filter_map(|pass| pass.wall_ns.last().map(|(_, wall_ns)| *wall_ns as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Phase;
    use protocol::message::WarmReading;

    const RULE: StoppingRule = StoppingRule { precision: 0.02, round_budget: 40 };

    fn batch(wall_ns: u64) -> Batch {
        let warm = vec![WarmReading { phase: Phase::DCallWarm, calls: 1, wall_ns, cpu_ns: None, drop_ns: 0 }];
        Batch { warm, ..Batch::default() }
    }

    fn filled(noise: u64) -> PrecisionTracker {
        let mut precision = PrecisionTracker::default();
        for round in 1..=10 {
            precision.note((0, Pass::WarmCall), (Pass::WarmCall, (0, 0)), (round, 0), &batch(1_000), false);
            let wobble = if round % 2 == 0 { noise } else { 0 };
            precision.note(
                (0, Pass::WarmCall),
                (Pass::WarmCall, (1, 0)),
                (round, 0),
                &batch(2_000 + wobble),
                false,
            );
        }
        precision
    }

    #[test]
    fn a_block_is_open_while_a_ratio_is_wider_than_the_target() {
        assert_eq!(filled(1_000).open_blocks(&RULE, |_, _| false), [(0, Pass::WarmCall)]);
        assert!(filled(4).open_blocks(&RULE, |_, _| false).is_empty());
    }

    #[test]
    fn long_times_come_before_short_ones_that_are_somewhat_wider() {
        let mut precision = filled(1_000);
        for round in 1..=10 {
            precision.note((1, Pass::Jit), (Pass::Jit, (0, 1)), (round, 0), &batch(2_000_000), false);
            let wobble = if round % 2 == 0 { 500_000 } else { 0 };
            precision.note(
                (1, Pass::Jit),
                (Pass::Jit, (1, 1)),
                (round, 0),
                &batch(2_000_000 + wobble),
                false,
            );
        }
        let open = precision.open_blocks(&RULE, |_, _| false);
        assert_eq!(open, [(1, Pass::Jit), (0, Pass::WarmCall)]);
    }

    #[test]
    fn every_pair_counts_and_not_only_those_with_the_first_engine() {
        let mut precision = PrecisionTracker::default();
        let ns = |engine: usize, round: u32| match (engine, round % 2) {
            // Against the first, which wobbles, the others are half as far off as from each other.
            (1, 0) | (2, 1) => 2_030,
            (1, 1) | (2, 0) => 1_970,
            _ => 2_000,
        };
        for round in 1..=10 {
            for engine in 0..3 {
                precision.note(
                    (0, Pass::WarmCall),
                    (Pass::WarmCall, (engine, 0)),
                    (round, 0),
                    &batch(ns(engine, round)),
                    false,
                );
            }
        }
        // Against the first alone they are narrow enough, and not against each other.
        let rule = StoppingRule { precision: 0.015, ..RULE };
        let open = |gone: usize| precision.open_blocks(&rule, |_, (engine, _)| engine == gone).len();
        assert_eq!((open(9), open(2)), (1, 0));
    }

    #[test]
    fn an_engine_that_dropped_out_keeps_no_block_open() {
        assert!(filled(1_000).open_blocks(&RULE, |_, (engine, _)| engine == 1).is_empty());
    }
}
