//! Blocks: one case and one kind of pass with every engine, and the order in which they are measured.

use crate::plan::Plan;
use protocol::Pass;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// A case, by its number in the plan, and a kind of pass.
pub type Block = (usize, Pass);

/// Every block of `plan`, in a fixed order.
pub fn all_blocks(plan: &Plan) -> Vec<Block> {
    let passes = Pass::COMPILING.into_iter().chain(Pass::RUNNING);
    (0..plan.cases.len()).flat_map(|case| passes.clone().map(move |pass| (case, pass))).collect()
}

/// The blocks of a round with the passes `wanted`, cases in random order; within a case, compiling passes before those that
/// need an artifact, each in random order.
pub fn shuffled_blocks(plan: &Plan, wanted: &[Pass], rng: &mut ChaCha8Rng) -> Vec<Block> {
    let mut cases: Vec<usize> = (0..plan.cases.len()).collect();
    cases.shuffle(rng);
    let mut blocks = Vec::new();
    for case in cases {
        let mut compiling = Pass::COMPILING;
        compiling.shuffle(rng);
        let mut running = Pass::RUNNING;
        running.shuffle(rng);
        let passes = compiling.into_iter().chain(running);
        blocks.extend(passes.filter(|pass| wanted.contains(pass)).map(|pass| (case, pass)));
    }
    blocks
}

/// The engines of `plan` in random order.
pub fn shuffled_engines(plan: &Plan, rng: &mut ChaCha8Rng) -> Vec<usize> {
    let mut engines: Vec<usize> = (0..plan.engines.len()).collect();
    engines.shuffle(rng);
    engines
}
