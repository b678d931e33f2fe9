//! What has been built and out of what: one stamp for each output, so that an output is made
//! anew when its inputs changed or it is no longer what was built, and else left alone.

use crate::host::hash::{hexadecimal, sha256};
use crate::samples::inspect::survey::Survey;
use anyhow::{Context, Result};
use bench::files::replace_file;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// What is known of one output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stamp {
    /// The key of everything that it was made from.
    inputs: String,
    /// When it was written; with its size this tells whether it is still what was built,
    /// without reading it.
    modified: SystemTime,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// What is in it, where it is a wasm file.
    pub survey: Option<Survey>,
}

/// The outputs of one folder and their stamps. Threads share it; a lock admits one process at a time.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    stamps: Mutex<BTreeMap<PathBuf, Stamp>>,
}

impl Store {
    const FILE: &str = "stamps.json";

    /// The outputs in `folder`. Stamps that cannot be read count as none.
    pub fn open(folder: &Path) -> Store {
        let text = std::fs::read(folder.join(Self::FILE)).unwrap_or_default();
        let stamps = serde_json::from_slice(&text).unwrap_or_default();
        Store { folder: folder.to_owned(), stamps: Mutex::new(stamps) }
    }

    /// Where `output` is.
    pub fn path(&self, output: &Path) -> PathBuf {
        self.folder.join(output)
    }

    /// The stamp of `output` if it is there, unchanged, and made from `inputs`.
    pub fn fresh(&self, output: &Path, inputs: &str) -> Option<Stamp> {
        let metadata = std::fs::metadata(self.path(output)).ok()?;
        let stamp = self.stamps().get(output).cloned()?;
        let same =
            stamp.bytes == metadata.len() && metadata.modified().is_ok_and(|time| time == stamp.modified);
        (same && stamp.inputs == inputs).then_some(stamp)
    }

    /// Makes `output`: `make` writes the file that it is given, which takes its place only
    /// when it is complete.
    ///
    /// # Errors
    /// When `make` fails, or the folder cannot be written.
    pub fn make(
        &self,
        output: &Path,
        inputs: &str,
        make: impl FnOnce(&Path) -> Result<Option<Survey>>,
    ) -> Result<()> {
        let path = self.path(output);
        let unfinished = unfinished(&path);
        let parent = path.parent().unwrap_or(&self.folder);
        std::fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
        let survey = make(&unfinished).inspect_err(|_| {
            // An incomplete file is removed; it may not exist, which is no error.
            let _ = std::fs::remove_file(&unfinished);
        })?;
        std::fs::rename(&unfinished, &path).with_context(|| format!("cannot write {}", path.display()))?;
        self.stamp(output, inputs, survey)
    }

    /// Stamps `output`, which is already in its place.
    ///
    /// # Errors
    /// When it cannot be read, or the stamps cannot be written.
    pub fn stamp(&self, output: &Path, inputs: &str, survey: Option<Survey>) -> Result<()> {
        let path = self.path(output);
        let content = read(&path)?;
        let modified = std::fs::metadata(&path)?.modified()?;
        let (bytes, sha256) = (content.len() as u64, sha256(&content));
        let stamp = Stamp { inputs: inputs.to_owned(), modified, bytes, sha256, survey };
        let mut stamps = self.stamps();
        stamps.insert(output.to_owned(), stamp);
        write(&self.folder.join(Self::FILE), &serde_json::to_vec(&*stamps)?)
    }

    fn stamps(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Stamp>> {
        // Every change of the map is one call, so a thread that panicked left it whole.
        self.stamps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key of several inputs, in their order.
pub fn key<T: AsRef<[u8]>>(inputs: impl IntoIterator<Item = T>) -> String {
    let mut hash = Sha256::new();
    for input in inputs {
        let input = input.as_ref();
        // Lengths keep ("ab", "c") apart from ("a", "bc").
        hash.update(input.len().to_le_bytes());
        hash.update(input);
    }
    hexadecimal(&hash.finalize())
}

/// The key of `files` with their names, as seen from `folder`.
///
/// # Errors
/// When one cannot be read.
pub fn files_key(files: &[PathBuf], folder: &Path) -> Result<String> {
    let mut inputs = Vec::new();
    for file in files {
        let name = file.strip_prefix(folder).unwrap_or(file);
        inputs.push(name.as_os_str().as_encoded_bytes().to_vec());
        inputs.push(read(file)?);
    }
    Ok(key(inputs))
}

/// Reads a file.
///
/// # Errors
/// When it cannot be read; the message names it.
pub fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

/// Replaces `file` as a whole, or not at all; leaves it untouched where nothing changes.
///
/// # Errors
/// When it cannot be written; the message names it.
pub fn write(file: &Path, content: &[u8]) -> Result<()> {
    if std::fs::read(file).is_ok_and(|old| old == content) {
        return Ok(());
    }
    replace_file(file, content).with_context(|| format!("cannot write {}", file.display()))
}

/// The name under which a file is made. Always the same, so that what a killed run leaves is
/// overwritten by the next.
fn unfinished(file: &Path) -> PathBuf {
    file.with_added_extension("unfinished")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(store: &Store, output: &Path, inputs: &str) {
        store.make(output, inputs, |path| Ok(std::fs::write(path, "content").map(|()| None)?)).unwrap();
    }

    #[test]
    fn an_output_stays_fresh_until_its_inputs_change() {
        let folder = tempfile::tempdir().unwrap();
        let output = Path::new("stripped/x.wasm");
        made(&Store::open(folder.path()), output, "inputs");
        let reopened = Store::open(folder.path());
        assert_eq!(reopened.fresh(output, "inputs").unwrap().bytes, 7);
        assert_eq!(reopened.fresh(output, "others"), None);
    }

    #[test]
    fn an_output_that_was_deleted_or_changed_is_not_fresh() {
        let folder = tempfile::tempdir().unwrap();
        let output = Path::new("x.wasm");
        let store = Store::open(folder.path());
        made(&store, output, "inputs");
        std::fs::write(store.path(output), "other content").unwrap();
        assert_eq!(store.fresh(output, "inputs"), None);
        made(&store, output, "inputs");
        let file = std::fs::File::options().write(true).open(store.path(output)).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(store.fresh(output, "inputs"), None);
        made(&store, output, "inputs");
        std::fs::remove_file(store.path(output)).unwrap();
        assert_eq!(store.fresh(output, "inputs"), None);
    }

    #[test]
    fn a_failed_build_leaves_the_previous_output_in_place() {
        let folder = tempfile::tempdir().unwrap();
        let output = Path::new("x.wasm");
        let store = Store::open(folder.path());
        made(&store, output, "inputs");
        store
            .make(output, "others", |path| {
                std::fs::write(path, "half")?;
                anyhow::bail!("no space")
            })
            .unwrap_err();
        assert!(store.fresh(output, "inputs").is_some());
        assert!(!unfinished(&store.path(output)).exists());
    }

    #[test]
    fn stamps_that_cannot_be_read_count_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let output = Path::new("x.wasm");
        made(&Store::open(folder.path()), output, "inputs");
        std::fs::write(folder.path().join(Store::FILE), "{").unwrap();
        assert_eq!(Store::open(folder.path()).fresh(output, "inputs"), None);
    }

    #[test]
    fn a_key_depends_on_every_input_and_on_their_borders() {
        let keys = [key(["ab", "c"]), key(["a", "bc"]), key(["ab", "d"]), key(["ab"])];
        for (index, key) in keys.iter().enumerate() {
            assert!(!keys[index + 1..].contains(key));
        }
    }
}
