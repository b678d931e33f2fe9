//! Engines of shared libraries: any version of a runtime as `NAME@VERSION`, fetched from a registry without a build,
//! and a library that a person names.

use super::engine_version::{Versions, is_version};
use super::runtime::{Configuration, LABEL, OPTION, Runtime};
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};

/// The version that `name` asks for, the runtime that has it, and what that says of its versions.
fn of<'a, 'b>(name: &'b str, runtimes: &'a [Runtime]) -> Option<(&'b str, usize, &'a Versions)> {
    let (wanted, version) = name.split_once(LABEL)?;
    runtimes.iter().enumerate().find_map(|(place, runtime)| {
        let versions = runtime.versions.iter().find(|versions| versions.name == wanted)?;
        Some((version, place, versions))
    })
}

/// Checks the version in `name`, where it is `NAME@VERSION` of a runtime that has versions.
///
/// # Errors
/// With a reason.
pub fn check(name: &str, runtimes: &[Runtime]) -> Result<(), String> {
    let is_engine = |runtime: &Runtime| runtime.configurations.iter().any(|one| one.name == name);
    match of(name, runtimes) {
        Some((version, _, versions)) if !is_version(version) && !runtimes.iter().any(is_engine) => {
            let pinned: Vec<&str> = versions.pinned.iter().map(|one| one.version.as_str()).collect();
            Err(format!("`{version}` is no version, such as {}", pinned.join(" or ")))
        }
        _ => Ok(()),
    }
}

/// Adds the engine `name`, which is `NAME@VERSION`, behind those of the runtime that has it, unless it is there.
pub fn add(name: &str, runtimes: &mut [Runtime]) {
    let name = name.split(OPTION).next().unwrap_or(name);
    if runtimes.iter().any(|runtime| runtime.configurations.iter().any(|one| one.name == name)) {
        return;
    }
    let Some((version, place, versions)) = of(name, runtimes).filter(|(version, ..)| is_version(version))
    else {
        return;
    };
    let runtime = &runtimes[place];
    let Some(like) = runtime.configurations.iter().find(|one| one.name == versions.like) else { return };
    let Some(need) = runtime.needs.iter().find(|need| Some(&need.name) == like.needs.first()) else { return };
    let need = versions.need(version, need);
    let engine = Configuration {
        name: name.to_owned(),
        groups: Vec::new(),
        usual: false,
        control: false,
        is_other_release: true,
        needs: [need.name.clone()].into_iter().chain(like.needs.iter().skip(1).cloned()).collect(),
        ..like.clone()
    };
    let runtime = &mut runtimes[place];
    if runtime.needs.iter().all(|known| known.name != need.name) {
        runtime.needs.push(need);
    }
    runtime.configurations.push(engine);
}

/// Adds the libraries that a person names, `FILE` or `FILE=NAME`, to the runtime whose worker can be told one.
///
/// # Errors
/// When there is no such file or no such runtime, or a name is none.
pub fn add_libraries(given: &[PathBuf], runtimes: &mut [Runtime]) -> Result<()> {
    for given in given {
        let (file, name) = library(given);
        let doing = || format!("the library {}", file.display());
        ensure!(file.is_file(), "there is no library {}", file.display());
        ensure!(
            super::check::is_name(&name),
            "{}: `{name}` is no name: lower case, digits and hyphens",
            doing()
        );
        let taking = runtimes.iter_mut().find_map(|one| one.any_library.clone().map(|any| (one, any)));
        let (runtime, any) = taking.with_context(|| format!("{}: no engine takes libraries", doing()))?;
        runtime.configurations.push(Configuration {
            name,
            worker: Some(any.worker.clone()),
            is_other_release: true,
            library: Some(std::path::absolute(&file).with_context(doing)?),
            licence: any.licence.clone(),
            lazy: any.lazy,
            ..Configuration::default()
        });
    }
    Ok(())
}

/// The names of the engines that [`add_libraries`] makes of `given`.
pub fn library_names(given: &[PathBuf]) -> Vec<String> {
    given.iter().map(|given| library(given).1).collect()
}

