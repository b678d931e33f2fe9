//! What engine folders say of themselves: those of `bench/engines`, and those that the user names. No
//! engine is known by name here: adding one is adding a folder.

use super::check;
use super::runtime::Runtime;
use super::versions;
use crate::host::paths::Paths;
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The file that makes a folder an engine folder.
pub const FILE: &str = "engine.toml";

/// Reads the `engine.toml` in `folder`.
///
/// # Errors
/// When it cannot be read or says something that cannot be; the message names it.
pub fn read_folder(folder: &Path) -> Result<Runtime> {
    let file = folder.join(FILE);
    let text = std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    let understanding = || format!("understanding {}", file.display());
    let mut runtime: Runtime = toml::from_str(&text).with_context(understanding)?;
    runtime.name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    runtime.folder = folder.to_owned();
    check::runtime(&runtime).with_context(understanding)?;
    Ok(runtime)
}

/// An engine folder that the user names: `DIR`, or `LABEL=DIR` for engines that are called `NAME@LABEL`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct EngineDir {
    folder: PathBuf,
    label: Option<String>,
}

impl EngineDir {
    /// What `given` names; a folder with `=` in its name is that folder.
    ///
    /// # Errors
    /// When there is no such folder.
    fn of(given: &Path) -> Result<EngineDir> {
        let text = given.to_string_lossy();
        let pair = text.split_once('=').filter(|(label, _)| is_label(label) && !given.exists());
        match pair {
            Some((label, folder)) => {
                Ok(EngineDir { folder: canonical(Path::new(folder))?, label: Some(label.to_owned()) })
            }
            None => Ok(EngineDir { folder: canonical(given)?, label: None }),
        }
    }

    fn read(&self) -> Result<Runtime> {
        let runtime = read_folder(&self.folder)?;
        Ok(match &self.label {
            Some(label) => runtime.labelled(label),
            None => runtime,
        })
    }
}

/// Whether `text` may stand behind the `@` of an engine's name: a version, or a word.
fn is_label(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    !text.is_empty() && text.chars().all(plain)
}

/// Reads every engine folder: those of the checkout and those that `paths` names.
///
/// # Errors
/// When a folder's file cannot be read, or two folders use the same name; the message names them.
pub fn read(paths: &Paths) -> Result<Vec<Runtime>> {
    let engines = paths.engines();
    let mut folders = BTreeSet::new();
    for entry in std::fs::read_dir(&engines).with_context(|| format!("reading {}", engines.display()))? {
        let folder = entry?.path();
        if folder.join(FILE).is_file() {
            folders.insert(EngineDir { folder: canonical(&folder)?, label: None });
        }
    }
    for given in &paths.engine_dirs {
        folders.insert(EngineDir::of(given)?);
    }
    let mut runtimes = folders.iter().map(EngineDir::read).collect::<Result<Vec<_>>>()?;
    versions::add_libraries(&paths.libraries, &mut runtimes)?;
    sorted(runtimes)
}

/// As [`read`], with the engines of `names` that have options or a version, as [`super::normalised`] writes them.
///
/// # Errors
/// As [`read`].
pub fn read_for<'a>(names: impl IntoIterator<Item = &'a str>, paths: &Paths) -> Result<Vec<Runtime>> {
    let mut runtimes = read(paths)?;
    names.into_iter().for_each(|name| super::add(name, &mut runtimes));
    Ok(runtimes)
}

/// Reads only the engine folders that `paths` names.
///
/// # Errors
/// As [`read`].
pub fn read_named(paths: &Paths) -> Result<Vec<Runtime>> {
    let folders: BTreeSet<EngineDir> =
        paths.engine_dirs.iter().map(|given| EngineDir::of(given)).collect::<Result<_>>()?;
    sorted(folders.iter().map(EngineDir::read).collect::<Result<_>>()?)
}

fn canonical(folder: &Path) -> Result<PathBuf> {
    folder.canonicalize().with_context(|| format!("there is no engine folder {}", folder.display()))
}

fn sorted(mut runtimes: Vec<Runtime>) -> Result<Vec<Runtime>> {
    check::names(&runtimes)?;
    runtimes.sort_by_key(|runtime| (runtime.order, runtime.name.clone()));
    Ok(runtimes)
}

/// The names of every configuration, in catalogue order.
pub fn names(runtimes: &[Runtime]) -> Vec<&str> {
    runtimes.iter().flat_map(|runtime| &runtime.configurations).map(|one| one.name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_labelled_folder_has_engines_of_that_build_and_a_folder_with_an_equals_sign_is_a_folder() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("a=b");
        std::fs::create_dir(&folder).unwrap();
        let text = "homepage = ''\n[[configuration]]\nname = 'fast'\nlicence = 'MIT'\n";
        std::fs::write(folder.join(FILE), text).unwrap();
        let read = |given: &Path| EngineDir::of(given).and_then(|one| one.read());
        assert_eq!(read(&folder).unwrap().configurations[0].name, "fast");
        let labelled = read(Path::new(&format!("1.2-rc={}", folder.display()))).unwrap();
        assert_eq!(labelled.configurations[0].name, "fast@1.2-rc");
        assert_eq!(labelled.configurations[0].worker_name(), "fast");
        assert_eq!((labelled.name.as_str(), labelled.plain_name()), ("a=b@1.2-rc", "a=b"));
        assert!(read(Path::new("no label=/nowhere")).unwrap_err().to_string().contains("no label=/nowhere"));
    }
}
