//! The probes: what is measured besides time, which is memory and counters. Nothing is timed here.

pub mod callgrind;
mod counter;
pub mod counters;
pub mod memory;
mod passes;
mod perf;

pub use passes::ProbeProgress;
