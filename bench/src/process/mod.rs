//! The coordinator's end of a worker: the process, the typed client that talks to it, and the pool
//! of a round's processes.

pub mod artifact;
mod artifact_parts;
mod client;
pub mod environment;
mod limits;
mod pool;
mod stderr_tail;
mod worker_process;

pub use artifact_parts::{ArtifactParts, artifact_parts};
pub use client::Client;
pub use environment::inherited_by_workers;
pub use pool::{PoolTimes, PooledWorker, ProcessUse, WorkerPool};
pub(crate) use worker_process::nanoseconds;
pub use worker_process::{WorkerError, WorkerProcess};
