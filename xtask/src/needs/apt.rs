//! Debian packages into a folder: without root, without installing anything, verified through
//! apt's signed index. apt runs with a state of its own in the cache folder and with the
//! system's hooks switched off; of the system it only reads which packages are installed.

use crate::cache::{Cache, Holds};
use crate::progress;
use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

/// How long the downloaded package lists are taken for current, unless something fails.
const LISTS_LAST: Duration = Duration::from_secs(6 * 3600);

/// What to fetch.
#[derive(Clone, Copy, Debug)]
pub struct Packages {
    /// Fetched together with what they depend on and the system lacks.
    pub with_dependencies: &'static [&'static str],
    /// Fetched without their dependencies.
    pub alone: &'static [&'static str],
    /// Paths in them, as patterns of tar, that are not unpacked.
    pub leave_out: &'static [&'static str],
}

/// Fetches `packages` and unpacks them into the folder `into`; says what was unpacked.
///
/// # Errors
/// When the system has no apt, a package is not to be had, the download fails or what arrived
/// is damaged, or the disk is full.
pub fn unpack(cache: &Cache, packages: &Packages, into: &Path) -> Result<Holds> {
    for program in ["apt-get", "dpkg-deb", "tar"] {
        ensure!(
            super::on_path(program).is_some(),
            "there is no {program}, so no Debian packages can be fetched"
        );
    }
    let _lock = cache.lock("apt")?;
    let apt = Apt::new(cache.scratch("apt")?)?;
    let archives = apt.fetch(cache, packages)?;
    let spinner = progress::spinner(format!("unpacking {} Debian packages", archives.len()));
    for archive in &archives {
        unpack_one(&archive.path(&apt), into, packages.leave_out)
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

/// apt with a state of its own.
struct Apt {
    folder: PathBuf,
}

/// One package file, as apt's index describes it.
#[derive(Clone, Debug, PartialEq)]
struct Archive {
    file: String,
    bytes: u64,
    sha256: String,
}

impl Archive {
    /// Reads a line of `apt-get --print-uris`: `'uri' name_version_arch.deb bytes SHA256:hash`.
    fn parse(line: &str) -> Option<Archive> {
        let mut words = line.strip_prefix('\'')?.split("' ").nth(1)?.split(' ');
        let file = words.next()?.to_owned();
        let bytes = words.next()?.parse().ok()?;
        let sha256 = words.next()?.strip_prefix("SHA256:")?.to_owned();
        Some(Archive { file, bytes, sha256 })
    }

    fn name(&self) -> Option<&str> {
        Some(self.file.split_once('_')?.0)
    }

    fn version(&self) -> Option<String> {
        Some(self.file.split('_').nth(1)?.replace("%3a", ":"))
    }

    fn label(&self) -> Option<String> {
        Some(format!("{} sha256:{}", self.version()?, self.sha256))
    }

    /// How to ask apt for exactly this file.
    fn request(&self) -> Option<String> {
        let arch = self.file.strip_suffix(".deb")?.rsplit('_').next()?;
        let arch = if arch == "all" { String::new() } else { format!(":{arch}") };
        Some(format!("{}{arch}={}", self.name()?, self.version()?))
    }

    fn path(&self, apt: &Apt) -> PathBuf {
        apt.archives().join(&self.file)
    }

    /// Whether the file in `folder` is there, whole and unchanged.
    fn is_whole(&self, folder: &Path) -> Result<bool> {
        let path = folder.join(&self.file);
        if !fs::metadata(&path).is_ok_and(|metadata| metadata.len() == self.bytes) {
            return Ok(false);
        }
        let mut hasher = Sha256::new();
        io::copy(&mut fs::File::open(&path)?, &mut HashWriter(&mut hasher))?;
        let hash: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(hash == self.sha256)
    }
}

struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
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
            let _ = fs::remove_file(archive.path(self));
        }
        let _ = fs::remove_dir_all(self.folder.join("cache"));
    }

    fn archives(&self) -> PathBuf {
        self.folder.join("archives")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.arg("-c").arg(self.folder.join("apt.conf")).current_dir(self.archives());
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
        ensure!(output.status.success(), "apt-get update failed: {}", complaints(&output.stderr));
        fs::write(self.stamp(), "").with_context(|| format!("writing {}", self.stamp().display()))
    }

    fn plan(&self, packages: &Packages) -> Result<Vec<Archive>> {
        let mut archives = Vec::new();
        if !packages.with_dependencies.is_empty() {
            let install = ["-y", "--no-install-recommends", "--print-uris", "install"];
            archives.extend(self.uris(&install, packages.with_dependencies)?);
        }
        if !packages.alone.is_empty() {
            archives.extend(self.uris(&["--print-uris", "download"], packages.alone)?);
        }
        archives.sort_by(|a, b| a.file.cmp(&b.file));
        archives.dedup();
        Ok(archives)
    }

    fn uris(&self, action: &[&str], names: &[&str]) -> Result<Vec<Archive>> {
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
        let what = format!("downloading {} Debian packages", missing.len());
        eprintln!("{what}, {} MB…", total.div_ceil(1_000_000));
        let bar = progress::bar(total, what);
        let errors = tempfile::tempfile().context("making a temporary file")?;
        let mut child = self
            .command("apt-get")
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

fn read_from_start(mut file: fs::File) -> io::Result<Vec<u8>> {
    use std::io::{Read, Seek};
    let mut text = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut text)?;
    Ok(text)
}

