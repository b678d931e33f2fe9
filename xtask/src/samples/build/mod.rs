//! How the files of the samples are built: what is stale, and how each is made.

pub mod compile;
pub mod cpu;
pub mod generate;
pub mod native_run;
pub mod optimize;
pub mod packages;
pub mod plan;
pub mod store;
pub mod strip;
