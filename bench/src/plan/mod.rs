//! What is to be measured: engines, cases, and how much effort goes into each.

pub mod case;
pub mod manifest;
pub mod workers_file;

pub use case::*;
