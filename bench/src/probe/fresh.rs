//! A worker for the probes that time calls.

use crate::plan::{Case, EngineSpec, Plan};
use crate::process::{Client, WorkerError};

/// A fresh worker with `case` open, on the processor of the plan.
///
/// # Errors
/// Those of the worker.
pub(super) fn started(engine: &EngineSpec, case: &Case, plan: &Plan) -> Result<Client, WorkerError> {
    let mut client = Client::start(engine, case, plan.effort.limit)?;
    if let Some(processor) = plan.effort.pin {
        client.process.bind(processor)?;
    }
    client.hello()?;
    client.open(case, engine)?;
    Ok(client)
}
