//! The survey before the first round: every pass of every cell is tried once, so that results are
//! checked, durations are known, and what cannot be measured is recorded with its reason.

use super::block::Block;
use super::measurement::Measurement;
use super::progress::RunProgress;
use crate::plan::Plan;
use protocol::Pass;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

/// Tries every pass of every cell of `plan`, until `interrupted` becomes true.
///
/// # Errors
/// When records cannot be written.
pub fn survey(
    plan: &Plan,
    measurement: &mut Measurement<'_>,
    interrupted: &AtomicBool,
    progress: &mut impl FnMut(RunProgress<'_>),
) -> io::Result<()> {
    // A cold pass adds nothing to what the others tell; an artifact is made whatever is measured.
    let is_tried = |pass: Pass| !pass.is_cold() && (pass == Pass::Aot || plan.effort.passes.contains(&pass));
    let blocks: Vec<Block> =
        measurement.groups.blocks().into_iter().filter(|(_, pass)| is_tried(*pass)).collect();
    let members = |measurement: &Measurement<'_>, group: usize| measurement.groups.members(group);
    let total = blocks.iter().map(|(group, _)| members(measurement, *group).len() as u64).sum();
    let mut done = 0;
    for (group, pass) in blocks {
        for member in members(measurement, group) {
            progress(RunProgress { round: 0, done, total, doing: &plan.cases[member.1].sample });
            for made in measurement.passes_in(&measurement.effort, 0, member, pass) {
                measurement.take_batch((0, 0), member, made)?;
            }
            done += 1;
            if interrupted.load(Ordering::Relaxed) {
                return Ok(());
            }
        }
    }
    Ok(())
}
