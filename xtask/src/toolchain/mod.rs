//! The compiler for the samples: the active rustc where rustup gave it the wasm targets and
//! std's source, else Debian's `rustc-web` in the cache folder. Both compile wasm against a std
//! built here for a feature set, and native code from the same sources.

mod compiler;
mod debian;
mod rustup;
mod sysroot;

use crate::host::cache::Cache;
use crate::host::cargo;
use crate::host::paths::Paths;
use crate::host::programs;
use anyhow::{Context, Result, anyhow};
use compiler::{Compiler, library, library_path, output_of};
pub use compiler::{Features, WasmTarget};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A compiler that is ready for wasm and for native code.
#[derive(Clone, Debug)]
pub struct Toolchain {
    /// Such as `rustc 1.96.0 (ac68faa20 2026-05-25)`.
    pub version: String,
    /// The compiler and everything that its output depends on, for the keys of what is built
    /// with it.
    pub identity: String,
    /// The version of the allocator inside std for wasm, for native code that shall use the same.
    pub dlmalloc_version: String,
    compiler: Compiler,
    linker: PathBuf,
    cache: Cache,
}

/// The compiler for the samples; fetches it where it has to. Takes milliseconds where it is
/// there.
///
/// # Errors
/// When there is no compiler and none can be fetched; the message names what would help.
pub fn prepare(paths: &Paths) -> Result<Toolchain> {
    let cache = Cache::open(paths);
    let active = rustup::sysroot(&paths.root);
    let linker = wasm_linker(active.as_deref().ok())?;
    if programs::private_only() {
        return debian_toolchain(cache, linker);
    }
    match active.and_then(rustup::find) {
        Ok(found) => found.into_toolchain(cache, linker),
        Err(reason) => debian_toolchain(cache, linker).map_err(|error| no_route(&reason, &error)),
    }
}

/// The bytes that [`prepare`] would download; zero where the compiler is there.
pub fn download_bytes(paths: &Paths) -> u64 {
    let is_here = || rustup::sysroot(&paths.root).and_then(rustup::find).is_ok();
    if (!programs::private_only() && is_here()) || debian::is_here(&Cache::open(paths)) {
        return 0;
    }
    debian::DOWNLOAD_BYTES
}

fn debian_toolchain(cache: Cache, linker: PathBuf) -> Result<Toolchain> {
    debian::prepare(&cache)?.into_toolchain(cache, linker)
}

fn no_route(rustup: &anyhow::Error, debian: &anyhow::Error) -> anyhow::Error {
    anyhow!(
        "there is no compiler for the samples.\n\
         The active rustc: {rustup:#}.\n\
         Debian's rustc-web: {debian:#}.\n\
         One of these helps:\n  \
         rustup target add wasm32-unknown-unknown wasm32-wasip1 && rustup component add rust-src\n  \
         a Debian system on which `apt-get download rustc-web rust-web-src` works"
    )
}

impl Compiler {
    fn into_toolchain(self, cache: Cache, linker: PathBuf) -> Result<Toolchain> {
        let library = library(&self.sysroot);
        let lock = library.join("Cargo.lock");
        let text = std::fs::read_to_string(&lock).with_context(|| format!("reading {}", lock.display()))?;
        let dlmalloc_version = locked_version(&text, "dlmalloc")
            .with_context(|| format!("{} names no version of dlmalloc", lock.display()))?;
        let linker_bytes = linker.metadata().with_context(|| format!("reading {}", linker.display()))?.len();
        Ok(Toolchain {
            version: self.version.clone(),
            identity: format!("{}; linker of {linker_bytes} bytes", self.identity),
            dlmalloc_version,
            compiler: self,
            linker,
            cache,
        })
    }
}

impl Toolchain {
    /// What rustc must be told to compile for wasm: sysroot, features, abort on panic, linker.
    /// Target, optimisation, debug info and path remapping are the caller's. std is built at the
    /// first request for a target and its features.
    ///
    /// # Errors
    /// When std cannot be built.
    pub fn wasm_flags(&self, target: WasmTarget, features: Features) -> Result<Vec<OsString>> {
        let sysroot = sysroot::prepare(&self.compiler, &self.cache, target, features)?;
        let places = [prefixed("--sysroot=", &sysroot), prefixed("-Clinker=", &self.linker)];
        let flags = sysroot::FLAGS.iter().chain(features.flags()).map(OsString::from);
        Ok(places.into_iter().chain(flags).collect())
    }

    /// What identifies the compiler, its flags and its std for wasm, whether built yet or not.
    pub fn wasm_identity(&self, target: WasmTarget, features: Features) -> String {
        let std = sysroot::name(&self.compiler, target, features);
        format!("{}; {std} {}", self.identity, features.flags().join(" "))
    }

