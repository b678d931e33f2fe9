//! Blocks: one comparison group and one kind of pass with every engine, and the order in which they are measured.

use crate::plan::Plan;
use protocol::Pass;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// A comparison group, by its number, and a kind of pass.
pub type Block = (usize, Pass);

/// An engine and a case, by their numbers in the plan: a cell, and a member of the blocks of its case.
pub type CellKey = (usize, usize);

/// The processes that an engine has at most for the cases of one group. Each case has its own, so that going from
/// one case to the next opens no module; further cases share them.
const PROCESSES: usize = 4;

/// The comparison groups of a plan: the cases of each.
#[derive(Clone, Debug)]
pub struct Groups {
    cases: Vec<Vec<usize>>,
    /// Of each case its group, and its place in it.
    places: Vec<(usize, usize)>,
    engines: usize,
}

impl Groups {
    /// The groups of `plan`.
    pub fn of(plan: &Plan) -> Groups {
        let cases = plan.comparison_groups();
        let mut places = vec![(0, 0); plan.cases.len()];
        for (group, of_group) in cases.iter().enumerate() {
            for (place, case) in of_group.iter().enumerate() {
                places[*case] = (group, place);
            }
        }
        Groups { cases, places, engines: plan.engines.len() }
    }

    /// The cases of a group.
    pub fn cases(&self, group: usize) -> &[usize] {
        &self.cases[group]
    }

    /// The group of a case.
    pub fn group(&self, case: usize) -> usize {
        self.places[case].0
    }

    /// Every engine on every case of a group.
    pub fn members(&self, group: usize) -> Vec<CellKey> {
        let engines = 0..self.engines;
        self.cases[group].iter().flat_map(|case| engines.clone().map(move |engine| (engine, *case))).collect()
    }

    /// The number of the process that measures a cell.
    pub fn process(&self, (engine, case): CellKey) -> usize {
        engine + self.engines * (self.places[case].1 % PROCESSES)
    }

    /// Every block, in a fixed order.
    pub fn blocks(&self) -> Vec<Block> {
        let passes = Pass::COMPILING.into_iter().chain(Pass::RUNNING);
        (0..self.cases.len()).flat_map(|group| passes.clone().map(move |pass| (group, pass))).collect()
    }

    /// The blocks of a round with the passes `wanted`, groups in random order; within a group, compiling passes
    /// before those that need an artifact, each in random order.
    pub fn shuffled_blocks(&self, wanted: &[Pass], rng: &mut ChaCha8Rng) -> Vec<Block> {
        let mut groups: Vec<usize> = (0..self.cases.len()).collect();
        groups.shuffle(rng);
        let mut blocks = Vec::new();
        for group in groups {
            let mut compiling = Pass::COMPILING;
            compiling.shuffle(rng);
            let mut running = Pass::RUNNING;
            running.shuffle(rng);
            let passes = compiling.into_iter().chain(running);
            blocks.extend(passes.filter(|pass| wanted.contains(pass)).map(|pass| (group, pass)));
        }
        blocks
    }
}
