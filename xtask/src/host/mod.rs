//! What the pipeline needs of the machine: folders, the cache, Debian packages, progress and Ctrl-C.

pub mod apt;
pub mod cache;
pub mod interrupt;
pub mod paths;
pub mod progress;
