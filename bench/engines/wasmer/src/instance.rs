//! A Wasmer instance that is ready to be called.

use crate::errors::trap;
use protocol::{Error, Instance, Outcome, Result, Value};
use std::hint::black_box;
use wasmer::{Function, RuntimeError, Store, Type, TypedFunction, Value as WasmerValue};

/// An instance in a store of its own; the store owns all of it.
pub struct WasmerInstance {
    store: Store,
    call: Call,
}

/// The entry, with its arguments in the form that its kind of call takes.
enum Call {
    /// The samples' signature, called without any translation of types.
    I32ToI64(TypedFunction<i32, i64>, i32),
    /// Any other signature.
    Any(Function, Vec<WasmerValue>),
}

impl WasmerInstance {
    /// Resolves the export `name` for a call with `args`.
    ///
    /// # Errors
    /// [`protocol::ErrorKind::Link`] when there is no such function, or `args` have other types
    /// than its parameters.
    pub fn new(
        store: Store,
        instance: &wasmer::Instance,
        name: &str,
        args: &[Value],
    ) -> Result<WasmerInstance> {
        let function = instance
            .exports
            .get_function(name)
            .map_err(|_| Error::link(format!("the module exports no function `{name}`")))?;
        let signature = function.ty(&store);
        let given: Vec<Type> = args.iter().map(type_of).collect();
        if signature.params() != given {
            let expected = signature.params();
            let message = format!("`{name}` takes arguments of types {expected:?}, and {given:?} were given");
            return Err(Error::link(message));
        }
        let call = match (args, signature.results()) {
            (&[Value::I32(arg)], [Type::I64]) => {
                Call::I32ToI64(function.typed(&store).map_err(Error::link)?, arg)
            }
            _ => Call::Any(function.clone(), args.iter().map(to_wasmer).collect()),
        };
        Ok(WasmerInstance { store, call })
    }
}

impl Instance for WasmerInstance {
    #[inline]
    fn call(&mut self) -> Result<Outcome> {
        match &self.call {
            Call::I32ToI64(function, arg) => match function.call(&mut self.store, *arg) {
                Ok(result) => Ok(Outcome::One(Value::I64(result))),
                Err(error) => Err(trapped(&error)),
            },
            Call::Any(function, args) => match function.call(&mut self.store, args) {
                Ok(results) => outcome(&results),
                Err(error) => Err(trapped(&error)),
            },
        }
    }

    fn call_bare(&mut self, calls: u64) -> Result<()> {
        let Call::I32ToI64(function, arg) = &self.call else {
            return Err(Error::unsupported("only the samples' signature is called typed"));
        };
        for _ in 0..calls {
            black_box(function.call(&mut self.store, *arg).map_err(|error| trapped(&error))?);
        }
        Ok(())
    }
}

#[cold]
fn trapped(error: &RuntimeError) -> Error {
    trap(error)
}

fn outcome(results: &[WasmerValue]) -> Result<Outcome> {
    Ok(match results {
        [] => Outcome::Nothing,
        [one] => Outcome::One(from_wasmer(one)?),
        many => Outcome::Many(many.iter().map(from_wasmer).collect::<Result<_>>()?),
    })
}

fn type_of(value: &Value) -> Type {
    match value {
        Value::I32(_) => Type::I32,
        Value::I64(_) => Type::I64,
        Value::F32(_) => Type::F32,
        Value::F64(_) => Type::F64,
    }
}

fn to_wasmer(value: &Value) -> WasmerValue {
    match *value {
        Value::I32(value) => WasmerValue::I32(value),
        Value::I64(value) => WasmerValue::I64(value),
        Value::F32(bits) => WasmerValue::F32(f32::from_bits(bits)),
        Value::F64(bits) => WasmerValue::F64(f64::from_bits(bits)),
    }
}

fn from_wasmer(value: &WasmerValue) -> Result<Value> {
    match value {
        WasmerValue::I32(value) => Ok(Value::I32(*value)),
        WasmerValue::I64(value) => Ok(Value::I64(*value)),
        WasmerValue::F32(value) => Ok(Value::F32(value.to_bits())),
        WasmerValue::F64(value) => Ok(Value::F64(value.to_bits())),
        other => Err(Error::unsupported(format!("results of type {} are not compared", other.ty()))),
    }
}
