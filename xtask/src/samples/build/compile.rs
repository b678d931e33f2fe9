//! How a sample is compiled: the one place with the compiler's settings, for wasm and for native
//! code, by rustc or by cargo. Both come from the same source, compiler and optimisation level.

use super::cpu::Cpu;
use super::packages::Package;
use super::store;
use crate::host::hash::sha256;
use crate::host::paths::Paths;
use crate::host::programs::run_with_input;
use crate::note;
use crate::samples::catalogue::{Sample, SampleSource};
use crate::toolchain::{Features, Toolchain, WasmTarget};
use anyhow::{Context, Result};
use cargo_lock::Lockfile;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

/// Settings that wasm and native code have in common, so that both are optimised alike.
const COMMON: [&str; 5] =
    ["--edition=2024", "-Copt-level=3", "-Cpanic=abort", "-Ccodegen-units=1", "-Cdebuginfo=2"];

/// The same for cargo, whatever a package's own profile says.
const PROFILE: [(&str, &str); 8] = [
    ("OPT_LEVEL", "3"),
    ("PANIC", "abort"),
    ("CODEGEN_UNITS", "1"),
    ("DEBUG", "2"),
    ("LTO", "off"),
    ("STRIP", "none"),
    ("DEBUG_ASSERTIONS", "false"),
    ("OVERFLOW_CHECKS", "false"),
];

/// The native allocator for `cpu`, in the folder of all outputs.
pub fn allocator(cpu: Cpu) -> PathBuf {
    allocator_folder(cpu).join("release/libnative_allocator.rlib")
}

fn allocator_folder(cpu: Cpu) -> PathBuf {
    Path::new("native").join(cpu.name()).join("allocator")
}

/// The source of a generated sample, in the folder of all outputs.
pub fn generated(sample: &Sample) -> PathBuf {
    PathBuf::from(format!("generated/{}.rs", sample.name))
}

/// What code is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Wasm(WasmTarget, Features),
    Native(Cpu),
}

impl Target {
    /// The folder in which cargo builds for it.
    fn folder(self, host: &str) -> String {
        match self {
            Target::Wasm(target, features) => format!("{target}-{features:?}").to_lowercase(),
            Target::Native(Cpu::Baseline) => "native-baseline".to_owned(),
            // Cargo does not notice that `native` is another CPU than it was.
            Target::Native(Cpu::Host) => format!("native-{}", &sha256(host.as_bytes())[..8]),
        }
    }
}

/// What a compilation makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Library,
    Program,
}

/// One run of a compiler.
#[derive(Debug)]
pub struct Compilation<'a> {
    compiler: &'a SampleCompiler<'a>,
    target: Target,
    kind: Kind,
    /// Cargo's package; rustc compiles a single file.
    package: Option<Package>,
    /// Arguments that decide about the result.
    arguments: Vec<OsString>,
    /// Arguments that name places, which differ between users and decide nothing.
    places: Vec<OsString>,
    /// The source that is compiled together with the native allocator.
    with_allocator: Option<PathBuf>,
}

