//! Asks a worker what it is. Where it does not say, names what is wrong and what to correct.

use super::catalogue::FILE;
use super::needs::Unavailable;
use super::runtime::{Configuration, InputName, Runtime};
use bench::plan::{EngineEntry, EngineSpec, Input, WorkerCommand};
use bench::process::{Client, WorkerError};
use protocol::ErrorKind;
use std::io;
use std::time::Duration;

/// The longest wait for a worker's description.
const HELLO_LIMIT: Duration = Duration::from_secs(60);

/// The engine that `worker`, which belongs to `runtime`, says that `configuration` is.
///
/// # Errors
/// When the worker cannot be started or does not answer, with what would help.
pub fn greet(
    runtime: &Runtime,
    configuration: &Configuration,
    worker: &WorkerCommand,
) -> Result<EngineSpec, Unavailable> {
    let name = &configuration.name;
    let hello = Client::describe(worker, name, HELLO_LIMIT).map_err(|error| Unavailable {
        reason: format!("its worker did not describe the engine: {error}"),
        command: help(runtime, name, worker, &error),
    })?;
    Ok(EngineSpec {
        name: name.clone(),
        configuration: name.clone(),
        worker: worker.clone(),
        baseline: configuration.baseline,
        usual_control: configuration.control,
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
            format!("make the names in {file} and in the worker's CONFIGURATIONS the same; `{name}` is only in the first")
        }
        WorkerError::Start(error) if error.kind() == io::ErrorKind::NotFound && !runtime.is_built_by_cargo() => {
            format!("install {}, or correct `command` in {file}", worker.program.display())
        }
        _ => format!("{worker} {name}  # then type {{\"request\":\"hello\"}}"),
    }
}
