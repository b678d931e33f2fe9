//! How files are written that others may be reading, and what artifacts are made of.

mod artifact_parts;
mod replace;

pub use artifact_parts::{ArtifactParts, artifact_parts};
pub use replace::replace_file;
