//! Modules that the user brings: what they are, how they are called, and the result that is expected of them.

pub mod arguments;
pub mod environment;
pub mod input;
pub mod module;
pub mod names;
pub mod reference;
pub mod trial;
pub mod vote;