impl Compilation<'_> {
    /// The key of everything that decides about the result, apart from the files that are read.
    pub fn key(&self) -> String {
        let identity = match self.target {
            Target::Wasm(target, features) => self.compiler.toolchain.wasm_identity(target, features),
            Target::Native(_) => self.compiler.toolchain.identity.clone(),
        };
        let profile = self.package.as_ref().map(|_| format!("{PROFILE:?}")).unwrap_or_default();
        let arguments = self.arguments.iter().map(|argument| argument.as_encoded_bytes());
        let shim = self.with_allocator.as_ref().map(|_| shim(Path::new(""))).unwrap_or_default();
        let head = [identity.as_bytes(), shim.as_bytes(), profile.as_bytes()];
        store::key(head.into_iter().chain(arguments))
    }

    /// Builds std for its target, where that is not there yet.
    ///
    /// # Errors
    /// When std cannot be built.
    pub fn prepare_std(&self) -> Result<()> {
        if let Target::Wasm(target, features) = self.target {
            self.compiler.toolchain.wasm_flags(target, features)?;
        }
        Ok(())
    }

    /// Compiles to the file `output`.
    ///
    /// # Errors
    /// When the compiler cannot be started or fails; the message carries its own words.
    pub fn run(self, output: &Path) -> Result<()> {
        match &self.package {
            Some(package) => self.run_cargo(package, output),
            None => self.run_rustc(output),
        }
    }

    fn run_rustc(&self, output: &Path) -> Result<()> {
        let mut rustc = self.compiler.toolchain.native_rustc();
        if let Target::Wasm(target, features) = self.target {
            rustc.args(["--target", target.triple()]);
            rustc.args(self.compiler.toolchain.wasm_flags(target, features)?);
        }
        rustc.args(&self.arguments).args(&self.places).arg("-o").arg(output);
        rustc.current_dir(&self.compiler.sources);
        run_with_input(rustc, &self.with_allocator.as_deref().map(shim).unwrap_or_default())
    }

    /// Builds in a folder that all packages share, so that what they have in common is built
    /// once, and takes the result from there before the next build can replace it.
    fn run_cargo(&self, package: &Package, output: &Path) -> Result<()> {
        let folder = self.compiler.scratch.join(self.target.folder(&self.compiler.host));
        let lock = self.compiler.folder_lock(&folder);
        let _locked = lock.lock().unwrap_or_else(PoisonError::into_inner);
        run_with_input(package.fetch(self.compiler.toolchain), "")?;
        // Cargo goes by the files' times, which an older copy of a file may have older.
        run_with_input(self.cargo("clean", package, &folder)?, "")?;
        let mut build = self.cargo("rustc", package, &folder)?;
        let artifact = match self.kind {
            Kind::Library => {
                build.args(["--lib", "--crate-type", "cdylib"]);
                package.library_file(matches!(self.target, Target::Wasm(..)))
            }
            Kind::Program => {
                build.arg("--bins");
                package.program_file(matches!(self.target, Target::Wasm(..)))
            }
        };
        build.arg("--").args(&self.arguments).args(&self.places);
        run_with_input(build, "")?;
        let built = match self.target {
            Target::Wasm(target, _) => folder.join(target.triple()),
            Target::Native(_) => folder,
        };
        let built = built.join("release").join(artifact);
        std::fs::copy(&built, output).with_context(|| format!("copying {}", built.display()))?;
        Ok(())
    }

    fn cargo(&self, task: &str, package: &Package, folder: &Path) -> Result<Command> {
        let mut cargo = self.compiler.toolchain.cargo();
        cargo.args([task, "--quiet", "--release", "--locked", "--package", &package.name]);
        cargo.arg("--manifest-path").arg(package.folder.join("Cargo.toml"));
        cargo.arg("--target-dir").arg(folder);
        for (name, value) in PROFILE {
            cargo.env(format!("CARGO_PROFILE_RELEASE_{name}"), value);
        }
        let mut flags = match self.target {
            Target::Wasm(target, features) => {
                cargo.args(["--target", target.triple()]);
                self.compiler.toolchain.wasm_flags(target, features)?
            }
            Target::Native(cpu) => {
                // For the flag that adds the allocator without changing the source.
                cargo.env("RUSTC_BOOTSTRAP", package.crate_name());
                cpu.flags().iter().map(OsString::from).collect()
            }
        };
        flags.extend(self.compiler.remaps(folder));
        cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f".as_ref()));
        Ok(cargo)
    }
}

/// Compiles the samples of one folder.
#[derive(Debug)]
pub struct SampleCompiler<'a> {
    /// The compiler.
    pub toolchain: &'a Toolchain,
    /// The checkout and the cache folder.
    pub paths: &'a Paths,
    /// The samples' folder.
    pub sources: PathBuf,
    /// The folder of all outputs, in which the allocators are built.
    pub outputs: PathBuf,
    /// Where cargo builds packages.
    pub scratch: PathBuf,
    /// What the compiler will find this machine's CPU to be.
    pub host: String,
    /// A lock for each of its folders, so that only one build runs in a folder.
    pub folder_locks: Mutex<BTreeMap<PathBuf, Arc<Mutex<()>>>>,
}

