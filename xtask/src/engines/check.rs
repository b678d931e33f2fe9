//! What an `engine.toml` must keep to beyond its shape, and names that must be unique.

use super::engine_version::{PinnedVersion, Versions, is_version};
use super::needs::{Need, is_checksum, stays_inside};
use super::runtime::{InputName, Runtime};
use crate::host::files::Named;
use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeMap;
use std::path::Path;

/// The group of everything, which no `engine.toml` names.
pub const ALL: &str = "all";

/// Checks one runtime by itself.
///
/// # Errors
/// When it says something that cannot be.
pub fn runtime(runtime: &Runtime) -> Result<()> {
    ensure!(!runtime.configurations.is_empty(), "there is no `[[configuration]]`");
    let usual = runtime.configurations.iter().filter(|one| one.usual).count();
    ensure!(usual <= 1, "{usual} configurations are `usual`; the runtime's name stands for one");
    for configuration in &runtime.configurations {
        let name = &configuration.name;
        ensure!(is_name(name), "`{name}` is no name: lower case, digits and hyphens");
        for group in &configuration.groups {
            ensure!(is_name(group) && group != ALL, "`{group}` cannot be the name of a group");
        }
        for need in &configuration.needs {
            let known = |one: &Need| one.name == *need;
            ensure!(
                runtime.needs.iter().any(known),
                "{name} needs `{need}`, and no `[[needs]]` has that name"
            );
        }
        let runs_wasm = configuration.input == InputName::Wasm;
        ensure!(!(configuration.baseline && runs_wasm), "{name} is a `baseline` and runs no native code");
    }
    options(runtime)?;
    runtime.versions.iter().try_for_each(|one| versions(one, runtime))?;
    let takes_libraries =
        runtime.any_library.is_some() || runtime.needs.iter().any(|need| need.library.is_some());
    ensure!(!takes_libraries || runtime.library_variable.is_some(), "a library needs `library-variable`");
    command(runtime)
}

fn options(runtime: &Runtime) -> Result<()> {
    for option in &runtime.options {
        let name = &option.name;
        ensure!(is_name(name), "`{name}` is no name of an option: lower case, digits and hyphens");
        ensure!(option.values.iter().all(|value| is_name(value)), "a value of `{name}` is no plain word");
        ensure!(option.values.contains(&option.default), "the default of `{name}` is none of its values");
        for only in &option.only {
            let known = runtime.configurations.iter().any(|one| one.name == *only);
            ensure!(known, "the option `{name}` is for `{only}`, which is no configuration here");
        }
        if let Some(threads) = &option.compile_threads {
            let known = [&threads.one, &threads.all].into_iter().all(|value| option.values.contains(value));
            ensure!(known, "`compile-threads` of `{name}` names a value that it does not have");
        }
    }
    Ok(())
}

/// Checks what an `engine.toml` says of the `versions` of `runtime`.
///
/// # Errors
/// When there is no such configuration, or a checksum is none.
fn versions(versions: &Versions, runtime: &Runtime) -> Result<()> {
    let like = runtime.configurations.iter().find(|one| one.name == versions.like);
    let like = like.with_context(|| {
        format!("`{}@VERSION` is as `{}`, which is no configuration here", versions.name, versions.like)
    })?;
    ensure!(
        runtime.needs.iter().any(|need| Some(&need.name) == like.needs.first() && need.library.is_some()),
        "the first need of `{}` has no `library`",
        versions.like
    );
    let is_whole = |one: &PinnedVersion| is_version(&one.version) && is_checksum(&one.sha256);
    ensure!(
        versions.pinned.iter().all(is_whole),
        "a pinned version of `{}` is no version and SHA-256",
        versions.name
    );
    Ok(())
}

fn command(runtime: &Runtime) -> Result<()> {
    if runtime.is_built_by_cargo() {
        return ensure_no_files(runtime);
    }
    ensure!(!runtime.files.is_empty(), "`command` needs `files`: those that decide about the worker");
    for file in &runtime.files {
        let path = runtime.folder.join(file);
        ensure!(stays_inside(file), "the file {} is not in the folder", file.display());
        ensure!(path.is_file(), "there is no file {}", path.display());
    }
    if let Some(shared) = &runtime.shared_files {
        let folder = runtime.folder.join(shared);
        ensure!(folder.is_dir(), "there is no folder {} of `shared-files`", folder.display());
        let own = runtime.worker_files()?;
        let twice = |one: &Named| own.iter().filter(|other| other.name == one.name).count() > 1;
        if let Some(file) = own.iter().find(|one| twice(one)) {
            bail!("{} is in `files` and in `shared-files`", file.name.display());
        }
    }
    for word in &runtime.command {
        let is_file = stays_inside(Path::new(word)) && runtime.folder.join(word).is_file();
        let listed = runtime.files.iter().any(|file| file == Path::new(word));
        ensure!(listed || !is_file, "`command` names the file {word}, which is not in `files`");
    }
    Ok(())
}

