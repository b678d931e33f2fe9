//! A Wasmer instance that is ready to be called.

use crate::errors::ended;
use protocol::{Entry, Error, Instance, Outcome, Result, Value, repeat, repeat_i64};
use std::hint::black_box;
use tokio::runtime::Handle;
use wasmer::{Function, Store, Type, TypedFunction, Value as WasmerValue};

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
    /// A command's `_start`.
    Start(TypedFunction<(), ()>),
    /// One of the others, in the context that WASI's functions run in.
    Within(Handle, Box<Call>),
}

impl WasmerInstance {
    /// Resolves `entry`, to be called in `context` where the module needs WASI.
    ///
    /// # Errors
    /// [`protocol::ErrorKind::Link`] when there is no such function, or it is of another type.
    pub fn new(
        store: Store,
        instance: &wasmer::Instance,
        entry: &Entry,
        context: Option<Handle>,
    ) -> Result<WasmerInstance> {
        let call = match entry {
            Entry::Export { name, args } => Call::export(&store, instance, name, args)?,
            Entry::Command { .. } => {
                let start = exported(instance, "_start")?;
                Call::Start(start.typed(&store).map_err(|error| Error::link(format!("`_start`: {error}")))?)
            }
        };
        let call = match context {
            Some(context) => Call::Within(context, Box::new(call)),
            None => call,
        };
        Ok(WasmerInstance { store, call })
    }
}

impl Call {
    /// The export `name`, ready for a call with `args`.
    fn export(store: &Store, instance: &wasmer::Instance, name: &str, args: &[Value]) -> Result<Call> {
        let function = exported(instance, name)?;
        let signature = function.ty(store);
        let given: Vec<Type> = args.iter().map(type_of).collect();
        if signature.params() != given {
            let expected = signature.params();
            let message = format!("`{name}` takes arguments of types {expected:?}, and {given:?} were given");
            return Err(Error::link(message));
        }
        Ok(match (args, signature.results()) {
            (&[Value::I32(arg)], [Type::I64]) => {
                Call::I32ToI64(function.typed(store).map_err(Error::link)?, arg)
            }
            _ => Call::Any(function.clone(), args.iter().map(to_wasmer).collect()),
        })
    }

    /// Calls anything but the samples' signature; apart, so that their loop holds nothing of it.
    #[inline(never)]
    fn run(&self, store: &mut Store) -> Result<Outcome> {
        match self {
            Call::I32ToI64(function, arg) => i32_to_i64(function, *arg, store),
            Call::Any(function, args) => match function.call(store, args) {
                Ok(results) => outcome(&results),
                Err(error) => ended(&error),
            },
            Call::Start(function) => match function.call(store) {
                Ok(()) => Ok(Outcome::Exit(0)),
                Err(error) => ended(&error),
            },
            Call::Within(context, call) => {
                let _entered = context.enter();
                call.run(store)
            }
        }
    }
}

#[inline(always)]
fn i32_to_i64(function: &TypedFunction<i32, i64>, arg: i32, store: &mut Store) -> Result<Outcome> {
    match function.call(store, arg) {
        Ok(result) => Ok(Outcome::One(Value::I64(result))),
        Err(error) => ended(&error),
    }
}

impl Instance for WasmerInstance {
    #[inline]
    fn call(&mut self) -> Result<Outcome> {
        match &self.call {
            Call::I32ToI64(function, arg) => i32_to_i64(function, *arg, &mut self.store),
            other => other.run(&mut self.store),
        }
    }

    #[inline]
    fn call_repeatedly(&mut self, calls: u64) -> Result<(Outcome, bool)> {
        let WasmerInstance { store, call } = self;
        match call {
            Call::I32ToI64(function, arg) => {
                repeat_i64(calls, || function.call(store, *arg), |error| ended(&error))
            }
            other => repeat(calls, || other.run(store)),
        }
    }

    fn call_bare(&mut self, calls: u64) -> Result<()> {
        let Call::I32ToI64(function, arg) = &self.call else {
            return Err(Error::unsupported("only the samples' signature is called typed"));
        };
        for _ in 0..calls {
            match function.call(&mut self.store, *arg) {
                Ok(result) => black_box(result),
                Err(error) => return ended(&error).map(drop),
            };
        }
        Ok(())
    }
}

fn exported<'a>(instance: &'a wasmer::Instance, name: &str) -> Result<&'a Function> {
    instance
        .exports
        .get_function(name)
        .map_err(|_| Error::link(format!("the module exports no function `{name}`")))
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
