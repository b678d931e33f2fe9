//! The guest's entry. Lucet finds an export by its name at every call; its type is checked once.

use crate::errors;
use lucet_module::ValueType;
use lucet_runtime::{InstanceHandle, RunResult, UntypedRetVal, Val};
use lucet_runtime_internals::module::ModuleInternal;
use protocol::{Entry, Error, Outcome, Result, Value};
use std::hint::black_box;

/// What a call runs, and what its untyped result is.
pub struct Call {
    name: String,
    args: Vec<Val>,
    returns: Returns,
}

#[derive(Clone, Copy)]
enum Returns {
    Value(Option<ValueType>),
    /// A command that returns has ended with 0.
    Exit,
}

impl Call {
    /// Finds the entry in `module` and checks its type against the arguments.
    ///
    /// # Errors
    /// [`protocol::ErrorKind::Link`] for an entry that is not there or has another type.
    pub fn resolve(module: &dyn ModuleInternal, entry: &Entry) -> Result<Call> {
        let (name, args) = match entry {
            Entry::Export { name, args } => (name.as_str(), args.as_slice()),
            Entry::Command { .. } => (lucet_wasi::START_SYMBOL, [].as_slice()),
        };
        let func = module
            .get_export_func(name)
            .map_err(|_| Error::link(format!("the module exports no function `{name}`")))?;
        let signature = module.get_signature(func.id);
        let given: Vec<_> = args.iter().copied().map(value_type).collect();
        if signature.params != given {
            let (takes, given) = (list(&signature.params), list(&given));
            return Err(Error::link(format!("`{name}` takes {takes} and was given {given}")));
        }
        let returns = match entry {
            Entry::Export { .. } => Returns::Value(signature.ret_ty),
            Entry::Command { .. } => Returns::Exit,
        };
        Ok(Call { name: name.to_owned(), args: args.iter().copied().map(val).collect(), returns })
    }

    /// Calls the entry. After a trap the instance is as it was when it was made.
    ///
    /// # Errors
    /// [`protocol::ErrorKind::Trap`] for a trap.
    #[inline]
    pub fn run(&self, instance: &mut InstanceHandle) -> Result<Outcome> {
        match instance.run(&self.name, &self.args) {
            Ok(RunResult::Returned(value)) => Ok(self.outcome(&value)),
            Ok(RunResult::Yielded(_)) => Err(Error::internal("the guest yielded, which no import of it can")),
            Err(error) => stopped(&error, instance),
        }
    }

    /// Calls the entry `calls` times in a bare loop; Lucet's own call finds it by its name.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_bare(&self, instance: &mut InstanceHandle, calls: u64) -> Result<()> {
        for _ in 0..calls {
            if let Err(error) = black_box(instance.run(&self.name, &self.args)) {
                return stopped(&error, instance).map(drop);
            }
        }
        Ok(())
    }

    #[inline]
    fn outcome(&self, value: &UntypedRetVal) -> Outcome {
        match self.returns {
            Returns::Value(None) => Outcome::Nothing,
            Returns::Value(Some(ValueType::I32)) => Outcome::One(Value::I32(value.as_u32().cast_signed())),
            Returns::Value(Some(ValueType::I64)) => Outcome::One(Value::I64(value.as_u64().cast_signed())),
            Returns::Value(Some(ValueType::F32)) => Outcome::One(Value::F32(value.as_f32().to_bits())),
            Returns::Value(Some(ValueType::F64)) => Outcome::One(Value::F64(value.as_f64().to_bits())),
            Returns::Exit => Outcome::Exit(0),
        }
    }
}

#[cold]
fn stopped(error: &lucet_runtime::Error, instance: &mut InstanceHandle) -> Result<Outcome> {
    if matches!(error, lucet_runtime::Error::RuntimeFault(_)) {
        // Only a start function can fail here, and the trap is the news.
        let _ = instance.reset();
    }
    errors::ended(error)
}

fn value_type(value: Value) -> ValueType {
    match value {
        Value::I32(_) => ValueType::I32,
        Value::I64(_) => ValueType::I64,
        Value::F32(_) => ValueType::F32,
        Value::F64(_) => ValueType::F64,
    }
}

fn val(value: Value) -> Val {
    match value {
        Value::I32(value) => Val::I32(value),
        Value::I64(value) => Val::I64(value),
        Value::F32(bits) => Val::F32(f32::from_bits(bits)),
        Value::F64(bits) => Val::F64(f64::from_bits(bits)),
    }
}

fn list(types: &[ValueType]) -> String {
    let types: Vec<_> = types.iter().map(|ty| ty.to_string().to_lowercase()).collect();
    format!("({})", types.join(", "))
}
