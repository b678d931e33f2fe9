//! From readings to answers.

pub mod comparisons;
pub mod drift;
pub mod summary;
