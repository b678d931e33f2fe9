//! One Debian package file: what apt's index says of it, whether what arrived is that, and its
//! contents.

use crate::host::hash;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// One package file, as apt's index describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Archive {
    /// Its file name.
    pub file: String,
    /// Its size.
    pub bytes: u64,
    sha256: String,
}

impl Archive {
    /// Reads a line of `apt-get --print-uris`: `'uri' name_version_arch.deb bytes SHA256:hash`.
    pub fn parse(line: &str) -> Option<Archive> {
        let mut words = line.strip_prefix('\'')?.split("' ").nth(1)?.split(' ');
        let file = words.next()?.to_owned();
        let bytes = words.next()?.parse().ok()?;
        let sha256 = words.next()?.strip_prefix("SHA256:")?.to_owned();
        Some(Archive { file, bytes, sha256 })
    }

    /// The package's name.
    pub fn name(&self) -> Option<&str> {
        Some(self.file.split_once('_')?.0)
    }

    fn version(&self) -> Option<String> {
        Some(self.file.split('_').nth(1)?.replace("%3a", ":"))
    }

    /// Version and hash, for the entry's marker.
    pub fn label(&self) -> Option<String> {
        Some(format!("{} sha256:{}", self.version()?, self.sha256))
    }

    /// How to ask apt for exactly this file.
    pub fn request(&self) -> Option<String> {
        let arch = self.file.strip_suffix(".deb")?.rsplit('_').next()?;
        let arch = if arch == "all" { String::new() } else { format!(":{arch}") };
        Some(format!("{}{arch}={}", self.name()?, self.version()?))
    }

    /// Whether the file in `folder` is there, whole and unchanged.
    pub fn is_whole(&self, folder: &Path) -> Result<bool> {
        let path = folder.join(&self.file);
        if !fs::metadata(&path).is_ok_and(|metadata| metadata.len() == self.bytes) {
            return Ok(false);
        }
        Ok(hash::sha256_of_file(&path)? == self.sha256)
    }
}

/// Unpacks a package's files; tar reads them from dpkg-deb, since only tar can leave some out.
pub fn unpack(archive: &Path, into: &Path, leave_out: &[String]) -> Result<()> {
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
                .map(String::as_str)
                .chain(["./usr/share/doc", "./usr/share/man"])
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

/// Everything in a file that another program has written to.
pub fn read_from_start(mut file: fs::File) -> io::Result<Vec<u8>> {
    use std::io::{Read, Seek};
    let mut text = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut text)?;
    Ok(text)
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
        if crate::host::programs::on_path("dpkg-deb").is_some() {
            assert!(unpack(&folder.path().join("half.deb"), folder.path(), &[]).is_err());
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
        let built = Command::new("dpkg-deb").arg("-b").args([&tree, &package]).stdout(Stdio::null()).status();
        if !built.is_ok_and(|status| status.success()) {
            eprintln!("SKIPPED: there is no dpkg-deb");
            return;
        }
        unpack(&package, &into, &["./usr/src/rustc-*/src".into()]).unwrap();
        assert!(!into.join("usr/src/rustc-1/src").exists());
        assert!(into.join("usr/src/rustc-1/library/std/src/file").is_file());
    }
}
