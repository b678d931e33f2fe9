//! From a module's bytes to a shared object: wasm2c writes C, and a C compiler does the rest. All files
//! stand in a temporary folder.

use crate::glue::{self, MODULE};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use worker::protocol::{Error, ErrorKind, Result};

/// WABT's folder, with its programs, wasm2c's runtime and SIMDe; `build.rs` notes it.
const WABT: &str = env!("WASM2C_WABT");

/// What is common to both compilers. wasm2c's documentation asks for the first two where its code is
/// optimised: else some NaNs and endless recursion are not as the specification has them.
const FLAGS: [&str; 5] = ["-O2", "-fno-optimize-sibling-calls", "-frounding-math", "-fPIC", "-w"];

/// GCC needs this besides, by the same documentation.
const GCC_FLAGS: [&str; 1] = ["-fsignaling-nans"];

/// A C compiler, and how it is called.
#[derive(Clone)]
pub struct Compiler {
    program: &'static str,
    flags: &'static [&'static str],
}

impl Compiler {
    /// The compiler of the engine `name`.
    pub fn of(name: &str) -> Compiler {
        match name {
            "wasm2c-clang" => Compiler { program: env!("WASM2C_CLANG"), flags: &[] },
            _ => Compiler { program: env!("WASM2C_GCC"), flags: &GCC_FLAGS },
        }
    }

    /// Its name and version.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when it cannot be run.
    pub fn version(&self) -> Result<String> {
        let output = Command::new(self.program).arg("--version").output().map_err(|error| {
            let program = if self.program.is_empty() { "the C compiler" } else { self.program };
            Error::unsupported(format!("{program} cannot be run: {error}"))
        })?;
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(text.lines().next().unwrap_or_default().to_owned())
    }

    /// The flags that a reader of the numbers must know.
    pub fn flags(&self) -> String {
        let all: Vec<_> = FLAGS.iter().chain(self.flags).copied().filter(|flag| *flag != "-w").collect();
        format!("{} -shared; no -march", all.join(" "))
    }
}

/// The version of WABT.
pub fn wabt_version() -> Result<String> {
    Ok(std::fs::read_to_string(Path::new(WABT).join("_wabt_version.txt"))?.trim().to_owned())
}

/// Validates `wasm` by WABT's own program; gives the folder in which its file stands, to be removed untimed.
///
/// # Errors
/// [`ErrorKind::Rejected`] in that program's words.
pub fn validate(wasm: &[u8]) -> Result<Folder> {
    let folder = Folder::with(wasm)?;
    run(Command::new(program("wasm-validate")).arg(folder.file("wasm")), ErrorKind::Rejected)?;
    Ok(folder)
}

/// A shared object in a temporary folder, which goes when this is dropped.
pub struct Object {
    folder: Folder,
}

impl Object {
    /// Compiles `wasm` with `compiler`.
    ///
    /// # Errors
    /// [`ErrorKind::Rejected`] for a module that wasm2c does not take, [`ErrorKind::Link`] for an import
    /// that the worker does not have, [`ErrorKind::Internal`] for C that is not compiled.
    pub fn compile(wasm: &[u8], compiler: &Compiler) -> Result<Object> {
        let folder = Folder::with(wasm)?;
        let (module, glue) = (folder.file("c"), folder.path().join("worker.c"));
        run(
            Command::new(program("wasm2c")).arg(folder.file("wasm")).args(["-n", MODULE, "-o"]).arg(&module),
            ErrorKind::Rejected,
        )?;
        std::fs::write(&glue, glue::write(&std::fs::read_to_string(folder.file("h"))?)?)?;
        let mut command = Command::new(compiler.program);
        // A compiler cache on the PATH would give out what another pass has compiled.
        command.env("CCACHE_DISABLE", "1");
        command.args(FLAGS).args(compiler.flags).arg("-I").arg(Path::new(WABT).join("wasm2c"));
        command.arg("-I").arg(Path::new(WABT).join("include"));
        command.arg("-shared").arg("-o").arg(folder.file("so")).arg(module).arg(glue).arg("-lm");
        run(&mut command, ErrorKind::Internal)?;
        Ok(Object { folder })
    }

    /// Copies it to `artifact`.
    pub fn save(&self, artifact: &Path) -> Result<()> {
        std::fs::copy(self.folder.file("so"), artifact)?;
        Ok(())
    }
}

fn program(name: &str) -> PathBuf {
    Path::new(WABT).join("bin").join(name)
}

/// Runs `command`; an error in its own words is of `kind`.
fn run(command: &mut Command, kind: ErrorKind) -> Result<()> {
    let name =
        Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let output = command
        .output()
        .map_err(|error| Error::new(ErrorKind::Io, format!("{name} cannot be run: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let folder = std::env::temp_dir();
    let said = said.trim().replace(&*folder.to_string_lossy(), "");
    let said = if said.is_empty() { output.status.to_string() } else { said };
    Err(Error::new(kind, format!("{name}: {said}")))
}

/// A temporary folder with the module in it.
pub struct Folder(TempDir);

impl Folder {
    fn with(wasm: &[u8]) -> Result<Folder> {
        let folder = Folder(tempfile::Builder::new().prefix("wasm-phases-wasm2c.").tempdir()?);
        std::fs::write(folder.file("wasm"), wasm)?;
        Ok(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// The module's file with this ending.
    fn file(&self, ending: &str) -> PathBuf {
        self.path().join(format!("{MODULE}.{ending}"))
    }
}
