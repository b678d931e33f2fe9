//! A run over several machines: what a shard knows of the whole, and what a merged run knows of its parts.

use super::case::CaseFacts;
use super::module::ModuleFacts;
use crate::machine::MachineFacts;
use serde::{Deserialize, Serialize};

/// The share of the cases that a run has, and all that were to be shared out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShardFacts {
    /// Which share, from 1.
    pub number: usize,
    /// How many shares there are.
    pub count: usize,
    /// Every case of all shares, in the order of the tables.
    pub cases: Vec<CaseFacts>,
    /// Every file of all shares, so that shards with different files can be told apart.
    pub modules: Vec<ModuleFacts>,
}

/// A run that a merged run was made from: all that belongs to its machine alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunPart {
    /// The number of its machine in the other files, from 1.
    pub machine: u32,
    /// The name of its folder.
    pub folder: String,
    /// Which share of the cases it was, such as `2/4`, where it was one.
    pub shard: Option<String>,
    /// The command's arguments.
    pub arguments: Vec<String>,
    /// When it began, in UTC.
    pub started_utc: String,
    /// How long it took, in seconds; `None` where it was killed.
    pub duration_s: Option<f64>,
    /// Seed of the random order.
    pub seed: u64,
    /// Rounds that were finished and count.
    pub rounds: u32,
    /// Rounds that shared the machine with other work.
    pub disturbed_rounds: u32,
    /// Disturbed rounds that were repeated; they are not in the merged run.
    pub repeated_rounds: u32,
    /// The machine's level: the median over rounds of the calibration kernel's time, in nanoseconds.
    pub calibration_ns: Option<f64>,
    /// The SHA-256 of the program that measured.
    pub program_sha256: Option<String>,
    /// What the system reported.
    pub facts: MachineFacts,
}
