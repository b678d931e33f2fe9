//! std for the wasm targets, built for a feature set with debug info: rustup's prebuilt std has
//! newer features than the MVP, and Debian has none. Its bytes depend on the compiler only,
//! not on where the cache folder or the source is.

use super::compiler::{Compiler, Features, WasmTarget, library, library_path};
use crate::host::cache::{Cache, Holds};
use crate::host::cargo;
use crate::host::hash::hexadecimal;
use crate::host::progress;
use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The code generation flags of std, and of everything linked with it, whatever its features.
pub const FLAGS: [&str; 1] = ["-Cpanic=abort"];

/// The folder that the debug info names in place of the source's real one.
const SOURCE_NAME: &str = "/rust-src";

/// What a build takes at its peak.
const PEAK_BYTES: u64 = 500_000_000;

/// The sysroot of `compiler` for `target` and `features`; built when it is not there yet.
///
/// # Errors
/// When the build fails.
pub fn prepare(
    compiler: &Compiler,
    cache: &Cache,
    target: WasmTarget,
    features: Features,
) -> Result<PathBuf> {
    let name = name(compiler, target, features);
    let fill = |folder: &Path| fill(compiler, target, features.of_std(), folder);
    Ok(cache.entry(&name, PEAK_BYTES, fill)?.path)
}

/// The sysroot's name in the cache folder, made from everything that std is built from.
pub fn name(compiler: &Compiler, target: WasmTarget, features: Features) -> String {
    let flags = flags(features.of_std()).join(" ");
    let recipe = format!("{} {target} {flags} {SOURCE_NAME}", compiler.identity);
    let key: String = hexadecimal(&Sha256::digest(recipe)[..8]);
    format!("std/{target}-{key}")
}

/// The code generation flags of std with `features`.
fn flags(features: Features) -> Vec<&'static str> {
    FLAGS.iter().chain(features.flags()).copied().collect()
}

fn fill(compiler: &Compiler, target: WasmTarget, features: Features, folder: &Path) -> Result<Holds> {
    let work = folder.join("build");
    lay_out(compiler, &work)?;
    build(compiler, target, features, &work)?;
    collect(compiler, target, &work, folder)?;
    fs::remove_dir_all(&work)?;
    Ok(Holds::from([("std".into(), target.triple().into()), ("rustc".into(), compiler.version.clone())]))
}

/// An empty package with std's source linked in beside it, so that cargo runs rustc on paths
/// relative to one folder; and a wrapper around rustc.
fn lay_out(compiler: &Compiler, work: &Path) -> Result<()> {
    fs::create_dir_all(work.join("home"))?;
    let source = fs::canonicalize(library(&compiler.sysroot)).context("std's source is missing")?;
    std::os::unix::fs::symlink(&source, work.join("library"))?;
    let manifest = "[package]\nname = \"std-build\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
                    [lib]\npath = \"lib.rs\"\n[workspace]\n";
    fs::write(work.join("Cargo.toml"), manifest)?;
    fs::write(work.join("lib.rs"), "#![no_std]\n")?;
    let wrapper = work.join("rustc");
    fs::write(&wrapper, wrapper_script(&compiler.rustc, &source, work, cargo_home().as_deref()))?;
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
    Ok(())
}

/// rustc with the sources' real paths remapped, and with a fixed text in place of the hash that
/// cargo derives from paths, on which symbol names and the order of functions would depend.
fn wrapper_script(rustc: &Path, source: &Path, work: &Path, cargo_home: Option<&Path>) -> String {
    let remap = |path: &Path, name: &str| quote(&format!("--remap-path-prefix={}={name}", path.display()));
    let library = format!("{SOURCE_NAME}/library");
    let mut remaps =
        vec![remap(work, SOURCE_NAME), remap(&work.join("library"), &library), remap(source, &library)];
    remaps.extend(cargo_home.map(|home| remap(&home.join("registry/src"), SOURCE_NAME)));
    format!(
        "#!/bin/sh\n\
         for argument; do\n  \
           shift\n  \
           case $argument in metadata=*) argument=metadata=std ;; esac\n  \
           set -- \"$@\" \"$argument\"\n\
         done\n\
         exec {} \"$@\" {}\n",
        quote(&rustc.display().to_string()),
        remaps.join(" ")
    )
}

/// Where cargo keeps the sources of crates from the registry.
pub(super) fn cargo_home() -> Option<PathBuf> {
    let named = std::env::var_os("CARGO_HOME").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    named.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")))
}

fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn build(compiler: &Compiler, target: WasmTarget, features: Features, work: &Path) -> Result<()> {
    let spinner = progress::spinner(format!("building std for {target}, {features:?} (once, some minutes)"));
    let mut cargo = cargo::clean();
    cargo.current_dir(work).args(["build", "--release", "-Zbuild-std=std,panic_abort"]);
    cargo.args(["--target", target.triple(), "--target-dir"]).arg(work.join("target"));
    cargo.env("RUSTC", work.join("rustc")).env("RUSTC_BOOTSTRAP", "1");
    // The variable is cargo's own way to name another source than the sysroot's.
    cargo.env("__CARGO_TESTS_ONLY_SRC_ROOT", work.join("library"));
    cargo.env("CARGO_ENCODED_RUSTFLAGS", [flags(features), vec!["-Cdebuginfo=2"]].concat().join("\x1f"));
    cargo.env("CARGO_PROFILE_RELEASE_DEBUG", "2").env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "3");
    if let Some(path) = library_path(&compiler.libraries) {
        cargo.env("LD_LIBRARY_PATH", path);
    }
    if work.join("library/vendor").is_dir() {
        stay_offline(&mut cargo, work);
    }
    let output = cargo.output().context("running cargo")?;
    spinner.finish_and_clear();
    ensure!(
        output.status.success(),
        "building the standard library for {target} with {} failed:\n{}",
        compiler.version,
        last_lines(&output.stderr, 30)
    );
    Ok(())
}

/// Takes std's dependencies from its source, and nothing from the user's cargo folder.
fn stay_offline(cargo: &mut Command, work: &Path) {
    let vendored = format!("source.vendored.directory=\"{}\"", work.join("library/vendor").display());
    cargo.args([
        "--offline",
        "--config",
        "source.crates-io.replace-with=\"vendored\"",
        "--config",
        &vendored,
    ]);
    cargo.env("CARGO_HOME", work.join("home"));
}

/// Copies the finished libraries, and the target's own C files, to where rustc looks for them.
fn collect(compiler: &Compiler, target: WasmTarget, work: &Path, folder: &Path) -> Result<()> {
    let to = Path::new("lib/rustlib").join(target.triple()).join("lib");
    fs::create_dir_all(folder.join(&to))?;
    copy_files(&work.join("target").join(target.triple()).join("release/deps"), &folder.join(&to), |name| {
        name.ends_with(".rlib") && !name.starts_with("libstd_build")
    })?;
    if target == WasmTarget::Wasip1 {
        let own = to.join("self-contained");
        fs::create_dir_all(folder.join(&own))?;
        copy_files(&compiler.sysroot.join(&own), &folder.join(&own), |_| true)?;
    }
    Ok(())
}

fn copy_files(from: &Path, to: &Path, wanted: impl Fn(&str) -> bool) -> Result<()> {
    let copy = || -> std::io::Result<()> {
        for entry in fs::read_dir(from)? {
            let name: OsString = entry?.file_name();
            if name.to_str().is_some_and(&wanted) {
                fs::copy(from.join(&name), to.join(&name))?;
            }
        }
        Ok(())
    };
    copy().with_context(|| format!("copying {} to {}", from.display(), to.display()))
}

fn last_lines(text: &[u8], count: usize) -> String {
    let text = String::from_utf8_lossy(text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wrapper_passes_paths_with_spaces_and_quotes_on() {
        let script =
            wrapper_script(Path::new("/a b/rustc"), Path::new("/it's/library"), Path::new("/w"), None);
        assert!(script.contains("exec '/a b/rustc' \"$@\""), "{script}");
        assert!(script.contains(r"--remap-path-prefix=/it'\''s/library=/rust-src/library"), "{script}");
    }

    #[test]
    fn the_wrapper_hides_where_things_are_from_the_compiler() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rustc");
        let [source, work, home] = ["/s/library", "/w", "/h"].map(Path::new);
        fs::write(&path, wrapper_script(Path::new("echo"), source, work, Some(home))).unwrap();
        let output = Command::new("sh").arg(&path).args(["-C", "metadata=0123", "a b"]).output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&output.stdout).trim(),
            "-C metadata=std a b --remap-path-prefix=/w=/rust-src --remap-path-prefix=/w/library=/rust-src/library \
             --remap-path-prefix=/s/library=/rust-src/library --remap-path-prefix=/h/registry/src=/rust-src"
        );
    }

    #[test]
    fn the_end_of_a_long_failure_is_shown() {
        assert_eq!(last_lines(b"one\ntwo\nthree\n", 2), "two\nthree");
    }
}
