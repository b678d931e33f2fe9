//! An instance in a slot of its region, and how its exports are called: Lucet looks an export up by
//! its name at every call.

use crate::errors::Stop;
use lucet_module::ValueType;
use lucet_runtime::{DlModule, InstanceHandle, RunResult, Val};
use lucet_runtime_internals::module::ModuleInternal;
use std::convert::Infallible;
use std::sync::Arc;
use worker::kit::Embedding;
use worker::protocol::Signature;
use worker::{numbers, signature};

/// An instance, and the module that knows the types of its exports.
pub struct Instance {
    pub handle: InstanceHandle,
    pub module: Arc<DlModule>,
}

/// An export: its name, its parameters and its result.
pub struct Export {
    name: String,
    params: Vec<ValueType>,
    result: Option<ValueType>,
}

impl Embedding for Instance {
    type Function = Export;
    type Number = Val;
    type Typed = Infallible;
    type Trap = Stop;

    numbers!(Val, f32, f64);

    fn find(&mut self, name: &str) -> Option<Export> {
        let function = self.module.get_export_func(name).ok()?;
        let signature = self.module.get_signature(function.id);
        Some(Export { name: name.to_owned(), params: signature.params.clone(), result: signature.ret_ty })
    }

    fn signature(&mut self, export: &Export) -> Result<Signature, String> {
        signature!(ValueType, export.params.clone(), export.result)
    }

    /// After a trap the instance is as it was when it was made.
    #[inline]
    fn call(&mut self, export: &Export, args: &[Val], results: &mut Vec<Val>) -> Result<(), Stop> {
        let value = match self.handle.run(&export.name, args) {
            Ok(RunResult::Returned(value)) => value,
            Ok(RunResult::Yielded(_)) => return Err(Stop::Yielded),
            Err(error) => return Err(stopped(error, &mut self.handle)),
        };
        if let Some(ty) = export.result {
            results[0] = match ty {
                ValueType::I32 => Val::I32(value.as_u32().cast_signed()),
                ValueType::I64 => Val::I64(value.as_u64().cast_signed()),
                ValueType::F32 => Val::F32(value.as_f32()),
                ValueType::F64 => Val::F64(value.as_f64()),
            };
        }
        Ok(())
    }

    fn call_typed(&mut self, never: &Infallible, _: i32) -> Result<i64, Stop> {
        match *never {}
    }
}

#[cold]
fn stopped(error: lucet_runtime::Error, instance: &mut InstanceHandle) -> Stop {
    if matches!(error, lucet_runtime::Error::RuntimeFault(_)) {
        // Only a start function can fail here, and the trap is what matters.
        let _ = instance.reset();
    }
    Stop::Error(error)
}
