//! SpiderMonkey's worker. Everything is in JavaScript, which the host in `shim` runs; this hands it over.
//!
//! Usage: `worker CONFIGURATION`

use std::env;
use std::ffi::{CStr, CString, c_char, c_int};
use std::os::unix::ffi::OsStringExt;
use std::process::ExitCode;

/// The name and the text of every module of JavaScript.
const SOURCES: &[(&CStr, &str)] = &include!(concat!(env!("OUT_DIR"), "/sources.rs"));

/// A module of JavaScript, as the host has it.
#[repr(C)]
struct Source {
    name: *const c_char,
    text: *const c_char,
    length: usize,
}

unsafe extern "C" {
    /// Runs the module `worker.mjs` until it ends; gives the exit code.
    fn wasm_phases_host(sources: *const Source, count: usize, configuration: *const c_char) -> c_int;
}

fn main() -> ExitCode {
    let Some(name) = env::args_os().nth(1) else {
        eprintln!("a worker is started with the name of a configuration; requests come on standard input");
        return ExitCode::from(2);
    };
    // An argument of a process has no zero byte.
    let name = CString::new(name.into_vec()).unwrap_or_default();
    let sources: Vec<Source> = SOURCES
        .iter()
        .map(|(name, text)| Source { name: name.as_ptr(), text: text.as_ptr().cast(), length: text.len() })
        .collect();
    // SAFETY: the pointers are of what lives until the call is over, and the count and lengths are theirs.
    let code = unsafe { wasm_phases_host(sources.as_ptr(), sources.len(), name.as_ptr()) };
    u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from)
}
