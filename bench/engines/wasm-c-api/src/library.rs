//! Which library the engine is, and what can be said of it before it is used: `wasm.h` tells neither a runtime's
//! name nor its version.

use crate::api::Api;
use std::ffi::CStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use worker::protocol::{Ability, Error, Result};

/// Names the library; the coordinator sets it for each engine.
pub const VARIABLE: &str = "WASM_PHASES_C_API_LIBRARY";

/// As the first argument: this process finds out whether the library that is the second can save a module.
pub const TRY_TO_SAVE: &str = "--try-to-save";

/// A library with the standard C API.
pub struct Library {
    /// The file.
    pub path: PathBuf,
    /// The runtime's name and version, where something tells them.
    pub runtime: Option<(String, String)>,
}

impl Library {
    /// The library that [`VARIABLE`] names.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](worker::protocol::ErrorKind::Unsupported) where it names none.
    pub fn named() -> Result<Library> {
        let path = std::env::var_os(VARIABLE).filter(|path| !path.is_empty());
        let path = path.ok_or_else(|| Error::unsupported(format!("no library is named in {VARIABLE}")))?;
        Ok(Library::at(PathBuf::from(path)))
    }

    fn at(path: PathBuf) -> Library {
        let runtime = path.ancestors().skip(1).take(3).find_map(wheel);
        Library { path, runtime }
    }

    /// Loads it for good.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](worker::protocol::ErrorKind::Unsupported) where that fails.
    pub fn load(&self) -> Result<&'static Api> {
        Api::load(&self.path)
            .map_err(|words| Error::unsupported(format!("cannot use {}: {words}", self.path.display())))
    }

    /// The runtime and its version: of the wheel that holds the library, or of a function that only Wasmer has.
    /// Otherwise the library's file.
    pub fn identity(&self, api: &Api) -> (String, String) {
        let wasmer = || {
            // SAFETY: the function takes nothing, and gives a text that ends with a zero and is never freed.
            let version = unsafe { CStr::from_ptr(api.wasmer_version?()) };
            Some(("wasmer".to_owned(), version.to_string_lossy().into_owned()))
        };
        self.runtime.clone().or_else(wasmer).unwrap_or_else(|| {
            let file = self.path.file_name().unwrap_or_default().to_string_lossy();
            (file.into_owned(), "of unknown version".to_owned())
        })
    }

    /// Whether the library can save a module. Some have the function and end the process in it, so another process
    /// tries it, unless this is Wasmtime, which can.
    pub fn can_save(&self, api: &Api) -> Ability {
        if api.wasmtime_module_validate.is_some() {
            return Ability::Yes;
        }
        if api.wasm_module_serialize.is_none() || api.wasm_module_deserialize.is_none() {
            return Ability::no("the library has no wasm_module_serialize and wasm_module_deserialize");
        }
        let tried = std::env::current_exe().and_then(|worker| {
            let mut command = Command::new(worker);
            command.arg(TRY_TO_SAVE).arg(&self.path).stdin(Stdio::null()).output()
        });
        match tried {
            Ok(output) if output.status.success() => Ability::Yes,
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stderr);
                let said =
                    said.lines().find(|line| line.contains("wasm_module")).unwrap_or("it says nothing");
                Ability::no(format!("the library cannot save a module: {}", said.trim()))
            }
            Err(error) => Ability::no(format!("nothing can be tried in another process: {error}")),
        }
    }
}

/// The package and the version of the wheel that was unpacked in `folder`, if one was.
fn wheel(folder: &Path) -> Option<(String, String)> {
    std::fs::read_dir(folder).ok()?.find_map(|entry| {
        let name = entry.ok()?.file_name().into_string().ok()?;
        let (package, version) = name.strip_suffix(".dist-info")?.split_once('-')?;
        Some((package.to_owned(), version.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wheel_tells_what_the_library_in_it_is() {
        let place = std::env::temp_dir().join(format!("c-api-wheel-{}", std::process::id()));
        let inside = place.join("wasmtime/linux-x86_64");
        std::fs::create_dir_all(&inside).expect("a folder can be made");
        std::fs::create_dir_all(place.join("wasmtime-50.0.1.dist-info")).expect("a folder can be made");
        let library = Library::at(inside.join("_libwasmtime.so"));
        std::fs::remove_dir_all(&place).expect("it can be removed");
        assert_eq!(library.runtime, Some(("wasmtime".to_owned(), "50.0.1".to_owned())));
    }

    #[test]
    fn a_file_that_is_no_library_is_refused_with_the_linkers_words() {
        let Err(error) = Library::at(PathBuf::from("/nowhere/lib.so")).load() else {
            panic!("nothing is there")
        };
        assert!(error.message.contains("/nowhere/lib.so: cannot open shared object file"), "{error}");
    }
}
