//! The machine that a run is made on: its facts, what disturbs it, and its level.

pub mod disturbance;
pub mod facts;
pub mod level;
