//! Asks a worker what it is. Where it does not say, names what is wrong and what to correct.

use super::catalogue::FILE;
use super::command;
use super::needs::Unavailable;
use super::runtime::{Configuration, InputName, Runtime};
use bench::plan::{EngineEntry, EngineSpec, Input, WorkerCommand};
use bench::process::{Client, WorkerError};
use protocol::ErrorKind;
use std::io;
use std::time::Duration;

/// The longest wait for a worker's description.
const HELLO_LIMIT: Duration = Duration::from_secs(60);

/// The engine that `worker`, which belongs to `runtime`, says that `configuration` is; `wasi` is the worker
/// for modules with WASI, where that is another one.
///
/// # Errors
/// When the worker cannot be started or does not answer, with what would help.
pub fn greet(
    runtime: &Runtime,
    configuration: &Configuration,
    worker: &WorkerCommand,
    wasi: Option<&WorkerCommand>,
) -> Result<EngineSpec, Unavailable> {
    let name = &configuration.worker_name();
    let describe = |worker: &WorkerCommand| Client::describe(worker, name, HELLO_LIMIT);
    let mut hello = describe(worker).map_err(|error| Unavailable {
        reason: format!("its worker did not describe the engine: {error}"),
        command: help(runtime, name, worker, &error),
    })?;
    let with_wasi = wasi.and_then(|worker| Some((worker, describe(worker).ok()?)));
    if let Some((_, other)) = &with_wasi {
        hello.can.wasi.clone_from(&other.can.wasi);
        hello.differences.clone_from(&other.differences);
        let new: Vec<String> =
            other.notes.iter().filter(|note| !hello.notes.contains(note)).cloned().collect();
        hello.notes.extend(new);
    }
    Ok(EngineSpec {
        name: configuration.name.clone(),
        configuration: name.clone(),
        worker: worker.clone(),
        wasi_worker: with_wasi.map(|(worker, _)| worker.clone()),
        baseline: configuration.baseline,
        usual_control: configuration.control,
        tiers: configuration.tiers,
        own_loop: command::own_loop(runtime, worker),
        input: match configuration.input {
            InputName::Wasm => Input::Wasm,
            InputName::NativeBaseline => Input::NativeBaseline,
            InputName::NativeHost => Input::NativeHost,
        },
        hello,
        entry: EngineEntry::Subject,
    })
}

/// What would help where the worker did not say what `name` is.
fn help(runtime: &Runtime, name: &str, worker: &WorkerCommand, error: &WorkerError) -> String {
    let file = runtime.folder.join(FILE);
    let file = file.display();
    match error {
        // A worker that does not know the name says so, and names it.
        WorkerError::Failed(failed)
            if failed.error.kind == ErrorKind::Unsupported && failed.error.message.contains(name) =>
        {
            format!(
                "make the names in {file} and in the worker's CONFIGURATIONS the same; `{name}` is only in the first"
            )
        }
        WorkerError::Start(error)
            if error.kind() == io::ErrorKind::NotFound && !runtime.is_built_by_cargo() =>
        {
            format!("install {}, or correct `command` in {file}", worker.program.display())
        }
        _ => format!("{worker} {name}  # then type {{\"request\":\"hello\"}}"),
    }
}
