//! What is looked at besides time: memory and counters.

pub mod callgrind;
pub mod counters;
pub mod memory;
pub mod passes;
