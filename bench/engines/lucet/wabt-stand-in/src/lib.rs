//! Stands in for `wabt` 0.9.2, which its authors withdrew from the registry. lucetc names it for
//! text input alone; the workers give it binary modules only, so that every text is turned down.

use std::fmt;

/// Why a text was turned down. lucetc transmutes it to its [`ErrorKind`].
#[derive(Debug)]
#[repr(transparent)]
pub struct Error(ErrorKind);

/// The kinds that lucetc tells apart.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A binary module that cannot be read.
    Deserialize(String),
    /// A text that cannot be read.
    Parse(String),
    /// A name that means nothing.
    ResolveNames(String),
    /// A module that is not valid.
    Validate(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a binary WebAssembly module")
    }
}

impl std::error::Error for Error {
    fn description(&self) -> &str {
        "not a binary WebAssembly module"
    }
}

/// Text to binary, in the original.
///
/// # Errors
/// Always: no text is read here.
pub fn wat2wasm<S: AsRef<[u8]>>(_source: S) -> Result<Vec<u8>, Error> {
    Err(Error(ErrorKind::Parse("it does not begin with \\0asm".to_owned())))
}
