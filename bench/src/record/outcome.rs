//! How a run ended: what the scheduler hands over when it is done.

use super::time_use::TimeUse;

/// How a run ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunOutcome {
    /// Rounds that were finished and count.
    pub rounds: u32,
    /// Rounds that shared the machine with other work, whether they count or not.
    pub disturbed_rounds: u32,
    /// Disturbed rounds that were repeated and do not count.
    pub repeated_rounds: u32,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// Cells in which at least one reading was taken.
    pub measured_cells: usize,
    /// Cells that should have worked and did not.
    pub failed_cells: usize,
    /// Processor time that stopped workers used, in nanoseconds; must be zero.
    pub stolen_cpu_ns: u64,
    /// Where the time went.
    pub time_use: TimeUse,
}
