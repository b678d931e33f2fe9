//! What a round is expected to take, from what the survey has shown: the ground on which a run is made to fit
//! its time budget.

use super::{Measurement, batch_ns};
use crate::plan::Effort;
use crate::process::nanoseconds;
use crate::schedule::block::CellKey;
use crate::schedule::division::division;
use protocol::Pass;
use std::time::Duration;

/// What a process for a single pass takes beside it.
const COLD_PROCESS: Duration = Duration::from_millis(15);
/// How much longer a round takes than its readings: in ten-minute runs they were 69 to 77% of the time, and
/// the calibration kernel 3 to 5% (selfcheck's `time-use`).
const AROUND_READINGS: f64 = 1.3;

impl Measurement<'_> {
    /// What a round of everything is expected to take with `effort`, after the survey: its readings, with
    /// the first one of each process and kind, which does not count, and everything around them.
    pub fn round_time(&self, effort: &Effort, counts: impl Fn(usize) -> bool) -> Duration {
        let engines = || (0..self.plan.engines.len()).filter(|engine| counts(*engine));
        let cells =
            || (0..self.plan.cases.len()).flat_map(|case| engines().map(move |engine| (engine, case)));
        let readings_ns: u64 = cells().map(|key| self.cell_ns(effort, key)).sum();
        // Every engine starts as many processes as in the survey, and each of its cold passes one more.
        let counted = engines().count() as f64 / self.plan.engines.len().max(1) as f64;
        let processes_ns = self.pool.times.processes_ns as f64 * counted;
        let around = Duration::from_nanos(readings_ns).mul_f64(AROUND_READINGS);
        around + Duration::from_secs_f64(processes_ns / 1e9)
    }

    /// What a cell's readings of one round take with `effort`.
    fn cell_ns(&self, effort: &Effort, key: CellKey) -> u64 {
        let Some(cell) = self.cells.get(&key) else { return 0 };
        let unit_ns = |pass: Pass| cell.unit_ns.get(&pass).copied();
        let one_compilation = effort.one_compilation && unit_ns(Pass::Jit).is_some();
        let of_pass = |pass: &Pass| -> u64 {
            if self.is_done(key, *pass) || (*pass == Pass::Aot && one_compilation) {
                return 0;
            }
            let process_ns = nanoseconds(COLD_PROCESS);
            match pass {
                Pass::ColdJit => unit_ns(Pass::Jit).map_or(0, |unit_ns| unit_ns + process_ns),
                Pass::ColdRun => unit_ns(Pass::Run).map_or(0, |unit_ns| unit_ns + process_ns),
                _ => unit_ns(*pass).map_or(0, |unit_ns| {
                    let (batches, readings) = division(effort, *pass, unit_ns);
                    u64::from(batches) * batch_ns(unit_ns, readings) + unit_ns
                }),
            }
        };
        effort.passes.iter().map(of_pass).sum()
    }
}
