//! Files below a folder: listed in one order on every machine, hashed under names that do not depend on
//! where the folder lies, and copied.

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// A file, and the name under which a key knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// Its name in the key.
    pub name: PathBuf,
    /// Where it is.
    pub path: PathBuf,
}

impl Named {
    /// The file `name` of `folder`.
    pub fn in_folder(folder: &Path, name: impl AsRef<Path>) -> Named {
        Named { name: name.as_ref().to_owned(), path: folder.join(name) }
    }
}

/// The files below `folder`, sorted, without build output and what git keeps.
///
/// # Errors
/// When a folder cannot be read.
pub fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let is_source = |entry: &DirEntry| {
        entry.depth() == 0
            || !entry.file_type().is_dir()
            || (entry.file_name() != "target" && entry.file_name() != ".git")
    };
    let entries = WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter();
    let mut files = Vec::new();
    for entry in entries.filter_entry(is_source) {
        let entry = entry.with_context(|| format!("reading {}", folder.display()))?;
        if !entry.file_type().is_dir() {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

/// As [`sources`], named as if `folder` were called `name`.
///
/// # Errors
/// As [`sources`].
pub fn named_sources(folder: &Path, name: impl AsRef<Path>) -> Result<Vec<Named>> {
    let named = |path: PathBuf| {
        let inside = path.strip_prefix(folder).unwrap_or(&path);
        Named { name: name.as_ref().join(inside), path }
    };
    Ok(sources(folder)?.into_iter().map(named).collect())
}

/// Adds the names and contents of `files` to `hash`.
///
/// # Errors
/// When a file cannot be read.
pub fn hash<'a>(files: impl IntoIterator<Item = &'a Named>, hash: &mut Sha256) -> Result<()> {
    for file in files {
        let content = fs::read(&file.path).with_context(|| format!("reading {}", file.path.display()))?;
        hash.update(file.name.as_os_str().as_encoded_bytes());
        hash.update((content.len() as u64).to_le_bytes());
        hash.update(&content);
    }
    Ok(())
}

/// Copies what is in the folder `from` to the folder `to`, which is made.
///
/// # Errors
/// When something cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in WalkDir::new(from).follow_links(true) {
        let entry = entry.with_context(|| format!("reading {}", from.display()))?;
        let inside = entry.path().strip_prefix(from).unwrap_or(entry.path());
        let target = to.join(inside);
        let doing = || format!("writing {}", target.display());
        if entry.file_type().is_dir() {
            fs::create_dir_all(&target).with_context(doing)?;
        } else {
            fs::copy(entry.path(), &target).with_context(doing)?;
        }
    }
    Ok(())
}

/// Writes `bytes` to `file`, and gives the file.
///
/// # Errors
/// When it cannot be written.
pub fn written(file: &Path, bytes: &[u8]) -> Result<PathBuf> {
    fs::write(file, bytes).with_context(|| format!("writing {}", file.display()))?;
    Ok(file.to_owned())
}

/// Makes `folder`, and gives it.
///
/// # Errors
/// When it cannot be made.
pub fn made(folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    Ok(folder.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(folder: &Path) -> Vec<u8> {
        let mut hasher = Sha256::new();
        hash(&named_sources(folder, "engine").unwrap(), &mut hasher).unwrap();
        hasher.finalize().to_vec()
    }

    #[test]
    fn a_key_depends_on_contents_and_not_on_where_the_folder_lies() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir_all(one.path().join("src")).unwrap();
        fs::create_dir_all(one.path().join("target/release")).unwrap();
        fs::write(one.path().join("src/main.rs"), "fn main() {}").unwrap();
        copy(one.path(), other.path()).unwrap();
        fs::write(other.path().join("target/release/worker"), "built").unwrap();
        assert_eq!(key(one.path()), key(other.path()));
        fs::write(other.path().join("src/main.rs"), "fn main() { }").unwrap();
        assert_ne!(key(one.path()), key(other.path()));
    }
}
