//! Calls a sample's native library, so that expected results come out of the code that is
//! measured: `runner LIBRARY EXPORT ARGUMENT…` prints one JSON object a call.

use std::error::Error;
use std::ffi::{CStr, CString, c_char, c_int, c_void};

#[link(name = "dl")]
unsafe extern "C" {
    fn dlopen(file: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
    fn dlerror() -> *const c_char;
}

/// `RTLD_NOW`: every symbol is resolved when the library is opened.
const NOW: c_int = 2;

type Run = extern "C" fn(u32) -> u64;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let library = arguments.next().ok_or("runner LIBRARY EXPORT ARGUMENT…")?;
    let export = arguments.next().ok_or("runner LIBRARY EXPORT ARGUMENT…")?;
    let run = resolve(CString::new(library)?, CString::new(export)?)?;
    for argument in arguments {
        let argument: u32 = argument.parse()?;
        let result = run(argument);
        if run(argument) != result {
            return Err(format!("a second call with {argument} returns another result").into());
        }
        println!(r#"{{"argument":{argument},"result":{}}}"#, result.cast_signed());
    }
    Ok(())
}

fn resolve(library: CString, export: CString) -> Result<Run, Box<dyn Error>> {
    // SAFETY: both strings live through the calls; the library is one of the project's own,
    // and what it exports under this name is a `Run`. It is never closed.
    unsafe {
        let library = dlopen(library.as_ptr(), NOW);
        let symbol = if library.is_null() { library } else { dlsym(library, export.as_ptr()) };
        if symbol.is_null() {
            return Err(CStr::from_ptr(dlerror()).to_string_lossy().into());
        }
        Ok(std::mem::transmute::<*mut c_void, Run>(symbol))
    }
}
