//! Debian packages into a folder: without root, without installing anything, verified through
//! apt's signed index. apt runs with a state of its own in the cache folder and with the
//! system's hooks switched off; of the system it only reads which packages are installed.

mod archive;

use crate::host::cache::{Cache, Holds};
use crate::host::{progress, registry};
use crate::note;
use anyhow::{Context, Result, bail, ensure};
use archive::{Archive, read_from_start};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

/// How long the downloaded package lists are taken for current, unless something fails.
const LISTS_LAST: Duration = Duration::from_secs(6 * 3600);

/// What to fetch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Packages {
    /// Fetched together with what they depend on and the system lacks.
    pub with_dependencies: Vec<String>,
    /// Fetched without their dependencies.
    pub alone: Vec<String>,
    /// Paths in them, as patterns of tar, that are not unpacked.
    pub leave_out: Vec<String>,
}

/// Checks that the programs are there that fetch and unpack Debian packages.
///
/// # Errors
/// When one is not.
pub fn require() -> Result<()> {
    registry::require("Debian", &["apt-get", "dpkg-deb", "tar"])
}

/// Fetches `packages` and unpacks them into the folder `into`; says what was unpacked.
///
/// # Errors
/// When the system has no apt, a package is not to be had, the download fails or what arrived
/// is damaged, or the disk is full.
pub fn unpack(cache: &Cache, packages: &Packages, into: &Path) -> Result<Holds> {
    require()?;
    let _lock = cache.lock("apt")?;
    let apt = Apt::new(cache.scratch("apt")?)?;
    let archives = apt.fetch(cache, packages)?;
    let spinner = progress::spinner(format!("unpacking Debian packages ({})", archives.len()));
    for archive in &archives {
        archive::unpack(&apt.archives().join(&archive.file), into, &packages.leave_out)
            .with_context(|| format!("unpacking {}", archive.file))?;
    }
    apt.clean_up(&archives);
    spinner.finish_and_clear();
    let holds = |archive: &Archive| Some((archive.name()?.to_owned(), archive.label()?));
    Ok(archives.iter().filter_map(holds).collect())
}

/// The folders in an unpacked tree that hold shared libraries.
pub fn library_folders(tree: &Path) -> Vec<PathBuf> {
    let multiarch = format!("{}-linux-gnu", std::env::consts::ARCH);
    let folders = ["usr/lib", "lib"].map(|lib| tree.join(lib).join(&multiarch));
    folders.into_iter().filter(|folder| folder.is_dir()).collect()
}

/// `folders` in front of the search path that the environment variable holds, where there are any.
pub fn search_path(variable: &str, folders: &[PathBuf]) -> Option<OsString> {
    let before = std::env::var_os(variable).unwrap_or_default();
    let rest = std::env::split_paths(&before).filter(|folder| !folder.as_os_str().is_empty());
    std::env::join_paths(folders.iter().cloned().chain(rest)).ok().filter(|_| !folders.is_empty())
}

/// apt with a state of its own.
struct Apt {
    folder: PathBuf,
}

impl Apt {
    fn new(folder: PathBuf) -> Result<Apt> {
        for name in ["state/lists/partial", "cache/archives/partial", "archives"] {
            fs::create_dir_all(folder.join(name))
                .with_context(|| format!("making folders in {}", folder.display()))?;
        }
        let path = folder.join("apt.conf");
        fs::write(&path, config(&folder)).with_context(|| format!("writing {}", path.display()))?;
        Ok(Apt { folder })
    }

    /// Removes what is large and no longer used; only the package lists stay, compressed.
    fn clean_up(&self, archives: &[Archive]) {
        for archive in archives {
            let _ = fs::remove_file(self.archives().join(&archive.file));
        }
        let _ = fs::remove_dir_all(self.folder.join("cache"));
    }

    fn archives(&self) -> PathBuf {
        self.folder.join("archives")
    }

