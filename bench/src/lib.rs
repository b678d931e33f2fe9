//! The instrument: it starts workers, asks them for readings in a fair order, and writes the
//! readings down.

pub mod artifact;
mod calibrator;
pub mod callgrind;
pub mod claims;
pub mod counters;
mod crew;
pub mod forecast;
pub mod machine;
pub mod manifest;
pub mod memory;
pub mod plan;
pub mod probe;
pub mod results;
pub mod roster;
pub mod run_file;
pub mod schedule;
mod session;
pub mod spent;
mod standings;
pub mod stats;
pub mod summary;
mod turn;
pub mod watch;
pub mod worker;

pub use calibration::CALIBRATION;
pub use session::verdict;
pub use turn::Turn;
