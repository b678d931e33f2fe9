//! The variants `oz` and `o4`: Binaryen's `wasm-opt` in a program of its own, which is built when
//! such a variant is first asked for (some minutes of C++) and kept in the cache folder.

use crate::host::cache::{Cache, Holds};
use crate::host::paths::Paths;
use crate::host::{cargo, files};
use crate::samples::variants::Variant;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Room that building the program may take in the cache folder.
const NEEDED_BYTES: u64 = 100_000_000;

/// The program's folder, relative to the checkout.
const FOLDER: &str = "xtask/wasm-opt";

fn folder(paths: &Paths) -> PathBuf {
    paths.root.join(FOLDER)
}

/// The key of the program, whether it is built or not.
///
/// # Errors
/// When its source cannot be read, or there is no compiler.
pub fn key(paths: &Paths) -> Result<String> {
    cargo::program_key(&files::named_sources(&folder(paths), FOLDER)?, "", paths)
}

/// The program; built now where it is missing.
///
/// # Errors
/// When it cannot be built; the message names the log.
pub fn prepare(paths: &Paths) -> Result<PathBuf> {
    let key = key(paths)?;
    let entry = Cache::open(paths).entry(&format!("tools/wasm-opt-{key}"), NEEDED_BYTES, |to| {
        let target = paths.root.join("target/wasm-opt");
        let mut command = cargo::release(&folder(paths))?;
        command.args(["build", "--locked"]).env("CARGO_TARGET_DIR", &target);
        let (what, folder) = ("wasm-opt", &folder(paths));
        let log = &paths.generated.join("logs/wasm-opt.log");
        let built = cargo::build(
            command,
            &cargo::CargoBuild { what, folder, program: "optimize", log, beside: false },
        )?;
        std::fs::copy(&built, to.join("optimize")).with_context(|| format!("copying {}", built.display()))?;
        if paths.low_disk {
            std::fs::remove_dir_all(&target).with_context(|| format!("removing {}", target.display()))?;
        }
        Ok(Holds::from([("wasm-opt".into(), key.clone())]))
    });
    let entry = entry.context("wasm-opt, which makes the variants oz and o4, cannot be built")?;
    Ok(entry.path.join("optimize"))
}

/// Optimises the module `input` to the file `output`.
///
/// # Errors
/// When the program fails; the message carries its own words.
pub fn run(program: &Path, variant: Variant, input: &Path, output: &Path) -> Result<()> {
    let done = Command::new(program).arg(variant.name()).args([input, output]).output();
    let done = done.with_context(|| format!("cannot start {}", program.display()))?;
    if !done.status.success() {
        bail!("wasm-opt failed ({}): {}", done.status, String::from_utf8_lossy(&done.stderr).trim_end());
    }
    Ok(())
}
