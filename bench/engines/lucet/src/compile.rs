//! From a module's bytes to an object file, and from that to a shared object: the two halves of
//! lucetc's `shared_object_file`, which are timed apart.

use crate::errors;
use lucet_module::bindings::Bindings;
use lucetc::{Lucetc, LucetcOpts};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;
use worker::protocol::{Error, ErrorKind, Result};

/// An object file in a temporary folder, which goes when this is dropped.
pub struct Object {
    folder: TempDir,
}

const OBJECT: &str = "module.o";
const LINKER: &str = "ld";

/// Address space for a memory: all that an index can reach, so that memories may grow and no
/// access needs a comparison. lucetc's own default, 4 MiB, is both its bound and its limit.
const RESERVED_BYTES: u64 = 4 << 30;

impl Object {
    /// Compiles `wasm` to an object file.
    ///
    /// # Errors
    /// [`ErrorKind::Link`] for an import that `bindings` do not name, [`ErrorKind::Rejected`] for a
    /// module that Lucet does not take.
    pub fn compile(wasm: &[u8], bindings: Bindings) -> Result<Object> {
        let folder = tempfile::Builder::new().prefix("wasm-phases-lucet.").tempdir()?;
        let lucetc = Lucetc::try_from_bytes(wasm).map_err(|error| errors::rejected(&error))?;
        let lucetc = lucetc.with_bindings(bindings).with_reserved_size(RESERVED_BYTES);
        let compiled = lucetc.object_file(folder.path().join(OBJECT));
        compiled.map_err(|error| errors::rejected(&error))?;
        Ok(Object { folder })
    }

    /// Links the object to the shared object `artifact`, with lucetc's own arguments.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the linker cannot be run or fails.
    pub fn link(&self, artifact: &Path) -> Result<()> {
        let object = self.folder.path().join(OBJECT);
        let linked = Command::new(LINKER)
            .arg(object)
            .arg("-shared")
            .arg("-o")
            .arg(artifact)
            .output()
            .map_err(|error| no_linker(&error))?;
        if linked.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&linked.stderr);
        Err(Error::new(ErrorKind::Io, format!("{LINKER} failed: {}", said.trim())))
    }
}

/// The linker's name and version.
///
/// # Errors
/// [`ErrorKind::Unsupported`] when there is none.
pub fn linker_version() -> Result<String> {
    let output = Command::new(LINKER).arg("--version").output().map_err(|error| no_linker(&error))?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().next().unwrap_or(LINKER).to_owned())
}

fn no_linker(error: &std::io::Error) -> Error {
    Error::unsupported(format!("the linker `{LINKER}` cannot be run ({error}); install binutils"))
}
