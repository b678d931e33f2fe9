//! The `bench` crate starts workers, asks them for readings in a fair order, writes the readings
//! down, and computes the results from them.

pub mod analysis;
pub mod files;
pub mod machine;
pub mod plan;
pub mod probe;
pub mod process;
pub mod record;
pub mod schedule;
pub mod stats;
