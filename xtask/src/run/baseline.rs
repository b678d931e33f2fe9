//! Baselines: runs that are kept under a name, beside the results, so that a later run can be compared
//! with them whatever becomes of the results.

use crate::host::paths::Paths;
use anyhow::{Context, Result, bail};
use bench::record::RUN_FILE;
use std::path::{Path, PathBuf};

/// Where baselines are kept.
pub fn folder(paths: &Paths) -> PathBuf {
    paths.generated.join("baselines")
}

/// Keeps the files of the run in `folder` as the baseline `name`, in place of the run that has this
/// name. Gives its folder.
///
/// The files are linked where the file system can do that, and take no space a second time: a finished
/// run's files are replaced as a whole and never changed in place.
///
/// # Errors
/// When the files cannot be linked or copied.
pub fn save(name: &str, folder: &Path, paths: &Paths) -> Result<PathBuf> {
    let all = self::folder(paths);
    std::fs::create_dir_all(&all).with_context(|| format!("creating {}", all.display()))?;
    let place = all.join(name);
    let new = tempfile::Builder::new().prefix(".new-").tempdir_in(&all);
    let new = new.with_context(|| format!("creating a folder in {}", all.display()))?;
    for entry in std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let file = entry.with_context(|| format!("reading {}", folder.display()))?;
        if file.file_type().is_ok_and(|kind| kind.is_file()) {
            let copy = new.path().join(file.file_name());
            std::fs::hard_link(file.path(), &copy)
                .or_else(|_| std::fs::copy(file.path(), &copy).map(|_| ()))
                .with_context(|| format!("copying {} to {}", file.path().display(), all.display()))?;
        }
    }
    if place.exists() {
        std::fs::remove_dir_all(&place).with_context(|| format!("replacing {}", place.display()))?;
    }
    std::fs::rename(new.keep(), &place).with_context(|| format!("naming {}", place.display()))?;
    Ok(place)
}

/// The folder of the baseline `name`.
///
/// # Errors
/// When there is none; the message names those that there are.
pub fn find(name: &str, paths: &Paths) -> Result<PathBuf> {
    let place = folder(paths).join(name);
    if place.join(RUN_FILE).exists() {
        return Ok(place);
    }
    let entries = std::fs::read_dir(folder(paths)).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().join(RUN_FILE).exists())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    match names.as_slice() {
        [] => bail!(
            "there is no baseline {name}, and none in {}; `cargo xtask bench --save-baseline {name}` makes one",
            folder(paths).display()
        ),
        names => bail!("there is no baseline {name}; there are {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_outlives_its_run_and_is_replaced_as_a_whole() {
        let generated = tempfile::tempdir().unwrap();
        let paths = Paths { generated: generated.path().to_owned(), ..Paths::default() };
        let run = |text: &str, other: &str| {
            let run = generated.path().join("run");
            std::fs::create_dir_all(run.join("modules")).unwrap();
            std::fs::write(run.join(RUN_FILE), text).unwrap();
            std::fs::write(run.join(other), "").unwrap();
            let saved = save("main", &run, &paths).unwrap();
            std::fs::remove_dir_all(run).unwrap();
            saved
        };
        let saved = run("one", "a.csv");
        assert_eq!(saved, run("two", "b.csv"));
        assert_eq!(std::fs::read_to_string(find("main", &paths).unwrap().join(RUN_FILE)).unwrap(), "two");
        assert!(saved.join("b.csv").exists() && !saved.join("a.csv").exists());
        assert_eq!(std::fs::read_dir(folder(&paths)).unwrap().count(), 1);
        let message = find("other", &paths).unwrap_err().to_string();
        assert_eq!(message, "there is no baseline other; there are main");
    }

    #[test]
    fn without_any_baseline_the_message_says_how_to_make_one() {
        let paths = Paths { generated: "nowhere".into(), ..Paths::default() };
        let message = find("main", &paths).unwrap_err().to_string();
        assert!(message.ends_with("`cargo xtask bench --save-baseline main` makes one"), "{message}");
    }
}
