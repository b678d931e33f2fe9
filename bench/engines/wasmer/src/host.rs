//! What wasmer-wasix asks of its surroundings: the engine, and somebody to run tasks. Its own
//! runtime would make a second engine, with the default compiler, and start its threads at once.

use crate::marks;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use wasmer_wasix::runtime::InstantiationState;
use wasmer_wasix::runtime::resolver::{MultiSource, Source};
use wasmer_wasix::runtime::task_manager::TaskWasm;
use wasmer_wasix::runtime::task_manager::tokio::TokioTaskManager;
use wasmer_wasix::virtual_net::{DynVirtualNetworking, UnsupportedVirtualNetworking};
use wasmer_wasix::{Runtime, VirtualTaskManager, WasiThreadError};

/// The surroundings of all WASI guests of one engine: no network, no packages.
pub struct Host {
    engine: wasmer::Engine,
    network: DynVirtualNetworking,
    tasks: Arc<dyn VirtualTaskManager>,
}

impl Host {
    /// Surroundings for guests of `engine`. Starts no thread.
    pub fn new(engine: wasmer::Engine) -> Host {
        Host {
            engine,
            network: Arc::new(UnsupportedVirtualNetworking::default()),
            tasks: Arc::new(Tasks(OnceLock::new())),
        }
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("tasks", &self.tasks).finish_non_exhaustive()
    }
}

impl Runtime for Host {
    fn networking(&self) -> &DynVirtualNetworking {
        &self.network
    }

    fn task_manager(&self) -> &Arc<dyn VirtualTaskManager> {
        &self.tasks
    }

    fn source(&self) -> Arc<dyn Source + Send + Sync> {
        Arc::new(MultiSource::new())
    }

    fn engine(&self) -> wasmer::Engine {
        self.engine.clone()
    }

    fn additional_imports(
        &self,
        module: &wasmer::Module,
        store: &mut wasmer::StoreMut<'_>,
    ) -> anyhow::Result<(wasmer::Imports, InstantiationState)> {
        Ok((marks::imports(module, store), InstantiationState::empty()))
    }
}

type Task<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Wasix's own task manager, made by the first guest that sleeps or starts a thread: most do
/// neither, and a thread's start must not stand in their times.
#[derive(Debug)]
struct Tasks(OnceLock<TokioTaskManager>);

impl Tasks {
    fn started(&self) -> &TokioTaskManager {
        self.0.get_or_init(|| {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build();
            TokioTaskManager::new(runtime.expect("a thread for the guest's timers can be started"))
        })
    }
}

impl VirtualTaskManager for Tasks {
    fn sleep_now(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        self.started().sleep_now(time)
    }

    fn task_shared(&self, task: Box<dyn FnOnce() -> Task<()> + Send>) -> Result<(), WasiThreadError> {
        self.started().task_shared(task)
    }

    fn task_wasm(&self, task: TaskWasm) -> Result<(), WasiThreadError> {
        self.started().task_wasm(task)
    }

    fn task_dedicated(&self, task: Box<dyn FnOnce() + Send>) -> Result<(), WasiThreadError> {
        self.started().task_dedicated(task)
    }

    fn thread_parallelism(&self) -> Result<usize, WasiThreadError> {
        Ok(std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
    }
}
