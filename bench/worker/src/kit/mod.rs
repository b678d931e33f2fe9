//! What engines have in common beyond the contract: finding the entry, checking its signature,
//! converting numbers both ways, the call loops, exit codes, and the version in the lock file.
//!
//! A runtime with an ordinary embedding interface implements [`Embedding`] for its instance and gets
//! an [`Instance`](crate::Instance) from [`Ready::find`].

mod embedding;
mod facts;
mod ready;
mod refusal;

pub use embedding::{Bits, Embedding, Slot, Trap};
pub use facts::{all_threads, hello, locked_version};
pub use ready::Ready;
pub use refusal::refusal_or_internal;
