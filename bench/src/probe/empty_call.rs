//! The call of a function that does nothing, on every engine of a run: what the way into a module costs, which is a
//! part of every other call. It is read before the rounds: `empty-calls.csv`.

use super::fresh::started;
use super::passes::ProbeProgress;
use crate::plan::{Case, EngineSpec, Input, Plan, signature};
use crate::process::{WorkerError, artifact};
use crate::record::{CsvRecord, EMPTY_CALLS_FILE, EmptyCallReading, append, with_header};
use protocol::{Entry, NumberType, Pass, Signature, Value};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use wasm_encoder::{
    CodeSection, ExportKind, ExportSection, Function, FunctionSection, Module, TypeSection, ValType,
};

/// What the call is named in messages, and the function in its module.
const NAME: &str = "empty-call";
/// Readings of a process.
const READINGS: u32 = 9;
/// The shortest reading.
const READING: Duration = Duration::from_micros(200);

/// Whether the plan has warm calls to hold it against.
pub fn is_wanted(plan: &Plan) -> bool {
    plan.effort.passes.contains(&Pass::WarmCall) && plan.cases.iter().any(|case| case.compile_only.is_none())
}

/// Reads the empty call of every engine of `plan` into `empty-calls.csv` in `folder`. An engine that fails has no
/// line. It ends early when `interrupted` becomes true.
///
/// # Errors
/// When results or the module cannot be written; failing engines are no error.
pub fn read(
    plan: &Plan,
    folder: &Path,
    interrupted: &AtomicBool,
    mut progress: impl FnMut(ProbeProgress<'_>),
) -> io::Result<()> {
    let mut file = with_header(folder.join(EMPTY_CALLS_FILE), EmptyCallReading::COLUMNS)?;
    std::fs::create_dir_all(&plan.artifacts)?;
    let module = plan.artifacts.join(format!("{NAME}.wasm"));
    let signature = signature_of(plan);
    std::fs::write(&module, empty_module(&signature))?;
    let args = signature.params.iter().map(zero).collect();
    let case = Case::own(NAME, &module, Entry::Export { name: NAME.to_owned(), args });
    let engines: Vec<&EngineSpec> =
        plan.engines.iter().filter(|engine| engine.is_subject() && !engine.is_native()).collect();
    for (done, &engine) in engines.iter().enumerate() {
        progress(ProbeProgress { done, total: engines.len(), sample: NAME, engine: &engine.name });
        for process in 1..=plan.effort.empty_call_processes {
            if interrupted.load(Ordering::Relaxed) {
                return Ok(());
            }
            let readings = readings(engine, &case, process, plan).unwrap_or_default();
            append(&mut file, &readings)?;
        }
    }
    std::fs::remove_file(module)
}

/// The type of the first function that the plan calls: the way into a module depends on it.
fn signature_of(plan: &Plan) -> Signature {
    let of_case = |case: &Case| signature(case.file(Input::Wasm)?, &case.entry);
    plan.cases.iter().find_map(of_case).unwrap_or_default()
}

fn zero(ty: &NumberType) -> Value {
    match ty {
        NumberType::I32 => Value::I32(0),
        NumberType::I64 => Value::I64(0),
        NumberType::F32 => Value::F32(0),
        NumberType::F64 => Value::F64(0),
    }
}

/// A module that exports a function of this type, which returns zeros.
fn empty_module(Signature { params, results }: &Signature) -> Vec<u8> {
    let types = |numbers: &[NumberType]| -> Vec<ValType> {
        let ty = |number: &NumberType| match number {
            NumberType::I32 => ValType::I32,
            NumberType::I64 => ValType::I64,
            NumberType::F32 => ValType::F32,
            NumberType::F64 => ValType::F64,
        };
        numbers.iter().map(ty).collect()
    };
    let mut function = Function::new([]);
    for result in results {
        match result {
            NumberType::I32 => function.instructions().i32_const(0),
            NumberType::I64 => function.instructions().i64_const(0),
            NumberType::F32 => function.instructions().f32_const(0.0.into()),
            NumberType::F64 => function.instructions().f64_const(0.0.into()),
        };
    }
    function.instructions().end();
    let (mut type_section, mut functions) = (TypeSection::new(), FunctionSection::new());
    type_section.ty().function(types(params), types(results));
    functions.function(0);
    let (mut exports, mut code) = (ExportSection::new(), CodeSection::new());
    exports.export(NAME, ExportKind::Func, 0);
    code.function(&function);
    let mut module = Module::new();
    module.section(&type_section).section(&functions).section(&exports).section(&code);
    module.finish()
}

/// The readings of one process.
fn readings(
    engine: &EngineSpec,
    case: &Case,
    process: u32,
    plan: &Plan,
) -> Result<Vec<EmptyCallReading>, WorkerError> {
    let stem = plan.artifacts.join(format!("{}-{NAME}", engine.name));
    let save = || Ok(artifact::save(engine, case, &stem, plan.effort.limit)?.path);
    let saved: Option<PathBuf> = engine.lacks(Pass::Jit).map(|_| save()).transpose()?;
    let mut client = started(engine, case, plan)?;
    let held = client.hold(saved.as_deref());
    if let Some(saved) = &saved {
        std::fs::remove_file(saved).map_err(WorkerError::Start)?;
    }
    held?;
    let mut warm = Vec::new();
    client.call(READINGS, READING, &mut warm)?;
    let reading = |one: &protocol::message::WarmReading| EmptyCallReading {
        engine: engine.name.clone(),
        process,
        calls: one.calls,
        wall_ns: one.wall_ns,
    };
    Ok(warm.iter().map(reading).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use NumberType::{F32, F64, I32, I64};

    #[test]
    fn the_module_is_valid_and_its_function_has_the_type_that_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("empty.wasm");
        for (params, results) in
            [(vec![], vec![]), (vec![I32], vec![I64]), (vec![I32, I64, F32, F64], vec![F64, F32, I64, I32])]
        {
            let wanted = Signature { params, results };
            let module = empty_module(&wanted);
            wasmparser::validate(&module).unwrap();
            std::fs::write(&file, module).unwrap();
            let entry = Entry::Export { name: NAME.to_owned(), args: Vec::new() };
            assert_eq!(signature(&file, &entry), Some(wanted));
        }
    }
}
