//! The order of measuring: a survey that tries and checks every cell once, then rounds of blocks.

pub mod batch;
pub mod measurement;
pub mod precision;
pub mod rounds;

pub use rounds::*;
