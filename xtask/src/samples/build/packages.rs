//! Samples that are cargo packages: their names, and every file that decides about what is built.

use crate::host::files;
use crate::samples::catalogue::read_toml;
use crate::toolchain::Toolchain;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A package of one sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// The folder of its workspace, which has the lock file.
    workspace: PathBuf,
}

/// As much of a `Cargo.toml` as is needed here.
#[derive(Deserialize)]
struct Manifest {
    package: ManifestPackage,
    #[serde(default)]
    dependencies: BTreeMap<String, toml::Value>,
    #[serde(default, rename = "build-dependencies")]
    build_dependencies: BTreeMap<String, toml::Value>,
}

#[derive(Deserialize)]
struct ManifestPackage {
    name: String,
}

/// As much of a workspace's `Cargo.toml`.
#[derive(Default, Deserialize)]
struct Workspace {
    #[serde(default)]
    workspace: WorkspaceTable,
    #[serde(default)]
    patch: BTreeMap<String, BTreeMap<String, toml::Value>>,
}

#[derive(Default, Deserialize)]
struct WorkspaceTable {
    #[serde(default)]
    dependencies: BTreeMap<String, toml::Value>,
}

impl Package {
    /// The package in `folder` of `sources`.
    ///
    /// # Errors
    /// When its `Cargo.toml` cannot be read, or no lock file belongs to it.
    pub fn read(sources: &Path, folder: &str) -> Result<Package> {
        let folder = sources.join(folder);
        let Manifest { package, .. } = read_toml(&folder.join("Cargo.toml"))?;
        let inside = folder.ancestors().take_while(|ancestor| *ancestor != sources);
        let workspace = inside.map(Path::to_owned).find(|ancestor| ancestor.join("Cargo.lock").is_file());
        let Some(workspace) = workspace else {
            bail!(
                "{} has no Cargo.lock, in it or above it; run `cargo generate-lockfile` there",
                folder.display()
            );
        };
        Ok(Package { name: package.name, folder, workspace })
    }

    /// Every file that decides about what is built: the package's, those that its sources
    /// include, those of packages in this folder that it uses, and the workspace's.
    ///
    /// # Errors
    /// When a folder or a manifest cannot be read, or an included file is not there.
    pub fn files(&self) -> Result<Vec<PathBuf>> {
        let workspace: Workspace = read_toml(&self.workspace.join("Cargo.toml"))?;
        let patches = workspace.patch.values().flat_map(BTreeMap::values);
        let mut left: Vec<PathBuf> = patches.filter_map(|patch| path_in(patch, &self.workspace)).collect();
        left.push(self.folder.clone());
        let mut folders = BTreeSet::new();
        while let Some(folder) = left.pop() {
            let folder =
                folder.canonicalize().with_context(|| format!("looking for {}", folder.display()))?;
            if folders.insert(folder.clone()) {
                left.extend(self.neighbours(&folder, &workspace)?);
            }
        }
        let mut files = BTreeSet::new();
        for folder in &folders {
            files.extend(files::sources(folder)?);
        }
        let sources = files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "rs"));
        let included: Result<Vec<Vec<PathBuf>>> = sources.map(|source| included(source)).collect();
        files.extend(included?.into_iter().flatten());
        files.extend(["Cargo.toml", "Cargo.lock"].map(|name| self.workspace.join(name)));
        Ok(files.into_iter().collect())
    }

    /// The folders of the packages that the one in `folder` names by path, itself or through the
    /// workspace.
    fn neighbours(&self, folder: &Path, workspace: &Workspace) -> Result<Vec<PathBuf>> {
        let manifest: Manifest = read_toml(&folder.join("Cargo.toml"))?;
        let named = manifest.dependencies.iter().chain(&manifest.build_dependencies);
        let path = |(name, dependency): (&String, &toml::Value)| {
            let inherited = dependency.get("workspace").is_some();
            let shared = || path_in(workspace.workspace.dependencies.get(name)?, &self.workspace);
            if inherited { shared() } else { path_in(dependency, folder) }
        };
        Ok(named.filter_map(path).collect())
    }

    /// Gets what the lock file names, so that the sources' folders are known before a build.
    pub fn fetch(&self, toolchain: &Toolchain) -> Command {
        let mut cargo = toolchain.cargo();
        cargo.args(["fetch", "--quiet", "--locked", "--manifest-path"]).arg(self.folder.join("Cargo.toml"));
        cargo
    }

    /// Its crate's name.
    pub fn crate_name(&self) -> String {
        self.name.replace('-', "_")
    }

    /// The file that cargo makes of its library.
    pub fn library_file(&self, wasm: bool) -> String {
        let name = self.crate_name();
        if wasm { format!("{name}.wasm") } else { format!("lib{name}.so") }
    }

    /// The file that cargo makes of its program.
    pub fn program_file(&self, wasm: bool) -> String {
        if wasm { format!("{}.wasm", self.name) } else { self.name.clone() }
    }
}

/// The folder that `dependency`, in a manifest in `folder`, names.
fn path_in(dependency: &toml::Value, folder: &Path) -> Option<PathBuf> {
    Some(folder.join(dependency.get("path")?.as_str()?))
}

/// The files that `source` includes by a plain name.
fn included(source: &Path) -> Result<Vec<PathBuf>> {
    let text =
        std::fs::read_to_string(source).with_context(|| format!("cannot read {}", source.display()))?;
    let folder = source.parent().unwrap_or(source);
    let mut files = Vec::new();
    for start in ["include_bytes!(\"", "include_str!(\""] {
        for rest in text.split(start).skip(1) {
            let name = rest.split('"').next().unwrap_or_default();
            let file = folder.join(name).canonicalize();
            files.push(file.with_context(|| format!("{} includes {name}", source.display()))?);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(file: &Path, text: &str) {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    #[test]
    fn the_files_of_a_package_are_its_own_and_all_that_it_names() {
        let sources = tempfile::tempdir().unwrap();
        let sources = sources.path().canonicalize().unwrap();
        let apps = sources.join("apps");
        let manifest = "[package]\nname = 'app-one'\n[dependencies]\nshared.workspace = true\n";
        write(&apps.join("one/Cargo.toml"), manifest);
        write(&apps.join("one/src/lib.rs"), "static A: &str = include_str!(\"../../inputs/a.txt\");");
        write(&apps.join("one/target/junk"), "");
        write(&apps.join("two/Cargo.toml"), "[package]\nname = 'two'\n");
        write(&apps.join("inputs/a.txt"), "");
        write(&apps.join("inputs/b.txt"), "");
        write(&apps.join("shared/Cargo.toml"), "[package]\nname = 'shared'\n");
        let without = Package::read(&sources, "apps/one").unwrap_err().to_string();
        assert!(without.contains("Cargo.lock"), "{without}");

        write(&apps.join("Cargo.toml"), "[workspace.dependencies]\nshared = { path = 'shared' }\n");
        write(&apps.join("Cargo.lock"), "");
        let package = Package::read(&sources, "apps/one").unwrap();
        assert_eq!((package.name.as_str(), package.library_file(true)), ("app-one", "app_one.wasm".into()));
        let files: Vec<PathBuf> = package.files().unwrap();
        let names: Vec<_> =
            files.iter().map(|file| file.strip_prefix(&apps).unwrap().to_str().unwrap()).collect();
        let all = [
            "Cargo.lock",
            "Cargo.toml",
            "inputs/a.txt",
            "one/Cargo.toml",
            "one/src/lib.rs",
            "shared/Cargo.toml",
        ];
        assert_eq!(names, all);
    }
}