/// Unpacks a package's files; tar reads them from dpkg-deb, since only tar can leave some out.
fn unpack_one(archive: &Path, into: &Path, leave_out: &[&str]) -> Result<()> {
    let errors = tempfile::tempfile().context("making a temporary file")?;
    let mut dpkg = Command::new("dpkg-deb")
        .arg("--fsys-tarfile")
        .arg(archive)
        .env("LC_ALL", "C")
        .stdout(Stdio::piped())
        .stderr(errors.try_clone()?)
        .spawn()
        .context("running dpkg-deb")?;
    let stream = dpkg.stdout.take().context("dpkg-deb has no output")?;
    let tar = Command::new("tar")
        .args(["-x", "--no-same-owner", "--anchored", "--no-wildcards-match-slash", "-C"])
        .arg(into)
        .args(
            leave_out
                .iter()
                .chain(&["./usr/share/doc", "./usr/share/man"])
                .map(|path| format!("--exclude={path}")),
        )
        .env("LC_ALL", "C")
        .stdin(stream)
        .stderr(errors.try_clone()?)
        .status()
        .context("running tar")?;
    let dpkg = dpkg.wait()?;
    ensure!(tar.success() && dpkg.success(), "{}", String::from_utf8_lossy(&read_from_start(errors)?).trim());
    Ok(())
}

/// apt's errors (`E:`) on one line; its warnings where there are none.
fn complaints(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let of =
        |mark: &str| text.lines().filter_map(|line| line.strip_prefix(mark)).collect::<Vec<_>>().join("; ");
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

    const LINE: &str = "'http://deb.example/pool/l/llvm/llvm-22_22.1.8-1%7edeb12u1_amd64.deb' \
        llvm-22_1%3a22.1.8-1~deb12u1_amd64.deb 3 \
        SHA256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_line_of_apt_names_the_file_its_size_and_its_hash() {
        let archive = Archive::parse(LINE).unwrap();
        assert_eq!(archive.name(), Some("llvm-22"));
        assert_eq!(archive.request().unwrap(), "llvm-22:amd64=1:22.1.8-1~deb12u1");
        assert!(archive.label().unwrap().starts_with("1:22.1.8-1~deb12u1 sha256:ba78"));
        let all = Archive { file: "wasi-libc_0.0~git_all.deb".into(), ..archive };
        assert_eq!(all.request().unwrap(), "wasi-libc=0.0~git");
    }

    #[test]
    fn a_line_without_a_hash_is_refused() {
        assert_eq!(Archive::parse(LINE.split(" SHA256").next().unwrap()), None);
        assert_eq!(Archive::parse(&LINE.replace("SHA256:", "MD5Sum:")), None);
    }

    #[test]
    fn a_truncated_or_changed_package_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::parse(LINE).unwrap();
        assert!(!archive.is_whole(folder.path()).unwrap());
        for (content, whole) in [("ab", false), ("abd", false), ("abc", true)] {
            fs::write(folder.path().join(&archive.file), content).unwrap();
            assert_eq!(archive.is_whole(folder.path()).unwrap(), whole, "{content}");
        }
    }

    #[test]
    fn a_damaged_package_is_not_unpacked() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("half.deb"), "!<arch>\ndebian-binary").unwrap();
        if super::super::on_path("dpkg-deb").is_some() {
            assert!(unpack_one(&folder.path().join("half.deb"), folder.path(), &[]).is_err());
        } else {
            eprintln!("SKIPPED: there is no dpkg-deb");
        }
    }

    #[test]
    fn a_path_is_left_out_only_where_the_pattern_begins() {
        let folder = tempfile::tempdir().unwrap();
        let (tree, into) = (folder.path().join("tree"), folder.path().join("into"));
        for path in ["DEBIAN", "usr/src/rustc-1/src", "usr/src/rustc-1/library/std/src"] {
            fs::create_dir_all(tree.join(path)).unwrap();
            fs::write(tree.join(path).join("file"), "").unwrap();
        }
        let control =
            "Package: source\nVersion: 1\nArchitecture: all\nMaintainer: A <a@b.c>\nDescription: x\n";
        fs::write(tree.join("DEBIAN/control"), control).unwrap();
        fs::create_dir(&into).unwrap();
        let package = folder.path().join("source.deb");
        let built = Command::new("dpkg-deb").args(["-q", "-b"]).args([&tree, &package]).status();
        if !built.is_ok_and(|status| status.success()) {
            eprintln!("SKIPPED: there is no dpkg-deb");
            return;
        }
        unpack_one(&package, &into, &["./usr/src/rustc-*/src"]).unwrap();
        assert!(!into.join("usr/src/rustc-1/src").exists());
        assert!(into.join("usr/src/rustc-1/library/std/src/file").is_file());
    }

    #[test]
    fn of_apts_complaints_the_errors_are_shown_first() {
        let stderr = b"W: a source failed\nE: Unable to locate package rustc-web\n";
        assert_eq!(complaints(stderr), "Unable to locate package rustc-web");
    }
}
