//! The calibration kernel's program: built once by itself, so that its time does not depend on what it is linked
//! with, and kept in the cache folder under a key of its source and its compiler.

use crate::host::cache::{Cache, Holds};
use crate::host::hash::hexadecimal;
use crate::host::paths::Paths;
use crate::note;
use anyhow::{Context, Result, ensure};
use bench::machine::LevelMeter;
use sha2::{Digest, Sha256};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Its source, in the checkout.
const SOURCE: &str = "bench/calibration/main.rs";
/// The program, in its entry of the cache folder.
const PROGRAM: &str = "calibration-kernel";
/// What it is built with.
const FLAGS: [&str; 6] =
    ["--edition", "2024", "-Copt-level=3", "-Ccodegen-units=1", "-Cpanic=abort", "-Cstrip=symbols"];
/// What building it takes on the disk.
const PEAK_BYTES: u64 = 20_000_000;

/// The program, built where it is not there. Without it a run works as well, and does not know the machine's
/// level: a note says why.
pub fn program(paths: &Paths) -> Option<PathBuf> {
    prepare(paths).map_err(|error| note!("the machine's level is not read: {error:#}")).ok()
}

/// The machine's level in nanoseconds, the best of three readings, before anything is made: a kernel that is not in
/// the cache folder goes with the answer.
pub fn level_ns(paths: &Paths) -> Option<u64> {
    let read = || -> Result<Option<u64>> {
        let (source, name) = source_and_entry(paths)?;
        let temporary = tempfile::tempdir().context("making a folder for the kernel")?;
        let folder = match Cache::open(paths).find(&name) {
            Some(entry) => entry.path,
            None => {
                build(&source, temporary.path())?;
                temporary.path().to_owned()
            }
        };
        let mut meter = LevelMeter::start(Some(&folder.join(PROGRAM)), None);
        Ok((0..3).filter_map(|_| meter.level_ns()).min())
    };
    read().ok().flatten()
}

fn prepare(paths: &Paths) -> Result<PathBuf> {
    let (source, name) = source_and_entry(paths)?;
    let entry = Cache::open(paths).entry(&name, PEAK_BYTES, |folder| {
        build(&source, folder)?;
        Ok(Holds::from([("source".to_owned(), SOURCE.to_owned())]))
    })?;
    Ok(entry.path.join(PROGRAM))
}

/// The source, and the name of its entry in the cache folder.
fn source_and_entry(paths: &Paths) -> Result<(PathBuf, String)> {
    let source = paths.root.join(SOURCE);
    let text = std::fs::read(&source).with_context(|| format!("reading {}", source.display()))?;
    let compiler =
        Command::new(rustc()).args(["--version", "--verbose"]).output().context("starting rustc")?;
    let mut hash = Sha256::new();
    hash.update(&text);
    hash.update(&compiler.stdout);
    FLAGS.iter().for_each(|flag| hash.update(flag));
    let name = format!("calibration/{}", hexadecimal(&hash.finalize()[..8]));
    Ok((source, name))
}

fn build(source: &Path, folder: &Path) -> Result<()> {
    let mut rustc = Command::new(rustc());
    // Flags of the user would make another kernel.
    rustc.args(FLAGS).arg("-o").arg(folder.join(PROGRAM)).arg(source).env_remove("RUSTFLAGS");
    let output = rustc.output().context("starting rustc")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the calibration kernel cannot be built: {}", said.trim());
    Ok(())
}

fn rustc() -> OsString {
    std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_built_once_and_every_usable_processor_is_read() {
        let cache = tempfile::tempdir().unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
        let paths = Paths { root, cache: cache.path().to_owned(), ..Paths::default() };
        let built = prepare(&paths).unwrap();
        let made = std::fs::metadata(&built).unwrap().modified().unwrap();
        assert_eq!(prepare(&paths).unwrap(), built);
        assert_eq!(std::fs::metadata(&built).unwrap().modified().unwrap(), made);
        let mut meter = LevelMeter::start(Some(&built), None);
        assert!(meter.level_ns().is_some_and(|ns| ns > 1_000) && meter.time_ns > 1_000);
        assert!(meter.level_ns().is_some());
    }

    #[test]
    fn without_its_source_a_run_goes_on_without_a_level() {
        let nowhere = tempfile::tempdir().unwrap();
        let paths = Paths { root: nowhere.path().to_owned(), ..Paths::default() };
        assert_eq!(program(&paths), None);
    }
}