impl SampleCompiler<'_> {
    /// A sample as a wasm module with names and debug information.
    ///
    /// # Errors
    /// When the sample's package cannot be read.
    pub fn module(&self, sample: &Sample, features: Features) -> Result<Compilation<'_>> {
        let (target, kind) = match sample.is_command() {
            true => (WasmTarget::Wasip1, Kind::Program),
            false => (WasmTarget::Unknown, Kind::Library),
        };
        let mut compilation = self.compilation(sample, Target::Wasm(target, features), kind)?;
        compilation.places.extend(self.file(sample).map(OsString::from));
        Ok(compilation)
    }

    /// A sample as a native library with the allocator that std has on wasm32, which comes in
    /// beside the sample's source, so that the source is the same for both.
    ///
    /// # Errors
    /// As [`module`](Self::module).
    pub fn library(&self, sample: &Sample, cpu: Cpu, stripped: bool) -> Result<Compilation<'_>> {
        let mut compilation = self.compilation(sample, Target::Native(cpu), Kind::Library)?;
        let allocator = self.outputs.join(allocator(cpu));
        let (prefix, arguments) = (&mut compilation.places, &mut compilation.arguments);
        if stripped {
            arguments.push("-Cstrip=symbols".into());
        }
        let name = match self.file(sample) {
            Some(source) => {
                arguments.extend(cpu.flags().iter().map(OsString::from));
                arguments.push("-".into());
                compilation.with_allocator = Some(source);
                "native_allocator="
            }
            None => {
                arguments.push("-Zunstable-options".into());
                "force:native_allocator="
            }
        };
        prefix.extend(["--extern".into(), joined(name, &allocator)]);
        prefix.extend(["-L".into(), joined("dependency=", &allocator.with_file_name("deps"))]);
        Ok(compilation)
    }

    /// A command as an ordinary native program, whose output is the reference.
    ///
    /// # Errors
    /// As [`module`](Self::module).
    pub fn program(&self, sample: &Sample) -> Result<Compilation<'_>> {
        let mut compilation = self.compilation(sample, Target::Native(Cpu::Baseline), Kind::Program)?;
        compilation.places.extend(self.file(sample).map(OsString::from));
        Ok(compilation)
    }

    /// The file of a sample that rustc compiles.
    fn file(&self, sample: &Sample) -> Option<PathBuf> {
        match &sample.source {
            SampleSource::File(file) => Some(PathBuf::from(file)),
            SampleSource::Generated(_) => Some(self.outputs.join(generated(sample))),
            SampleSource::Package(_) => None,
        }
    }

    /// The program that calls native libraries.
    pub fn runner(&self) -> Compilation<'_> {
        let arguments = ["--edition=2024", "-Copt-level=3", "runner.rs"].map(OsString::from).to_vec();
        Compilation {
            compiler: self,
            target: Target::Native(Cpu::Baseline),
            kind: Kind::Program,
            package: None,
            arguments,
            places: Vec::new(),
            with_allocator: None,
        }
    }

    /// What every compilation of `sample` for `target` has. Paths of this checkout must not get
    /// into the output.
    fn compilation(&self, sample: &Sample, target: Target, kind: Kind) -> Result<Compilation<'_>> {
        let (mut arguments, mut places, mut package) = (Vec::new(), Vec::new(), None);
        match &sample.source {
            SampleSource::Package(folder) => package = Some(Package::read(&self.sources, folder)?),
            SampleSource::File(_) | SampleSource::Generated(_) => {
                let name = sample.name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_");
                let crate_type = if kind == Kind::Program { "bin" } else { "cdylib" };
                let own = [format!("--crate-name={name}"), format!("--crate-type={crate_type}")];
                arguments = COMMON.iter().map(OsString::from).chain(own.map(OsString::from)).collect();
                places.push(remap(&self.sources, "sample-src"));
                places.push(remap(&self.outputs, "generated"));
            }
        }
        Ok(Compilation { compiler: self, target, kind, package, arguments, places, with_allocator: None })
    }

    /// Builds the allocator of the native libraries with cargo, as its lock file says.
    ///
    /// # Errors
    /// When cargo fails: without network and with an empty registry cache, for example.
    pub fn build_allocator(&self, cpu: Cpu) -> Result<()> {
        let mut cargo = self.toolchain.cargo();
        cargo.args(["build", "--quiet", "--release", "--locked", "--manifest-path"]);
        cargo.arg(self.sources.join("native-allocator/Cargo.toml"));
        cargo.arg("--target-dir").arg(self.outputs.join(allocator_folder(cpu)));
        let flags = cpu.flags().iter().map(OsString::from);
        let flags: Vec<OsString> = flags.chain([remap(&self.sources, "sample-src")]).collect();
        cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f".as_ref()));
        run_with_input(cargo, "")
    }

    /// Says so when the native allocator is not the version that std has on wasm32, since the
    /// comparison with native code is then less than fair.
    ///
    /// # Errors
    /// When the allocator's lock file cannot be read.
    pub fn check_allocator(&self) -> Result<()> {
        let file = self.sources.join("native-allocator/Cargo.lock");
        let lock = Lockfile::load(&file).with_context(|| format!("reading {}", file.display()))?;
        let std = &self.toolchain.dlmalloc_version;
        let pinned = lock.packages.iter().filter(|one| one.name.as_str() == "dlmalloc");
        if !pinned.map(|one| one.version.to_string()).any(|version| version == *std) {
            note!(
                "warning: the samples' std allocates with dlmalloc {std} on wasm32, but {} pins another \
                 version for native code; pin {std} in the Cargo.toml beside it",
                file.display()
            );
        }
        Ok(())
    }

    /// Names in place of the folders that cargo's compilations see.
    fn remaps(&self, folder: &Path) -> Vec<OsString> {
        let mut remaps = vec![remap(folder, "build"), remap(&self.sources, "sample-src")];
        for sources in crate::toolchain::registry_sources() {
            remaps.push(remap(&sources, "registry"));
        }
        remaps
    }

    /// The lock of `folder`.
    fn folder_lock(&self, folder: &Path) -> Arc<Mutex<()>> {
        let mut locks = self.folder_locks.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(locks.entry(folder.to_owned()).or_default())
    }
}

/// The crate that brings the allocator in beside `source`, so that the source is the same for both.
fn shim(source: &Path) -> String {
    format!("#[path = {source:?}]\nmod sample;\nextern crate native_allocator;\n")
}

fn remap(path: &Path, name: &str) -> OsString {
    let mut flag = joined("--remap-path-prefix=", path);
    flag.push("=");
    flag.push(name);
    flag
}

fn joined(prefix: &str, path: &Path) -> OsString {
    let mut text = OsString::from(prefix);
    text.push(path);
    text
}
