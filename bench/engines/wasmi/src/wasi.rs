//! WASI preview 1 through `wasmi_wasi`, on the guest's memory files.

use crate::instance::State;
use cap_std::fs::File as CapFile;
use std::fs::File;
use wasmi::Linker;
use wasmi_wasi::wasi_common::sync::file::File as WasiFile;
use wasmi_wasi::{Dir, WasiCtx, WasiCtxBuilder, add_to_linker, ambient_authority};
use worker::Guest;
use worker::protocol::{Entry, Error, Result};

/// Defines preview 1's functions, once for an engine.
pub fn define(linker: &mut Linker<State>) -> Result<()> {
    add_to_linker(linker, present).map_err(Error::internal)
}

fn present(state: &mut State) -> &mut WasiCtx {
    state.as_mut().expect("every guest that imports WASI has a context")
}

/// A context of one instance: arguments, environment, folders and streams of `guest`.
pub fn context(guest: &Guest) -> Result<WasiCtx> {
    let stream = |file: &File| -> std::io::Result<Box<WasiFile>> {
        Ok(Box::new(WasiFile::from_cap_std(CapFile::from_std(file.try_clone()?))))
    };
    let mut builder = WasiCtxBuilder::new();
    builder.stdin(stream(&guest.stdio.stdin)?).stdout(stream(&guest.stdio.stdout)?);
    builder.stderr(stream(&guest.stdio.stderr)?);
    if let Entry::Command { args, env, dirs, .. } = &guest.entry {
        builder.args(args).and_then(|builder| builder.envs(env)).map_err(Error::internal)?;
        for (host, inside) in dirs {
            let folder = Dir::open_ambient_dir(host, ambient_authority())
                .map_err(|error| Error::internal(format!("cannot open {}: {error}", host.display())))?;
            builder.preopened_dir(folder, inside).map_err(Error::internal)?;
        }
    }
    Ok(builder.build())
}
