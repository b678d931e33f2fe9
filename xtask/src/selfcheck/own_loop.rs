//! A third instrument for the agreement of warm calls: an engine's own loop, a program that shares neither the
//! worker's loop nor its clock. Criterion and wasm-phases ask the same worker.

use anyhow::{Context, Result, ensure};
use bench::plan::{Case, EngineSpec, Input};
use bench::process::environment;
use bench::stats;
use protocol::{Entry, Value};
use std::process::{Command, Stdio};

/// Processes of each cell; what differs between them shows in their spread.
const PROCESSES: usize = 4;
/// How long each reads, in milliseconds.
const READ_MS: u32 = 150;
/// The shortest call that is compared, in nanoseconds: the loop of another language costs a few.
pub const SHORTEST_CALL_NS: f64 = 1_000.0;

/// What the engine's own loop reads of `case`, in nanoseconds a call: the median over processes. `None` where it
/// has no loop, or the entry is not of the kind that it calls.
///
/// # Errors
/// When the program fails, or prints something else than a number.
pub fn read_ns(engine: &EngineSpec, case: &Case) -> Result<Option<f64>> {
    let (Some(own_loop), Some(file)) = (&engine.own_loop, case.file(Input::Wasm)) else { return Ok(None) };
    let Entry::Export { name, args } = &case.entry else { return Ok(None) };
    let [Value::I32(argument)] = args[..] else { return Ok(None) };
    let mut values = Vec::new();
    for _ in 0..PROCESSES {
        let mut command = Command::new(&own_loop.program);
        command.args(&own_loop.args).arg(&engine.configuration).arg(file).arg(name);
        command.args([argument.to_string(), READ_MS.to_string()]);
        environment::clear(&mut command);
        let output = command.stdin(Stdio::null()).output().context("starting the engine's own loop")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{own_loop} ended with {}: {}", output.status, said.trim());
        let printed = String::from_utf8_lossy(&output.stdout);
        let number = printed.trim().parse::<f64>();
        values.push(number.with_context(|| format!("{own_loop} printed `{}`, no number", printed.trim()))?);
    }
    Ok(stats::median(&mut values))
}