/// The file that `given` names, and the engine's name: the one that is given, or the file's with `c-api-` before it.
fn library(given: &Path) -> (PathBuf, String) {
    let text = given.to_string_lossy();
    match text.rsplit_once('=').filter(|_| !given.exists()) {
        Some((file, name)) => (PathBuf::from(file), name.to_owned()),
        None => {
            let stem = given.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
            let stem =
                stem.split('.').next().unwrap_or_default().trim_start_matches('_').trim_start_matches("lib");
            (given.to_owned(), format!("c-api-{}", stem.replace('_', "-")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engines::read_folder;

    fn runtimes() -> Vec<Runtime> {
        let checksum = "ab".repeat(32);
        let text = format!(
            "homepage = ''\nlibrary-variable = 'LIBRARY'\n\
             [any-library]\nworker = 'any'\nlicence = 'its own'\nlazy = true\n\
             [[configuration]]\nname = 'one'\nworker = 'any'\nlicence = 'MIT'\ngroups = ['jit']\nneeds = ['one-3']\n\
             [[versions]]\nname = 'one'\nas = 'one'\n\
             pinned = [{{ version = '2.0.9', sha256 = '{checksum}' }}, {{ version = '2.1.0', sha256 = '{checksum}' }}]\n\
             [[needs]]\nname = 'one-3'\nregistry = 'pypi'\npackage = 'one'\nversion = '3.0.0'\nsha256 = '{checksum}'\n\
             library = 'lib.so'\nhelp = ''\n"
        );
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("any");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("engine.toml"), text).unwrap();
        vec![read_folder(&folder).unwrap()]
    }

    fn version_of(typed: &str) -> (String, bool) {
        let mut runtimes = runtimes();
        add(typed, &mut runtimes);
        let engine = runtimes[0].configurations.last().unwrap();
        assert_eq!((engine.name.as_str(), engine.worker_name().as_str()), (typed, "any"));
        assert!(engine.groups.is_empty());
        let need = runtimes[0].needs.iter().find(|need| need.name == engine.needs[0]).unwrap();
        let (version, sha256) = need.archive().unwrap();
        (version.to_owned(), sha256.is_some())
    }

    #[test]
    fn a_version_is_the_newest_pinned_one_that_begins_so_or_what_the_index_has() {
        assert_eq!(version_of("one@2"), ("2.1.0".to_owned(), true));
        assert_eq!(version_of("one@2.0"), ("2.0.9".to_owned(), true));
        assert_eq!(version_of("one@20"), ("20.*".to_owned(), false));
        assert_eq!(version_of("one@1.0.1"), ("1.0.1".to_owned(), false));
    }

    #[test]
    fn what_is_no_version_is_refused_and_another_name_is_left_alone() {
        let error = check("one@new", &runtimes()).unwrap_err();
        assert_eq!(error, "`new` is no version, such as 2.0.9 or 2.1.0");
        check("two@new", &runtimes()).unwrap();
        let mut unchanged = runtimes();
        for name in ["two@1", "one@new", "one"] {
            add(name, &mut unchanged);
        }
        assert_eq!(unchanged[0].configurations.len(), 1);
    }

    #[test]
    fn a_library_has_the_name_that_is_given_or_its_files() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("libwasm_any.so.1");
        std::fs::write(&file, "").unwrap();
        let named = PathBuf::from(format!("{}=mine", file.display()));
        let mut runtimes = runtimes();
        add_libraries(&[file.clone(), named.clone()], &mut runtimes).unwrap();
        let names: Vec<&str> = runtimes[0].configurations.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["one", "c-api-wasm-any", "mine"]);
        assert_eq!(library_names(&[file.clone(), named]), ["c-api-wasm-any", "mine"]);
        assert_eq!(runtimes[0].configurations[2].library.as_ref(), Some(&file));
        let error = add_libraries(&["/none/lib.so".into()], &mut runtimes).unwrap_err().to_string();
        assert_eq!(error, "there is no library /none/lib.so");
    }
}
