//! WASI through lucet-wasi, which speaks `wasi_unstable`. Preview 1 came of it by renaming the
//! module and changing few things; this binds both names, and translates what differs.

use lucet_module::bindings::Bindings;
use lucet_runtime::lucet_hostcall;
use lucet_runtime::vmctx::Vmctx;
use lucet_wasi::{WasiCtx, WasiCtxBuilder};
use std::fs::File;
use wasi_common::hostcalls;
use worker::protocol::{Entry, Error, Result};
use worker::Guest;

/// Preview 1's functions that are not `wasi_unstable`'s: their names, and the symbols below.
const TRANSLATED: [(&str, &str); 4] = [
    ("fd_seek", "preview1_fd_seek"),
    ("fd_filestat_get", "preview1_fd_filestat_get"),
    ("path_filestat_get", "preview1_path_filestat_get"),
    ("poll_oneoff", "preview1_poll_oneoff"),
];

/// Keeps the host functions in the program, where loaded modules look for them.
pub fn ensure_linked() {
    lucet_wasi::export_wasi_funcs();
    std::hint::black_box([
        preview1_fd_seek as *const (),
        preview1_fd_filestat_get as *const (),
        preview1_path_filestat_get as *const (),
        preview1_poll_oneoff as *const (),
    ]);
}

/// Which symbol stands for which import, for the compiler.
///
/// # Errors
/// When lucet-wasi's own bindings are not as expected.
pub fn bindings() -> Result<Bindings> {
    let mut modules = lucet_wasi::bindings().to_json();
    let mut preview1 = modules["wasi_unstable"].clone();
    for (name, symbol) in TRANSLATED {
        preview1[name] = symbol.into();
    }
    modules["wasi_snapshot_preview1"] = preview1;
    Bindings::from_json(&modules).map_err(Error::internal)
}

/// The context of a command or of a module that imports WASI: arguments, environment, folders and streams;
/// `None` for other modules.
///
/// # Errors
/// When a stream cannot be duplicated or a folder cannot be opened.
pub fn context(guest: &Guest) -> Result<Option<WasiCtx>> {
    let (args, env, dirs) = match &guest.entry {
        Entry::Command { args, env, dirs, .. } => (args.as_slice(), env.as_slice(), dirs.as_slice()),
        Entry::Export { .. } if guest.imports_wasi => (&[][..], &[][..], &[][..]),
        Entry::Export { .. } => return Ok(None),
    };
    let mut builder = WasiCtxBuilder::new()
        .stdin(guest.stdio.stdin.try_clone()?)
        .stdout(guest.stdio.stdout.try_clone()?)
        .stderr(guest.stdio.stderr.try_clone()?)
        .args(args);
    for (name, value) in env {
        builder = builder.env(name, value);
    }
    for (host, inside) in dirs {
        let folder = File::open(host)
            .map_err(|error| Error::internal(format!("cannot open {}: {error}", host.display())))?;
        builder = builder.preopened_dir(folder, inside);
    }
    builder.build().map(Some).map_err(|error| Error::internal(format!("no WASI context: {error}")))
}

type Errno = u16;
const SUCCESS: Errno = 0;
const FAULT: Errno = 21;
const INVALID: Errno = 28;
const NOT_SUPPORTED: Errno = 58;

/// Preview 1 counts `whence` from the start, the position, the end; `wasi_unstable` from the
/// position, the end, the start.
#[lucet_hostcall]
#[no_mangle]
unsafe fn preview1_fd_seek(ctx: &mut Vmctx, fd: u32, offset: i64, whence: u32, to: u32) -> Errno {
    let whence = match whence {
        0 => 2,
        1 => 0,
        2 => 1,
        _ => return INVALID,
    };
    let mut wasi = ctx.get_embed_ctx_mut::<WasiCtx>();
    // SAFETY: the heap is the calling instance's own, and the function checks `to` against it.
    unsafe { hostcalls::fd_seek(&mut wasi, &mut ctx.heap_mut(), fd, offset, whence, to) }
}

/// As `wasi_unstable`'s, with preview 1's wider link count.
#[lucet_hostcall]
#[no_mangle]
unsafe fn preview1_fd_filestat_get(ctx: &mut Vmctx, fd: u32, filestat: u32) -> Errno {
    let wasi = ctx.get_embed_ctx::<WasiCtx>();
    let mut heap = ctx.heap_mut();
    // SAFETY: the heap is the calling instance's own, and the function checks `filestat` against it.
    match unsafe { hostcalls::fd_filestat_get(&wasi, &mut heap, fd, filestat) } {
        SUCCESS => widen_filestat(&mut heap, filestat),
        errno => errno,
    }
}

/// As `wasi_unstable`'s, with preview 1's wider link count.
#[lucet_hostcall]
#[no_mangle]
unsafe fn preview1_path_filestat_get(
    ctx: &mut Vmctx,
    fd: u32,
    flags: u32,
    path: u32,
    path_bytes: u32,
    filestat: u32,
) -> Errno {
    let wasi = ctx.get_embed_ctx::<WasiCtx>();
    let mut heap = ctx.heap_mut();
    // SAFETY: the heap is the calling instance's own, and the function checks the rest against it.
    match unsafe { hostcalls::path_filestat_get(&wasi, &mut heap, fd, flags, path, path_bytes, filestat) } {
        SUCCESS => widen_filestat(&mut heap, filestat),
        errno => errno,
    }
}

/// Its records differ in layout; nothing here waits.
#[lucet_hostcall]
#[no_mangle]
unsafe fn preview1_poll_oneoff(_ctx: &mut Vmctx, _in: u32, _out: u32, _count: u32, _written: u32) -> Errno {
    NOT_SUPPORTED
}

/// Moves what follows the link count by 8 bytes: it has 4 bytes at 20 in `wasi_unstable` and
/// 8 at 24 in preview 1.
fn widen_filestat(heap: &mut [u8], filestat: u32) -> Errno {
    let at = filestat as usize;
    let Some(stat) = heap.get_mut(at..at + 64) else { return FAULT };
    stat.copy_within(24..56, 32);
    stat.copy_within(20..24, 24);
    stat[28..32].fill(0);
    SUCCESS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filestat_is_widened_to_the_layout_of_preview_1() {
        let mut heap: Vec<u8> = (0..80).collect();
        assert_eq!(widen_filestat(&mut heap, 8), SUCCESS);
        assert_eq!(heap[8..28], (8..28).collect::<Vec<u8>>());
        assert_eq!(heap[32..40], [28, 29, 30, 31, 0, 0, 0, 0]);
        assert_eq!(heap[40..72], (32..64).collect::<Vec<u8>>());
        assert_eq!(heap[72..], (72..80).collect::<Vec<u8>>());
        assert_eq!(widen_filestat(&mut heap, 17), FAULT);
    }

    #[test]
    fn every_function_of_wasi_unstable_has_a_name_in_preview_1() {
        let modules = bindings().expect("lucet-wasi's bindings").to_json();
        let names = |module: &str| modules[module].as_object().expect("an object").len();
        assert_eq!(names("wasi_unstable"), names("wasi_snapshot_preview1"));
        assert_eq!(modules["wasi_snapshot_preview1"]["fd_seek"], "preview1_fd_seek");
    }
}
