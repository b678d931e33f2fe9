//! The mark of a complete entry: what it holds, and how many files and bytes it must have, so
//! that an entry which lost some is noticed without hashing hundreds of megabytes.

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use walkdir::WalkDir;

/// What an entry holds: names and versions, with the SHA-256 of what was downloaded.
pub type Holds = BTreeMap<String, String>;

/// The marker's file in the entry's folder.
const FILE: &str = ".wasm-phases.json";

/// What the marker says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Marker {
    /// What the entry holds.
    pub holds: Holds,
    /// Files and symbolic links in it, without the marker.
    files: u64,
    /// Bytes of its files.
    bytes: u64,
}

impl Marker {
    /// The marker for what is in `folder`.
    pub fn of(folder: &Path, holds: Holds) -> Result<Marker> {
        let (files, bytes) = count(folder).with_context(|| format!("reading {}", folder.display()))?;
        Ok(Marker { holds, files, bytes })
    }

    /// Writes the marker into `folder`; the last step before the entry is shown to others.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(FILE);
        fs::write(&path, serde_json::to_vec_pretty(self)?)
            .with_context(|| format!("writing {}", path.display()))
    }
}

/// The marker of the entry in `folder`, where the entry is what the marker says.
///
/// # Errors
/// When there is no marker, or when files or bytes are missing or too many.
pub fn check(folder: &Path) -> Result<Marker> {
    let text = fs::read(folder.join(FILE)).context("it was not finished")?;
    let marker: Marker = serde_json::from_slice(&text).context("its marker is damaged")?;
    let (files, bytes) = count(folder)?;
    ensure!(
        (files, bytes) == (marker.files, marker.bytes),
        "it has {files} files and {bytes} bytes instead of {} and {}",
        marker.files,
        marker.bytes
    );
    Ok(marker)
}

/// The bytes of the files below `folder`.
///
/// # Errors
/// When a folder cannot be read.
pub fn size_of(folder: &Path) -> io::Result<u64> {
    count(folder).map(|(_, bytes)| bytes)
}

fn count(folder: &Path) -> io::Result<(u64, u64)> {
    let (mut files, mut bytes) = (0, 0);
    for entry in WalkDir::new(folder) {
        let Some(entry) = there(entry)? else { continue };
        if !entry.file_type().is_dir() && entry.file_name() != FILE {
            files += 1;
            let metadata = if entry.file_type().is_file() { there(entry.metadata())? } else { None };
            bytes += metadata.map_or(0, |metadata| metadata.len());
        }
    }
    Ok((files, bytes))
}

/// `None` for what another program has removed meanwhile.
fn there<T>(found: walkdir::Result<T>) -> io::Result<Option<T>> {
    match found.map_err(io::Error::from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        found => found.map(Some),
    }
}
