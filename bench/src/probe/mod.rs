//! The probes: what is measured beside the rounds, which is memory, counters, warm-up series and empty calls.

pub mod callgrind;
mod counter;
pub mod counters;
pub mod empty_call;
mod fresh;
pub mod idle;
pub mod memory;
mod passes;
mod perf;
pub mod warm_up;

pub use passes::ProbeProgress;