fn ensure_no_files(runtime: &Runtime) -> Result<()> {
    ensure!(runtime.files.is_empty(), "`files` belongs to a `command`; cargo knows a crate's files");
    Ok(())
}

/// Whether `name` may be the name of an engine or a group.
pub fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !name.is_empty() && name.bytes().all(allowed)
}

/// Checks that every name stands for one thing.
///
/// # Errors
/// When it does not; the message names both folders.
pub fn names(runtimes: &[Runtime]) -> Result<()> {
    let mut of_name: BTreeMap<&str, &Runtime> = BTreeMap::new();
    for runtime in runtimes {
        let configurations = runtime.configurations.iter().map(|one| one.name.as_str());
        let mut own: Vec<&str> = configurations.collect();
        own.sort_unstable();
        if let Some(twice) = own.windows(2).find(|pair| pair[0] == pair[1]) {
            bail!("{} has two configurations {}", runtime.folder.display(), twice[0]);
        }
        for name in own.into_iter().filter(|name| *name != runtime.name).chain([runtime.name.as_str()]) {
            if let Some(other) = of_name.insert(name, runtime) {
                let (one, two) = (other.folder.display(), runtime.folder.display());
                bail!(
                    "both {one} and {two} have an engine named `{name}`; rename one, or give \
                       one a label: --engine-dir LABEL=DIR"
                );
            }
        }
    }
    shared_needs(runtimes)
}

/// Debian packages are kept under the need's name, so one name stands for the same packages everywhere.
fn shared_needs(runtimes: &[Runtime]) -> Result<()> {
    let mut of_name: BTreeMap<&str, (&Runtime, &Need)> = BTreeMap::new();
    for (runtime, need) in runtimes.iter().flat_map(|one| one.needs.iter().map(move |need| (one, need))) {
        match of_name.insert(&need.name, (runtime, need)) {
            Some((other, known)) if known.source != need.source => {
                let (one, two) = (other.folder.display(), runtime.folder.display());
                Err(anyhow::anyhow!("both {one} and {two} have a need named `{}`", need.name))
                    .context("needs of one name must be the same")?;
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engines::read_folder;

    fn read(folder: &Path, name: &str, text: &str) -> Result<Runtime> {
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("engine.toml"), format!("homepage = ''\n{text}")).unwrap();
        read_folder(&folder)
    }

    fn configuration(name: &str, more: &str) -> String {
        format!("[[configuration]]\nname = '{name}'\nlicence = 'MIT'\n{more}\n")
    }

    #[test]
    fn a_name_that_two_folders_use_names_both() {
        let folder = tempfile::tempdir().unwrap();
        let one = read(folder.path(), "one", &configuration("fast", "")).unwrap();
        let two = read(folder.path(), "two", &configuration("fast", "")).unwrap();
        let error = names(&[one.clone(), two]).unwrap_err().to_string();
        assert!(error.contains("/one and ") && error.contains("/two have an engine named `fast`"), "{error}");
        let other = read(folder.path(), "fast", &configuration("slow", "")).unwrap();
        assert!(names(&[one.clone(), other]).is_err(), "a runtime's name is a name, too");
        let same = read(folder.path(), "same", &configuration("same", "")).unwrap();
        names(&[one, same]).unwrap();
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_file_and_the_reason() {
        let wrong = [
            (configuration("Fast", ""), "`Fast` is no name"),
            (configuration("fast", "needs = ['llvm-3']"), "no `[[needs]]` has that name"),
            (configuration("fast", "groups = ['all']"), "`all` cannot be the name of a group"),
            (configuration("fast", "baseline = true"), "runs no native code"),
            (format!("command = ['sh', 'a']\n{}", configuration("fast", "")), "`command` needs `files`"),
            (format!("files = ['a']\n{}", configuration("fast", "")), "`files` belongs to a `command`"),
            (
                format!("command = ['sh', 'a']\nfiles = ['b']\n{}", configuration("fast", "")),
                "there is no file",
            ),
            (
                format!("command = ['engine.toml', 'a']\nfiles = ['a']\n{}", configuration("fast", "")),
                "names the file engine.toml, which is not in `files`",
            ),
        ];
        for (text, reason) in wrong {
            let folder = tempfile::tempdir().unwrap();
            if text.contains("engine.toml") {
                std::fs::create_dir_all(folder.path().join("one")).unwrap();
                std::fs::write(folder.path().join("one/a"), "").unwrap();
            }
            let error = format!("{:#}", read(folder.path(), "one", &text).unwrap_err());
            assert!(error.contains("/one/engine.toml") && error.contains(reason), "{error}");
        }
    }
}
