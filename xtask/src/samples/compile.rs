//! How a sample is compiled: the one place with rustc's flags, for wasm and for native code.
//! Both come from the same source, compiler and optimisation level.

use super::catalogue::Sample;
use super::store;
use crate::toolchain::{Toolchain, WasmTarget};
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is common to a module and a native library: the instrument compares like with like.
const COMMON: [&str; 6] = [
    "--edition=2024",
    "--crate-type=cdylib",
    "-Copt-level=3",
    "-Cpanic=abort",
    "-Ccodegen-units=1",
    "-Cdebuginfo=2",
];

/// The CPU that native code is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cpu {
    /// The target's oldest.
    Baseline,
    /// This machine's, since engines compile for it too.
    Host,
}

impl Cpu {
    /// Both.
    pub const ALL: [Cpu; 2] = [Cpu::Baseline, Cpu::Host];

    /// Its name in the manifest and in paths.
    pub fn name(self) -> &'static str {
        match self {
            Cpu::Baseline => "baseline",
            Cpu::Host => "host",
        }
    }

    fn flags(self) -> &'static [&'static str] {
        match self {
            Cpu::Baseline => &[],
            Cpu::Host => &["-Ctarget-cpu=native"],
        }
    }
}

/// The native allocator for `cpu`, in the folder of all outputs.
pub fn allocator(cpu: Cpu) -> PathBuf {
    allocator_folder(cpu).join("release/libnative_allocator.rlib")
}

fn allocator_folder(cpu: Cpu) -> PathBuf {
    Path::new("native").join(cpu.name()).join("allocator")
}

/// One run of the compiler.
#[derive(Debug)]
pub struct Compilation {
    /// The compiler, with what the toolchain itself sets: its folders, which differ between
    /// users and decide nothing.
    command: Command,
    /// What identifies the compiler and its std.
    identity: String,
    /// What this file adds.
    arguments: Vec<OsString>,
    /// What the compiler reads from its standard input.
    input: String,
}

impl Compilation {
    /// The key of everything that decides about the result, apart from the files that are read.
    pub fn key(&self) -> String {
        let arguments = self.arguments.iter().map(|argument| argument.as_encoded_bytes());
        store::key([self.identity.as_bytes(), self.input.as_bytes()].into_iter().chain(arguments))
    }

    /// Compiles to the file `output`.
    ///
    /// # Errors
    /// When the compiler cannot be started or fails; the message carries its own words.
    pub fn run(mut self, output: &Path) -> Result<()> {
        self.command.args(&self.arguments).arg("-o").arg(output);
        finish(self.command, &self.input)
    }
}

/// Compiles the samples of one folder.
#[derive(Debug)]
pub struct Compiler<'a> {
    /// The compiler.
    pub toolchain: &'a Toolchain,
    /// The samples' folder.
    pub sources: PathBuf,
    /// The folder of all outputs, in which the allocators are built.
    pub outputs: PathBuf,
}

