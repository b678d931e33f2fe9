//! WASI preview 1 through `wasmer-wasix`, on the guest's memory files and the folders opened for it.

use crate::errors::wasi_instantiation_error;
use crate::host::Host;
use crate::stream::Stream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};
use wasmer::{Instance, Module, Store};
use wasmer_wasix::virtual_fs::{MountFileSystem, host_fs};
use wasmer_wasix::{WasiEnv, WasiEnvBuilder};
use worker::Guest;
use worker::protocol::{Entry, Error, Result};

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
    pub fn context(&self) -> Handle {
        self.tokio.handle().clone()
    }

    /// An instance of `module` in `store`, with an environment of its own.
    ///
    /// # Errors
    /// When a folder or stream cannot be opened, an import is missing or the start function traps.
    pub fn instantiate(&self, store: &mut Store, module: &Module, guest: &Guest) -> Result<Instance> {
        let _context = self.tokio.enter();
        let environment = self.environment(guest)?;
        let (instance, _) =
            environment.instantiate(module.clone(), store).map_err(wasi_instantiation_error)?;
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
