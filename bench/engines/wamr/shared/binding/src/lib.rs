//! WAMR's C interface as safe types, for the workers of its interpreter, its LLVM JIT and its AOT compiler: each links
//! a build of its own of WAMR's sources, since one build holds one way to run a module.

pub mod api;
pub mod engine;
mod instance;
mod module;

pub use instance::{Function, Instance, Stop};
pub use module::{Bytes, Module, Runtime};

/// The release of the C sources, which come in a crate of another version.
pub const VERSION: &str = "2.4.3";