    /// The same rustc for the machine it runs on.
    pub fn native_rustc(&self) -> Command {
        let mut rustc = Command::new(&self.compiler.rustc);
        self.set_library_path(&mut rustc);
        rustc
    }

    /// The CPUs that native code is compiled for, by the compiler's names.
    ///
    /// # Errors
    /// When the compiler does not say.
    pub fn native_cpus(&self) -> Result<NativeCpus> {
        let text = output_of(self.native_rustc().args(["--print", "target-cpus"]))?;
        NativeCpus::parse(&text).context("rustc --print target-cpus names no default and no native CPU")
    }

    /// cargo, set to compile with the same rustc and free of the caller's compiler settings.
    pub fn cargo(&self) -> Command {
        let mut cargo = cargo::clean();
        cargo.env("RUSTC", &self.compiler.rustc);
        self.set_library_path(&mut cargo);
        cargo
    }

    fn set_library_path(&self, command: &mut Command) {
        if let Some(path) = library_path(&self.compiler.libraries) {
            command.env("LD_LIBRARY_PATH", path);
        }
    }
}

/// The CPUs that native code is compiled for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NativeCpus {
    /// The target's oldest, such as `x86-64`.
    pub baseline: String,
    /// This machine's, such as `znver3`.
    pub host: String,
}

impl NativeCpus {
    fn parse(text: &str) -> Option<NativeCpus> {
        let mut lines = text.lines();
        let native = lines.clone().find(|line| line.trim_start().starts_with("native "))?;
        let (_, host) = native.split_once("(currently ")?;
        let baseline = lines.find(|line| line.contains("default target CPU"))?.split_whitespace().next()?;
        Some(NativeCpus { baseline: baseline.to_owned(), host: host.trim_end_matches([')', '.']).to_owned() })
    }
}

/// Where cargo has the sources of crates: one folder for each registry.
pub fn registry_sources() -> Vec<PathBuf> {
    let Some(home) = sysroot::cargo_home() else { return Vec::new() };
    let folders = std::fs::read_dir(home.join("registry/src")).into_iter().flatten().flatten();
    folders.map(|folder| folder.path()).collect()
}

fn prefixed(prefix: &str, path: &Path) -> OsString {
    let mut text = OsString::from(prefix);
    text.push(path);
    text
}

/// A linker for wasm: the one of the active rustc, or an lld on PATH. Debian's rustc-web has none.
fn wasm_linker(active: Option<&Path>) -> Result<PathBuf> {
    let in_sysroot = active.and_then(linker_in);
    let on_path = || {
        ["rust-lld", "wasm-ld", "wasm-ld-22", "wasm-ld-19"].iter().find_map(|name| programs::on_path(name))
    };
    in_sysroot.or_else(on_path).context(
        "there is no linker for wasm: neither the active rustc's rust-lld nor a wasm-ld on PATH; \
         install Rust with rustup, or `apt install lld`",
    )
}

fn linker_in(sysroot: &Path) -> Option<PathBuf> {
    let hosts = std::fs::read_dir(sysroot.join("lib/rustlib")).ok()?;
    hosts.flatten().map(|host| host.path().join("bin/rust-lld")).find(|linker| linker.is_file())
}

/// The version of `package` in the text of a `Cargo.lock`.
fn locked_version(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_tells_the_version_of_a_package() {
        let lock = "[[package]]\nname = \"cfg-if\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"dlmalloc\"\nversion = \"0.2.11\"\n";
        assert_eq!(locked_version(lock, "dlmalloc").as_deref(), Some("0.2.11"));
        assert_eq!(locked_version(lock, "libm"), None);
    }

    #[test]
    fn the_compiler_names_its_cpus() {
        let text = "Available CPUs for this target:\n    \
            native   - Select the CPU of the current host (currently znver3).\n    \
            athlon\n    \
            x86-64   - This is the default target CPU for the current build target (currently x).\n";
        let cpus = NativeCpus { baseline: "x86-64".into(), host: "znver3".into() };
        assert_eq!(NativeCpus::parse(text), Some(cpus));
    }

    #[test]
    fn without_any_compiler_the_message_names_what_would_help() {
        let error = no_route(&anyhow!("it lacks rust-src"), &anyhow!("there is no apt-get")).to_string();
        for part in ["it lacks rust-src", "there is no apt-get", "rustup target add", "rust-src", "rustc-web"]
        {
            assert!(error.contains(part), "{part} in {error}");
        }
    }

    #[test]
    fn a_linker_is_found_in_a_sysroot_whatever_the_host() {
        let sysroot = tempfile::tempdir().unwrap();
        assert_eq!(linker_in(sysroot.path()), None);
        let bin = sysroot.path().join("lib/rustlib/some-host/bin");
        std::fs::create_dir_all(&bin).unwrap();
        std::fs::write(bin.join("rust-lld"), "").unwrap();
        assert_eq!(linker_in(sysroot.path()), Some(bin.join("rust-lld")));
    }
}
