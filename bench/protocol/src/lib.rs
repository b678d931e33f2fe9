//! What a worker needs and nothing more.
//!
//! A worker is a process that measures one engine configuration. This crate names the
//! [phases](Phase), defines the [`Engine`] trait that a runtime implements, the
//! [messages](message) that the instrument and a worker exchange, and [`serve`], which turns
//! an implementation into a worker. An engine knows nothing of scheduling, statistics or
//! reports, and the instrument knows nothing of any engine but these messages.
//!
//! ```text
//! instrument ── one JSON request a line ──▶ worker's stdin
//! instrument ◀── one JSON reply a line ─── worker's stdout
//! ```

mod clock;
mod engine;
pub mod message;
mod observe;
mod opened;
mod phase;
pub mod region;
mod serve;
mod stdio;

pub use engine::{
    Engine, Entry, Error, ErrorKind, Guest, Instance, Outcome, Result, Value, repeat, repeat_i64,
};
pub use message::{Ability, Capabilities, Hello, RegionUse};
pub use observe::phase_boundary;
pub use phase::{Pass, Phase};
pub use serve::{serve, serve_on};
pub use stdio::{OUTPUT_LIMIT_BYTES, Stdio};
