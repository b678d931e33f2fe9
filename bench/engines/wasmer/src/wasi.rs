//! WASI preview 1 through `wasmer-wasix`, on the guest's memory files and the folders opened for it.

use crate::errors::{instantiation_error, trap};
use crate::host::Host;
use crate::stream::Stream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
pub use tokio::runtime::Handle as Context;
use tokio::runtime::{Builder, Runtime};
use wasmer::{Instance, Module, RuntimeError, Store};
use wasmer_wasix::virtual_fs::{MountFileSystem, host_fs};
use wasmer_wasix::{WasiEnv, WasiEnvBuilder, WasiError, WasiRuntimeError, WasiThreadError};
use worker::protocol::{Difference, Entry, Error, Hello, Result};
use worker::{Guest, locked_version};

/// How long a thread that worked for files waits for more: longer than a worker is ever stopped
/// between two readings, so that no warm call has to start one.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// What the WASI guests of one engine share.
pub struct Wasi {
    /// The context in which wasix expects to be called. Nobody drives it: a guest's calls run to
    /// their end on its own thread, and files in opened folders on tokio's blocking threads.
    tokio: Runtime,
    host: Arc<Host>,
}

impl Wasi {
    /// Readies WASI for guests of `engine`. Starts no thread.
    ///
    /// # Errors
    /// When tokio cannot be set up.
    pub fn new(engine: &wasmer::Engine) -> Result<Wasi> {
        let tokio = Builder::new_current_thread().thread_keep_alive(KEPT).build()?;
        Ok(Wasi { tokio, host: Arc::new(Host::new(engine.clone())) })
    }

    /// The context that calls of instances must be made in.
    pub fn context(&self) -> Context {
        self.tokio.handle().clone()
    }

    /// An instance of `module` in `store`, with an environment of its own.
    ///
    /// # Errors
    /// When a folder or stream cannot be opened, an import is missing or the start function traps.
    pub fn instantiate(&self, store: &mut Store, module: &Module, guest: &Guest) -> Result<Instance> {
        let _context = self.tokio.enter();
        let environment = self.environment(guest)?;
        let (instance, _) = environment.instantiate(module.clone(), store).map_err(not_instantiated)?;
        Ok(instance)
    }

    /// Arguments, variables, folders and streams of `guest`, and nothing of the host beside them.
    fn environment(&self, guest: &Guest) -> Result<WasiEnvBuilder> {
        let mut builder = WasiEnv::builder("").runtime(self.host.clone());
        builder.set_stdin(Stream::on(&guest.stdio.stdin)?);
        builder.set_stdout(Stream::on(&guest.stdio.stdout)?);
        builder.set_stderr(Stream::on(&guest.stdio.stderr)?);
        let folders = MountFileSystem::new();
        if let Entry::Command { args, env, dirs, .. } = &guest.entry {
            builder.get_args_mut().clone_from(args);
            builder.add_envs(env.iter().map(|(name, value)| (name, value)));
            for (host, inside) in dirs {
                self.open(&mut builder, &folders, host, inside)?;
            }
        }
        builder.set_mount_fs(folders);
        Ok(builder)
    }

    /// Opens the folder `host` under the guest's name `inside`; one that is relative, such as
    /// `.`, stands below the root, which is where guests begin.
    fn open(
        &self,
        builder: &mut WasiEnvBuilder,
        folders: &MountFileSystem,
        host: &Path,
        inside: &str,
    ) -> Result<()> {
        // Collected from its components, it holds no `.` any more.
        let path: PathBuf = Path::new("/").join(inside).components().collect();
        let folder = host_fs::FileSystem::new(self.context(), host).map_err(|error| {
            // Wasix calls a folder that is not there an invalid input.
            let reason = std::fs::read_dir(host).err().map_or(error.to_string(), |error| error.to_string());
            Error::internal(format!("cannot open {}: {reason}", host.display()))
        })?;
        let taken = |error: &dyn std::error::Error| {
            Error::internal(format!("cannot open a folder as {inside}: {error}"))
        };
        folders.mount(&path, Arc::new(folder)).map_err(|error| taken(&error))?;
        let opened = builder.add_preopen_build(|folder| {
            let folder = folder.directory(&path).read(true).write(true).create(true);
            if inside.starts_with('/') { folder } else { folder.alias(inside) }
        });
        opened.map_err(|error| taken(&error))
    }
}

/// What a reader of the times of WASI guests has to know.
const NOTES: [&str; 5] = [
    "wasmer-wasix turns on Wasmer's experimental-async for all exports: each call also notes its store \
     in a list of the thread and takes it off again",
    "WASI: standard streams are read and written on the guest's thread, one system call for each \
     buffer of the guest; wasix calls them character devices, so that C programs print line by line",
    "WASI: files in opened folders are read and written by tokio's blocking threads, as in Wasmer's \
     own program; the first operations on files start them, inside d; what a guest writes to a file \
     that it never closes may arrive after the call",
    "WASI: the first sleep of a guest starts a thread for timers, inside d",
    "WASI: wasix keeps exit codes modulo 256",
];

/// What a guest can tell from other runtimes' WASI: the functions that show it, and what it is.
const DIFFERENCES: [(&[&str], &str); 2] = [
    (
        &["fd_prestat_get", "fd_prestat_dir_name"],
        "wasix opens a root folder as descriptor 3, also where none was opened for the guest",
    ),
    (&["proc_exit"], "wasix keeps exit codes modulo 256"),
];

/// Says what WASI adds.
pub fn describe(hello: &mut Hello) {
    let owned = |functions: &[&str]| functions.iter().map(|name| (*name).to_owned()).collect();
    let difference = |(functions, words): (&[&str], &str)| Difference {
        functions: owned(functions),
        words: words.to_owned(),
    };
    hello.differences.extend(DIFFERENCES.map(difference));
    hello.notes.extend(NOTES.map(str::to_owned));
    hello.notes.push(format!(
        "WASI: wasmer-wasix {}; every instantiation defines all functions of WASI and WASIX anew, and the \
         first of an engine also sets up tokio, in some microseconds and without a thread",
        locked_version!("wasmer-wasix"),
    ));
}

/// The exit code, where the guest ended itself.
pub fn exit_code(error: &RuntimeError) -> Option<i32> {
    match error.downcast_ref::<WasiError>() {
        Some(WasiError::Exit(code)) => Some(code.raw()),
        _ => None,
    }
}

/// The failure of WASI behind `error`, where there is one.
pub fn failure(error: &RuntimeError) -> Option<Error> {
    error.downcast_ref::<WasiError>().map(Error::internal)
}

/// An instance with WASI that was not made.
fn not_instantiated(error: WasiRuntimeError) -> Error {
    match error {
        WasiRuntimeError::Thread(WasiThreadError::InstanceCreateFailed(error)) => instantiation_error(*error),
        WasiRuntimeError::Thread(WasiThreadError::ExportError(error)) => Error::link(error),
        WasiRuntimeError::Thread(WasiThreadError::InitFailed(error)) => match error.downcast_ref() {
            Some(error) => trap(error),
            None => Error::internal(error),
        },
        other => Error::internal(other),
    }
}
