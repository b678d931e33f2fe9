//! How often a cell is compiled: for JIT and for AOT, or once for both where its compiler is slow.
//!
//! What is compared must be read next to each other. A JIT pass that also saves is in the block of the JIT passes, so
//! where a cell of a comparison group has such passes, the AOT passes of all of its cells are in that block.

use super::Measurement;
use crate::plan::Effort;
use crate::schedule::block::{Block, CellKey};
use protocol::Pass;
use std::time::Duration;

impl Measurement<'_> {
    /// Whether a cell has such passes, as far as was found out.
    fn offers(&self, key: CellKey, pass: Pass) -> bool {
        let (engine, case) = (&self.plan.engines[key.0], &self.plan.cases[key.1]);
        case.unsupported(pass, engine).is_none() && !self.is_done(key, pass)
    }

    /// Whether the JIT passes of a cell also save in `round`: always, or where the survey's (round 0) was slow.
    pub(super) fn also_saves(&self, effort: &Effort, round: u32, key: CellKey) -> bool {
        let jit_ns = self.cells.get(&key).map_or(0, |cell| cell.surveyed_jit_ns);
        let from = effort.one_compilation_from;
        let is_slow = from.is_zero() || (round > 0 && Duration::from_nanos(jit_ns) >= from);
        let both = [Pass::Jit, Pass::Aot];
        is_slow && both.into_iter().all(|pass| effort.passes.contains(&pass) && self.offers(key, pass))
    }

    /// Whether the AOT passes of a group are made in the block of its JIT passes, after the survey.
    fn saves_beside_jit(&self, effort: &Effort, group: usize) -> bool {
        self.groups.members(group).into_iter().any(|key| self.also_saves(effort, 1, key))
    }

    /// The passes that a cell makes in the block of `pass`. The survey tries everything that is not part of another
    /// pass.
    pub fn passes_in(&self, effort: &Effort, round: u32, key: CellKey, pass: Pass) -> Vec<Pass> {
        let is_part = self.also_saves(effort, round, key);
        let is_beside = || round > 0 && self.saves_beside_jit(effort, self.groups.group(key.1));
        match pass {
            Pass::Aot if is_part || is_beside() => Vec::new(),
            Pass::Jit if !is_part && is_beside() => vec![Pass::Jit, Pass::Aot],
            other => vec![other],
        }
    }

    /// The block in which a cell makes its passes of one kind, after the survey.
    pub(super) fn block_of(&self, (_, case): CellKey, pass: Pass) -> Block {
        let group = self.groups.group(case);
        let is_beside = pass == Pass::Aot && self.saves_beside_jit(&self.effort, group);
        (group, if is_beside { Pass::Jit } else { pass })
    }

    /// The passes whose readings a block brings, after the survey.
    pub(super) fn passes_read_in(&self, (group, pass): Block) -> impl Iterator<Item = Pass> + use<> {
        let also_aot = pass == Pass::Jit && self.saves_beside_jit(&self.effort, group);
        std::iter::once(pass).chain(also_aot.then_some(Pass::Aot))
    }
}
