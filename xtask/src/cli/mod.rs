//! The command line: what it takes, how values and names are read, and what an exit status says.

pub mod compare;
pub mod examples;
pub mod exit;
pub mod flags;
mod invoke;
pub mod measure;
pub mod phase_choice;
pub mod select;
pub mod shard;
pub mod values;
