//! How often a case is compiled: for JIT and for AOT, or once for both where a compiler is slow.
//!
//! That is decided for a whole comparison group, since what is compared must be read in the same block: a compilation
//! that serves both is in the block of the JIT passes, and so must be the AOT passes of engines without a JIT.

use super::Measurement;
use crate::plan::Effort;
use crate::schedule::block::{Block, CellKey};
use protocol::Pass;
use std::time::Duration;

impl Measurement<'_> {
    /// Whether the cases of `group` are compiled once for JIT and AOT in `round`: always, or where a JIT pass of the
    /// survey (round 0) was slow.
    fn compiles_once(&self, effort: &Effort, round: u32, group: usize) -> bool {
        let is_asked_for = |pass: Pass| effort.passes.contains(&pass);
        let jit_ns = |key: &CellKey| self.cells.get(key).map_or(0, |cell| cell.surveyed_jit_ns);
        let slowest_ns = || self.groups.members(group).iter().map(jit_ns).max().unwrap_or(0);
        let from = effort.one_compilation_from;
        let is_slow = from.is_zero() || (round > 0 && Duration::from_nanos(slowest_ns()) >= from);
        is_slow && is_asked_for(Pass::Jit) && is_asked_for(Pass::Aot)
    }

    fn offers(&self, (engine, case): CellKey, pass: Pass) -> bool {
        self.plan.cases[case].unsupported(pass, &self.plan.engines[engine]).is_none()
    }

    /// Whether the JIT passes of a cell also save.
    pub(super) fn also_saves(&self, effort: &Effort, round: u32, key: CellKey) -> bool {
        self.compiles_once(effort, round, self.groups.group(key.1))
            && self.offers(key, Pass::Jit)
            && self.offers(key, Pass::Aot)
    }

    /// The pass that a cell makes in the block of `pass`; `None` where another block has made it. The survey tries
    /// everything that is not part of another pass.
    pub(super) fn made_in(&self, effort: &Effort, round: u32, key: CellKey, pass: Pass) -> Option<Pass> {
        let is_either = matches!(pass, Pass::Jit | Pass::Aot);
        if !is_either || !self.compiles_once(effort, round, self.groups.group(key.1)) {
            return Some(pass);
        }
        match pass {
            Pass::Aot if round > 0 || self.also_saves(effort, round, key) => None,
            Pass::Jit if round > 0 && !self.offers(key, Pass::Jit) => Some(Pass::Aot),
            other => Some(other),
        }
    }

    /// The block in which a cell makes its passes of one kind, after the survey.
    pub(super) fn block_of(&self, (_, case): CellKey, pass: Pass) -> Block {
        let (group, _) = self.groups.block(case, pass);
        let is_with_jit = pass == Pass::Aot && self.compiles_once(&self.effort, 1, group);
        (group, if is_with_jit { Pass::Jit } else { pass })
    }

    /// The passes whose readings a block brings, after the survey.
    pub(super) fn passes_read_in(&self, (group, pass): Block) -> impl Iterator<Item = Pass> + use<> {
        let also_aot = pass == Pass::Jit && self.compiles_once(&self.effort, 1, group);
        std::iter::once(pass).chain(also_aot.then_some(Pass::Aot))
    }
}
