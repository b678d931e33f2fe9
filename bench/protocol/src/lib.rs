//! The contract between the coordinator and a worker: messages, phases and passes.
//!
//! A worker is a program that measures one engine. It is started with the engine's name as its last
//! argument, reads one JSON request a line from standard input and writes one JSON reply a line to
//! standard output. This crate depends on serde alone; a worker in any language can be written from
//! `docs/adding-an-engine.md`, and one in Rust starts from `bench/worker`.
//!
//! ```text
//! coordinator ── one JSON request a line ──▶ standard input of the worker
//! coordinator ◀── one JSON reply a line ─── standard output of the worker
//! ```

mod entry;
mod error;
pub mod marks;
pub mod message;
mod named_enum;
mod phase;

pub use entry::{Entry, INITIALIZE, NumberType, Outcome, SetupCall, Signature, Value};
pub use error::{Error, ErrorKind, Result};
pub use message::{Ability, Artifact, Capabilities, Difference, Hello, MarksUse, Probe};
pub use phase::{Pass, Phase};

/// The most that a guest may write to a file or to its standard output, in bytes. Writing more fails
/// with EFBIG. The coordinator sets the limit on the process while a guest may run.
pub const OUTPUT_LIMIT_BYTES: u64 = 64 << 20;

/// The module name of WASI preview 1's imports.
pub const WASI_PREVIEW_1: &str = "wasi_snapshot_preview1";

/// The module name of the imports of what became preview 1.
pub const WASI_UNSTABLE: &str = "wasi_unstable";
