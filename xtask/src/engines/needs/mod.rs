//! What an engine needs besides Rust, as its `engine.toml` says: named by the user, found on the
//! system, or fetched into the cache folder; or reported missing with what would help.

mod llvm;
mod need;
pub mod patch;
mod provided;
mod steps;
mod tools;

use crate::host::cache::{Cache, CacheEntry, Holds};
use crate::host::paths::Paths;
use crate::host::registry::npm::{self, NpmPackage};
use crate::host::registry::pypi::{self, Wheel};
use crate::host::{apt, programs};
use crate::note;
use anyhow::{Context, Result, ensure};
use need::{ArchiveClient, NeedSource, RegistryArchive};
pub use need::{Need, is_checksum, stays_inside};
pub use provided::{Fetch, Lack, Provided, Unavailable};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Looks for `need` of the engine in the folder `engine`, and fetches it where that is allowed and
/// possible.
///
/// # Errors
/// When the cache folder cannot be made; a need that cannot be met is not an error.
pub fn resolve(need: &Need, engine: &Path, paths: &Paths, fetch: Fetch) -> Result<Result<Provided, Lack>> {
    let cache = Cache::open(paths);
    if fetch == Fetch::Yes {
        cache.require(&need.name, 0)?;
    }
    Ok(meet(need, engine, &cache, fetch))
}

/// The bytes that would be downloaded for those of `needs` that are not here. The inner error: one of
/// them cannot be had.
///
/// # Errors
/// As [`resolve`].
pub fn to_download<'a>(
    needs: impl IntoIterator<Item = &'a Need>,
    engine: &Path,
    paths: &Paths,
) -> Result<Result<u64, Unavailable>> {
    let mut bytes = 0;
    for need in needs {
        match resolve(need, engine, paths, Fetch::No)? {
            Ok(_) => {}
            Err(Lack::NotFetched) => bytes += need.download_bytes,
            Err(Lack::Unavailable(unavailable)) => return Ok(Err(unavailable)),
        }
    }
    Ok(Ok(bytes))
}

fn meet(need: &Need, engine: &Path, cache: &Cache, fetch: Fetch) -> Result<Provided, Lack> {
    let unavailable = |error: anyhow::Error| {
        let reason = format!("{} is missing: {error:#}", need.name);
        Lack::Unavailable(Unavailable { reason, command: need.help.clone() })
    };
    if let Some(provided) = named(need).map_err(unavailable)? {
        return Ok(provided);
    }
    if need.system
        && !programs::private_only()
        && let Some(provided) = steps::on_system(need)
    {
        return Ok(provided);
    }
    let name = entry_name(need, engine).map_err(unavailable)?;
    if let Some(entry) = cache.find(&name) {
        return Ok(provide(need, &entry));
    }
    require_client(&need.source).map_err(unavailable)?;
    if fetch == Fetch::No {
        return Err(Lack::NotFetched);
    }
    let made = cache.entry(&name, need.peak_bytes, |folder| fill(need, engine, cache, folder));
    made.map(|entry| provide(need, &entry)).map_err(unavailable)
}

/// The program that the user names instead, where the need is a program and one is named.
fn named(need: &Need) -> Result<Option<Provided>> {
    let (Some(variable), Some(program), None) = (&need.env, &need.program, need.step) else {
        return Ok(None);
    };
    let Some(path) = std::env::var_os(variable).filter(|path| !path.is_empty()) else { return Ok(None) };
    let path = std::path::absolute(&path)?;
    let version = tools::version(&path);
    let version = version
        .with_context(|| format!("{variable} names {}, which does not answer --version", path.display()))?;
    let identity = format!("{} {version} at {}", need.name, path.display());
    let folder = path.parent().map(Path::to_owned).into_iter().collect();
    Ok(Some(Provided {
        program: Some((file_name(program), path)),
        path: folder,
        identity,
        ..Provided::default()
    }))
}

fn file_name(path: &Path) -> String {
    path.file_name().map(OsStr::to_string_lossy).unwrap_or_default().into_owned()
}

