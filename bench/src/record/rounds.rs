//! `rounds.csv`: the state of the machine during each round.

use crate::machine::MachineUse;
use serde::{Deserialize, Serialize};

/// `rounds.csv`
pub const ROUNDS_FILE: &str = "rounds.csv";

/// The columns of `rounds.csv`.
pub(super) const COLUMNS: [&str; 10] = [
    "round",
    "start_s",
    "wall_s",
    "load",
    "foreign_share",
    "steal_share",
    "cpu_mhz",
    "disturbed",
    "used",
    "machine",
];

/// A line of `rounds.csv`: the state of the machine during one round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoundState {
    /// The round, from 1.
    pub round: u32,
    /// When it began, in seconds after the run did.
    pub start_s: f64,
    /// How long it took, in seconds.
    pub wall_s: f64,
    /// Load average over one minute at its end.
    pub load: Option<f64>,
    /// Processor time that neither this program nor its workers used, as a share of one processor.
    pub foreign_share: Option<f64>,
    /// Time that a hypervisor took away, as a share of all processors.
    pub steal_share: Option<f64>,
    /// The first processor's frequency at its end.
    pub cpu_mhz: Option<f64>,
    /// What disturbed it, or nothing.
    pub disturbed: String,
    /// Whether its readings count; a disturbed round is repeated unless the machine is busy
    /// throughout.
    pub used: bool,
    /// The machine, from 1: the number of the run's part, where the run was merged from several.
    #[serde(default = "first")]
    pub machine: u32,
}

fn first() -> u32 {
    1
}

impl RoundState {
    /// The state of `round`, which began `start_s` seconds after the run, as far as `machine` says.
    pub fn of(round: u32, start_s: f64, machine: MachineUse) -> RoundState {
        RoundState {
            round,
            start_s: (start_s * 1e3).round() / 1e3,
            wall_s: machine.wall_s,
            load: machine.load,
            foreign_share: machine.foreign_share,
            steal_share: machine.steal_share,
            cpu_mhz: machine.cpu_mhz,
            disturbed: machine.disturbed,
            used: true,
            machine: 1,
        }
    }
}
