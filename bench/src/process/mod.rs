//! The coordinator's end of a worker: the process, the typed client that talks to it, and the pool
//! of a round's processes.

pub mod artifact;
pub mod pool;
pub mod worker_process;