/// The need's entry in the cache folder.
fn entry_name(need: &Need, engine: &Path) -> Result<String> {
    match &need.source {
        NeedSource::Debian(_) => Ok(need.name.clone()),
        NeedSource::Archive(_, RegistryArchive { version, sha256, .. }) => {
            let checksum = sha256.as_ref().map_or("any", |sha256| &sha256[..16]);
            Ok(format!("needs/{}-{}-{checksum}", need.name, version.replace('*', "x")))
        }
        NeedSource::Crate(archive, change) => patch::entry_name(archive, change.as_ref(), engine),
    }
}

/// Checks that what fetches from the registry is there.
fn require_client(source: &NeedSource) -> Result<()> {
    match source {
        NeedSource::Debian(_) => apt::require(),
        NeedSource::Archive(ArchiveClient::Pip, _) => pypi::require(),
        NeedSource::Archive(ArchiveClient::Npm, _) => npm::require(),
        NeedSource::Crate(_, Some(_)) => {
            ensure!(programs::on_path("git").is_some(), "there is no git, which applies the patch");
            Ok(())
        }
        NeedSource::Crate(_, None) => Ok(()),
    }
}

/// Fetches `need` into `folder` and makes it usable.
fn fill(need: &Need, engine: &Path, cache: &Cache, folder: &Path) -> Result<Holds> {
    let holds = match &need.source {
        NeedSource::Debian(packages) => apt::unpack(cache, packages, folder)?,
        NeedSource::Archive(client, archive) => unpack(*client, archive, cache, folder)?,
        NeedSource::Crate(archive, change) => patch::fill(archive, change.as_ref(), engine, folder)?,
    };
    steps::finish(need, folder)?;
    for file in [&need.program, &need.library].into_iter().flatten() {
        ensure!(folder.join(file).is_file(), "there is no {} in what was fetched", file.display());
    }
    Ok(holds)
}

fn unpack(client: ArchiveClient, archive: &RegistryArchive, cache: &Cache, folder: &Path) -> Result<Holds> {
    let RegistryArchive { package, version, file, sha256 } = archive;
    let (file, sha256) = (file.as_deref(), sha256.as_deref());
    let scratch =
        tempfile::tempdir_in(cache.scratch("needs")?).context("making a folder for the download")?;
    note!("fetching {package} {version}");
    let arrived = match client {
        ArchiveClient::Pip => {
            pypi::unpack(&Wheel { package, version, file, sha256 }, scratch.path(), folder)?
        }
        ArchiveClient::Npm => {
            let sha256 = sha256.context("a package of npm needs its checksum")?;
            npm::unpack(&NpmPackage { name: package, version, file, sha256 }, scratch.path(), folder)?;
            sha256.to_owned()
        }
    };
    Ok(Holds::from([(package.clone(), format!("{version} sha256:{arrived}"))]))
}

/// How the entry of `need` is used.
fn provide(need: &Need, entry: &CacheEntry) -> Provided {
    let mut provided = steps::provide(need, entry);
    provided.library = need.library.as_ref().map(|library| entry.path.join(library));
    match (&need.source, &need.sets) {
        (NeedSource::Crate(archive, _), None) => {
            provided.patched = Some((archive.package.clone(), entry.path.join(patch::SOURCE)));
        }
        (NeedSource::Crate(..), Some(variable)) => {
            provided.env.push((variable.clone(), entry.path.join(patch::SOURCE).into()));
        }
        (_, Some(variable)) if need.step.is_none() => {
            let folder =
                need.prefix.as_ref().map_or_else(|| entry.path.clone(), |inside| entry.path.join(inside));
            provided.env.push((variable.clone(), folder.into()));
        }
        _ => {}
    }
    if let (Some(program), None) = (&need.program, need.step) {
        let path: PathBuf = entry.path.join(program);
        provided.path.extend(path.parent().map(Path::to_owned));
        provided.program = Some((file_name(program), path));
    }
    provided
}

#[cfg(test)]
mod tests;
