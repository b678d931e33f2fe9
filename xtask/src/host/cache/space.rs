//! Room on the cache folder's disk: asked for before a download, and explained when it runs out
//! in the middle of one.

use anyhow::{Error, Result, bail};
use std::io;
use std::path::Path;

/// How the free bytes of a folder's disk are found; tests put their own in its place.
pub type Available = fn(&Path) -> io::Result<u64>;

/// The bytes that an ordinary user may still write to the disk of `folder`.
pub fn available(folder: &Path) -> io::Result<u64> {
    fs4::available_space(folder)
}

/// Checks that there is room for `needed_bytes` in `folder`.
///
/// # Errors
/// When there is too little. A disk that cannot be asked is taken for large enough.
pub fn require(folder: &Path, what: &str, needed_bytes: u64, available: Available) -> Result<()> {
    match available(folder) {
        Ok(free) if free < needed_bytes => {
            bail!("there is no room for {what}: {}", advice(folder, needed_bytes, Some(free)))
        }
        _ => Ok(()),
    }
}

/// `error`, with advice in front of it where a full disk caused it.
pub fn advise(error: Error, folder: &Path, needed_bytes: u64, available: Available) -> Error {
    if !is_full_disk(&error) {
        return error;
    }
    let free = available(folder).ok();
    error.context(format!("the disk is full: {}", advice(folder, needed_bytes, free)))
}

/// Whether a full disk is behind `error`: by its kind, or, where it comes from another
/// program, by its words.
fn is_full_disk(error: &Error) -> bool {
    let by_kind = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::StorageFull)
    };
    error.chain().any(|cause| by_kind(cause) || cause.to_string().contains("No space left on device"))
}

fn advice(folder: &Path, needed_bytes: u64, free_bytes: Option<u64>) -> String {
    let free = free_bytes.map_or(String::new(), |bytes| format!(", {} MB are free", bytes / 1_000_000));
    format!(
        "the cache folder {} needs {} MB{free}; make room, or name a folder on another disk in WASM_PHASES_CACHE",
        folder.display(),
        needed_bytes.div_ceil(1_000_000),
    )
}
