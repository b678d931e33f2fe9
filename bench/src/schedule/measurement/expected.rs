//! What a round is expected to take, from what the survey has shown: the ground on which a run is made to fit
//! its time budget.

use super::Measurement;
use crate::plan::Effort;
use crate::process::nanoseconds;
use crate::schedule::batch::{WAKING_MATTERS, batch_ns};
use crate::schedule::block::CellKey;
use crate::schedule::division::division;
use protocol::Pass;
use std::time::Duration;

/// What a process for a single pass takes beside it.
const COLD_PROCESS: Duration = Duration::from_millis(15);
/// How much longer a round takes than its short readings, without the calibration kernel: in ten-minute runs they were
/// 69 to 77% of the time (selfcheck's `time-use`).
const AROUND_READINGS: f64 = 1.25;
/// Readings of the calibration kernel that tell what one takes.
const LEVEL_READINGS: u32 = 5;
/// The same of readings of 20 ms and more, of which there are few.
const AROUND_LONG_READINGS: f64 = 1.05;

impl Measurement<'_> {
    /// What a round of everything is expected to take with `effort`, after the survey: its readings, with
    /// the first one of each process and kind, which does not count, and everything around them.
    pub fn round_time(&self, effort: &Effort, counts: impl Fn(usize) -> bool) -> Duration {
        let engines = || (0..self.plan.engines.len()).filter(|engine| counts(*engine));
        let cells =
            || (0..self.plan.cases.len()).flat_map(|case| engines().map(move |engine| (engine, case)));
        let readings_ns: f64 = cells().map(|key| self.cell_ns(effort, key)).sum();
        // Every engine starts as many processes as in the survey, and each of its cold passes one more.
        let counted = engines().count() as f64 / self.plan.engines.len().max(1) as f64;
        let processes_ns = self.pool.times.processes_ns as f64 * counted;
        Duration::from_secs_f64((readings_ns + processes_ns + self.calibration_ns(effort)) / 1e9)
    }

    /// Reads the calibration kernel a few times, so that its part of a round can be expected.
    pub fn learn_what_calibration_takes(&mut self) {
        for _ in 0..LEVEL_READINGS {
            self.level.level_ns();
        }
    }

    /// What the calibration kernel takes in a round with `effort`, in nanoseconds: one reading in each cycle.
    fn calibration_ns(&self, effort: &Effort) -> f64 {
        let cycles = |group: usize, pass: Pass| {
            let batches = |key: CellKey| {
                let made = self
                    .passes_in(effort, 1, key, pass)
                    .into_iter()
                    .filter(move |one| !self.is_done(key, *one));
                let unit_ns = move |pass: Pass| self.cells.get(&key)?.unit_ns.get(&tried_as(pass)).copied();
                made.filter_map(move |pass| Some(division(effort, pass, unit_ns(pass)?).0))
            };
            self.groups.members(group).into_iter().flat_map(batches).max().unwrap_or(0)
        };
        let blocks = self.groups.blocks().into_iter().filter(|(_, pass)| effort.passes.contains(pass));
        let readings: u32 = blocks.map(|(group, pass)| cycles(group, pass)).sum();
        f64::from(readings) * self.level.usual_ns() as f64
    }

    /// What a cell's readings of one round take with `effort`, and what is around them, in nanoseconds.
    fn cell_ns(&self, effort: &Effort, key: CellKey) -> f64 {
        let Some(cell) = self.cells.get(&key) else { return 0.0 };
        let of_pass = |pass: Pass| -> f64 {
            let Some(&unit_ns) = cell.unit_ns.get(&tried_as(pass)) else { return 0.0 };
            let readings_ns = if pass.is_cold() {
                unit_ns + nanoseconds(COLD_PROCESS)
            } else {
                let (batches, readings) = division(effort, pass, unit_ns);
                u64::from(batches) * batch_ns(unit_ns, readings) + unit_ns
            };
            let is_long = Duration::from_nanos(unit_ns) >= WAKING_MATTERS;
            readings_ns as f64 * if is_long { AROUND_LONG_READINGS } else { AROUND_READINGS }
        };
        let made = effort.passes.iter().flat_map(|block| self.passes_in(effort, 1, key, *block));
        made.filter(|pass| !self.is_done(key, *pass)).map(of_pass).sum()
    }
}

/// The pass of the survey that tells what `pass` takes.
fn tried_as(pass: Pass) -> Pass {
    match pass {
        Pass::ColdJit => Pass::Jit,
        Pass::ColdRun => Pass::Run,
        other => other,
    }
}
