//! What a worker says of an artifact.

use protocol::message::Artifact;
use std::io;
use std::path::Path;

/// The artifact that has just been written to `path`, without a copy of the module in it.
///
/// # Errors
/// When the file is not there.
pub(crate) fn written(path: &Path) -> io::Result<Artifact> {
    let bytes = std::fs::metadata(path)?.len();
    Ok(Artifact { path: path.to_owned(), bytes, module_bytes: 0 })
}