impl Compiler<'_> {
    /// A sample as a wasm module with names and debug information.
    ///
    /// # Errors
    /// When std for wasm has to be built, and cannot be.
    pub fn module(&self, sample: &Sample) -> Result<Compilation> {
        let command = self.toolchain.wasm_rustc(WasmTarget::Unknown)?;
        let sysroot = self.toolchain.sysroot(WasmTarget::Unknown)?;
        // The folder's name is made from everything that std was built from.
        let std = sysroot.file_name().unwrap_or_default().to_string_lossy();
        let identity = format!("{}; {std}", self.toolchain.identity);
        let mut arguments = self.common(sample);
        arguments.push(OsString::from(&sample.source));
        Ok(self.compilation(command, identity, arguments))
    }

    /// A sample as a native library with the allocator that std has on wasm32, which comes in
    /// beside the sample's source, so that the source is the same for both.
    pub fn library(&self, sample: &Sample, cpu: Cpu, stripped: bool) -> Compilation {
        let mut arguments = self.common(sample);
        arguments.extend(cpu.flags().iter().map(OsString::from));
        let allocator = self.outputs.join(allocator(cpu));
        arguments.extend(["--extern".into(), joined("native_allocator=", &allocator)]);
        arguments.extend(["-L".into(), joined("dependency=", &allocator.with_file_name("deps"))]);
        if stripped {
            arguments.push("-Cstrip=symbols".into());
        }
        arguments.push("-".into());
        let source = self.sources.join(&sample.source);
        let mut compilation = self.native(arguments);
        compilation.input = format!("#[path = {source:?}]\nmod sample;\nextern crate native_allocator;\n");
        compilation
    }

    /// The program that calls native libraries.
    pub fn runner(&self) -> Compilation {
        self.native(["--edition=2024", "-Copt-level=3", "runner.rs"].map(OsString::from).to_vec())
    }

    fn native(&self, arguments: Vec<OsString>) -> Compilation {
        self.compilation(self.toolchain.native_rustc(), self.toolchain.identity.clone(), arguments)
    }

    fn compilation(&self, mut command: Command, identity: String, arguments: Vec<OsString>) -> Compilation {
        command.current_dir(&self.sources);
        Compilation { command, identity, arguments, input: String::new() }
    }

    /// Builds the allocator of the native libraries with cargo, as its lock file says.
    ///
    /// # Errors
    /// When cargo fails: without network and with an empty registry cache, for example.
    pub fn build_allocator(&self, cpu: Cpu) -> Result<()> {
        let mut cargo = self.toolchain.cargo_native();
        cargo.args(["build", "--quiet", "--release", "--locked", "--manifest-path"]);
        cargo.arg(self.sources.join("native-allocator/Cargo.toml"));
        cargo.arg("--target-dir").arg(self.outputs.join(allocator_folder(cpu)));
        let remap = self.remap();
        let flags: Vec<&str> = cpu.flags().iter().copied().chain([remap.as_str()]).collect();
        cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
        finish(cargo, "")
    }

    /// Says so when the native allocator is not the version that std has on wasm32, since the
    /// comparison with native code is then less than fair.
    ///
    /// # Errors
    /// When the allocator's lock file cannot be read.
    pub fn check_allocator(&self) -> Result<()> {
        let file = self.sources.join("native-allocator/Cargo.lock");
        let lock = String::from_utf8(store::read(&file)?)?;
        let std = &self.toolchain.dlmalloc_version;
        if !lock.contains(&format!("name = \"dlmalloc\"\nversion = \"{std}\"\n")) {
            eprintln!(
                "warning: the samples' std allocates with dlmalloc {std} on wasm32, but {} pins another \
                 version for native code; pin {std} in the Cargo.toml beside it",
                file.display()
            );
        }
        Ok(())
    }

    /// Flags of both targets. Paths of this checkout must not get into the output.
    fn common(&self, sample: &Sample) -> Vec<OsString> {
        let name = sample.name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_");
        let own = [format!("--crate-name={name}"), self.remap()];
        COMMON.iter().map(OsString::from).chain(own.map(OsString::from)).collect()
    }

    fn remap(&self) -> String {
        format!("--remap-path-prefix={}=sample-src", self.sources.display())
    }
}

fn joined(prefix: &str, path: &Path) -> OsString {
    let mut text = OsString::from(prefix);
    text.push(path);
    text
}

/// Runs `command` with `input` as its standard input.
fn finish(mut command: Command, input: &str) -> Result<()> {
    let name = command.get_program().to_owned();
    let starting = || format!("cannot start {}", Path::new(&name).display());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(starting)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A compiler that fails early does not read it; its own message says more.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().with_context(starting)?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        bail!("{} failed ({}):\n{}", Path::new(&name).display(), output.status, words.trim_end());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compilation(identity: &str, argument: &str, input: &str) -> Compilation {
        Compilation {
            command: Command::new("rustc"),
            identity: identity.to_owned(),
            arguments: vec![argument.into()],
            input: input.to_owned(),
        }
    }

    #[test]
    fn a_key_reacts_to_compiler_flags_and_input() {
        let key = compilation("1.96", "-Copt-level=3", "x").key();
        assert_eq!(key, compilation("1.96", "-Copt-level=3", "x").key());
        assert_ne!(key, compilation("1.97", "-Copt-level=3", "x").key());
        assert_ne!(key, compilation("1.96", "-Copt-level=2", "x").key());
        assert_ne!(key, compilation("1.96", "-Copt-level=3", "y").key());
    }

    #[test]
    fn a_failing_compiler_is_quoted() {
        let mut failing = compilation("", "--", "source");
        failing.command = Command::new("sh");
        failing.command.args(["-c", "cat; echo 'error: no such crate' >&2; exit 3"]);
        let error = failing.run(Path::new("out")).unwrap_err().to_string();
        assert!(error.contains("error: no such crate") && error.contains("exit status: 3"), "{error}");
    }
}