    /// apt-get or its like with our settings; not in the archives' folder, where it would keep
    /// silent about the packages that lie there.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.arg("-c").arg(self.folder.join("apt.conf")).current_dir(&self.folder);
        command.env("LC_ALL", "C").env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
        command
    }

    /// Plans and downloads; with lists that are fresh at first, and once more after an update
    /// where that fails, since a mirror may have moved on.
    fn fetch(&self, cache: &Cache, packages: &Packages) -> Result<Vec<Archive>> {
        if self.lists_are_fresh()
            && let Ok(archives) = self.plan_and_download(cache, packages)
        {
            return Ok(archives);
        }
        let update = self.update();
        self.plan_and_download(cache, packages).map_err(|error| match update {
            Ok(()) => error,
            Err(update) => error.context(format!("{update:#}")),
        })
    }

    fn plan_and_download(&self, cache: &Cache, packages: &Packages) -> Result<Vec<Archive>> {
        let archives = self.plan(packages)?;
        self.download(cache, &archives)?;
        Ok(archives)
    }

    fn stamp(&self) -> PathBuf {
        self.folder.join("updated")
    }

    fn lists_are_fresh(&self) -> bool {
        let updated = fs::metadata(self.stamp()).and_then(|metadata| metadata.modified());
        updated.is_ok_and(|time| SystemTime::now().duration_since(time).is_ok_and(|age| age < LISTS_LAST))
    }

    /// Fetches the package lists. A source that fails is no error as long as the packages are
    /// found in the others, which is why the caller goes on after a failure.
    fn update(&self) -> Result<()> {
        let spinner = progress::spinner("fetching Debian's package lists");
        let output =
            self.command("apt-get").args(["-q", "update"]).output().context("running apt-get update")?;
        spinner.finish_and_clear();
        // apt-get calls sources out of reach a warning.
        let reached = !String::from_utf8_lossy(&output.stderr).contains("Failed to fetch");
        ensure!(output.status.success() && reached, "apt-get update: {}", complaints(&output.stderr));
        fs::write(self.stamp(), "").with_context(|| format!("writing {}", self.stamp().display()))
    }

    fn plan(&self, packages: &Packages) -> Result<Vec<Archive>> {
        let mut archives = Vec::new();
        if !packages.with_dependencies.is_empty() {
            let install = ["-y", "--no-install-recommends", "--print-uris", "install"];
            archives.extend(self.uris(&install, &packages.with_dependencies)?);
        }
        if !packages.alone.is_empty() {
            archives.extend(self.uris(&["--print-uris", "download"], &packages.alone)?);
        }
        archives.sort_by(|a, b| a.file.cmp(&b.file));
        archives.dedup();
        Ok(archives)
    }

    fn uris(&self, action: &[&str], names: &[String]) -> Result<Vec<Archive>> {
        let output = self
            .command("apt-get")
            .args(action)
            .args(names)
            .output()
            .context("asking apt-get for packages")?;
        let what = names.join(" ");
        ensure!(output.status.success(), "apt cannot provide {what}: {}", complaints(&output.stderr));
        let text = String::from_utf8_lossy(&output.stdout);
        let lines = text.lines().filter(|line| line.starts_with('\''));
        lines
            .map(|line| Archive::parse(line).with_context(|| format!("apt-get gave no SHA-256 for {line}")))
            .collect()
    }

    /// Downloads what is not there yet, and checks every file against the index.
    fn download(&self, cache: &Cache, archives: &[Archive]) -> Result<()> {
        let folder = self.archives();
        let mut missing = Vec::new();
        for archive in archives {
            if !archive.is_whole(&folder)? {
                let _ = fs::remove_file(folder.join(&archive.file));
                missing.push(archive);
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let total: u64 = missing.iter().map(|archive| archive.bytes).sum();
        cache.require("the download of Debian packages", total)?;
        self.run_download(&missing, total)?;
        for archive in missing {
            ensure!(archive.is_whole(&folder)?, "{} arrived damaged; run the command again", archive.file);
        }
        Ok(())
    }

    fn run_download(&self, missing: &[&Archive], total: u64) -> Result<()> {
        let what = format!("downloading Debian packages ({})", missing.len());
        note!("{what}, {} MB…", total.div_ceil(1_000_000));
        let bar = progress::bar(total, what);
        let errors = tempfile::tempfile().context("making a temporary file")?;
        let mut child = self
            .command("apt-get")
            .current_dir(self.archives())
            .args(["-q", "download"])
            .args(missing.iter().filter_map(|archive| archive.request()))
            .stdout(Stdio::null())
            .stderr(errors.try_clone()?)
            .spawn()
            .context("running apt-get download")?;
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            bar.set_position(self.arrived(missing));
            std::thread::sleep(Duration::from_millis(200));
        };
        bar.finish_and_clear();
        if !status.success() {
            bail!("the download of Debian packages failed: {}", complaints(&read_from_start(errors)?));
        }
        Ok(())
    }

    /// Bytes of the wanted files so far, wherever apt keeps the unfinished ones.
    fn arrived(&self, missing: &[&Archive]) -> u64 {
        let folders =
            [self.archives(), self.archives().join("partial"), self.folder.join("cache/archives/partial")];
        let sizes =
            folders.iter().flat_map(|folder| missing.iter().map(|archive| folder.join(&archive.file)));
        sizes.filter_map(|path| fs::metadata(path).ok()).map(|metadata| metadata.len()).sum()
    }
}

/// The first of apt's errors (`E:`) on one line; of its warnings where there are none.
fn complaints(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let of = |mark: &str| {
        text.lines().filter_map(|line| line.strip_prefix(mark)).take(2).collect::<Vec<_>>().join("; ")
    };
    [of("E: "), of("Err:"), of("W: "), text.trim().to_owned()]
        .into_iter()
        .find(|complaint| !complaint.is_empty())
        .unwrap_or_default()
}

/// apt's settings. The hooks are cleared because they would clean the system's own cache, and
/// translations and application catalogues are left out because nobody reads them here.
fn config(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        r##"#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
Dir::State "{folder}/state";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "{folder}/cache";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "srcpkgcache.bin";
Debug::NoLocking "true";
APT::Sandbox::User "root";
Acquire::ForceHash "SHA256";
Acquire::GzipIndexes "true";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::CNF::DefaultEnabled "false";
"##
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_apts_complaints_the_errors_are_shown_first() {
        let stderr = b"W: a source failed\nE: Unable to locate package rustc-web\n";
        assert_eq!(complaints(stderr), "Unable to locate package rustc-web");
    }
}
