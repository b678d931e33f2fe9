//! Modules that the user brings: what they are, how they are called, and the result that is expected of them.

pub mod arguments;
pub mod describe_module;
pub mod differences;
pub mod environment;
pub mod expectation;
pub mod fared;
pub mod input;
pub mod module;
pub mod names;
mod not_wasm;
pub mod reference;
pub mod sections;
pub mod steady;
pub mod stubs;
pub mod subject;
pub mod suite;
pub mod support;
pub mod trial;
pub mod vote;
