//! What a wasm-phases worker in Rust needs.
//!
//! A runtime implements [`Engine`]; [`serve`] turns the implementation into a worker. An engine knows
//! nothing of scheduling, statistics or reports. What engines have in common is in [`kit`]. The
//! messages themselves are in `bench/protocol`; `docs/adding-an-engine.md` explains both.

mod artifact;
mod cpu_time;
mod engine;
mod expectation;
mod failure;
pub mod kit;
pub mod marks;
mod probes;
mod serve;
mod session;
mod stdio;
mod stopwatch;
mod unseen;

pub use engine::{Engine, Guest, Instance, repeat, repeat_i64};
pub use probes::phase_boundary;
pub use protocol;
pub use serve::{serve, serve_on};
pub use stdio::Stdio;
