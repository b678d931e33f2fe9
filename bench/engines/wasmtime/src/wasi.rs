//! WASI preview 1 through `wasmtime-wasi`, on the guest's memory files.

use crate::instance::{State, failure};
use wasmtime::Linker;
use wasmtime_wasi::cli::{InputFile, OutputFile};
use wasmtime_wasi::p1::{WasiP1Ctx, add_to_linker_sync};
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};
use worker::Guest;
use worker::protocol::{Entry, Error, Result};

/// Defines preview 1's functions, once for an engine.
///
/// # Errors
/// When Wasmtime refuses one of them.
pub fn define(linker: &mut Linker<State>) -> Result<()> {
    add_to_linker_sync(linker, present).map_err(|error| failure(&error))
}

fn present(state: &mut State) -> &mut WasiP1Ctx {
    state.as_mut().expect("every module that imports WASI is instantiated with a context")
}

/// A context of one instance: arguments, environment, folders and streams of `guest`.
///
/// # Errors
/// When a stream cannot be duplicated or a folder cannot be opened.
pub fn context(guest: &Guest) -> Result<WasiP1Ctx> {
    let mut builder = WasiCtxBuilder::new();
    builder
        .stdin(InputFile::new(guest.stdio.stdin.try_clone()?))
        .stdout(OutputFile::new(guest.stdio.stdout.try_clone()?))
        .stderr(OutputFile::new(guest.stdio.stderr.try_clone()?))
        // The worker has nothing else to do: file operations need not go to other threads.
        .allow_blocking_current_thread(true);
    if let Entry::Command { args, env, dirs, .. } = &guest.entry {
        builder.args(args).envs(env);
        for (host, inside) in dirs {
            builder
                .preopened_dir(host, inside, FsPerms::ReadWrite)
                .map_err(|error| Error::internal(format!("cannot open {}: {error:#}", host.display())))?;
        }
    }
    Ok(builder.build_p1())
}
