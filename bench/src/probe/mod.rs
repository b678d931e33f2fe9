//! The probes: what is measured beside the rounds, which is memory, counters and warm-up series.

pub mod callgrind;
mod counter;
pub mod counters;
pub mod memory;
mod passes;
mod perf;
pub mod warm_up;

pub use passes::ProbeProgress;
