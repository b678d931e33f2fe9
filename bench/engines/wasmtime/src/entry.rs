//! The guest's entry, resolved once: the signature that most samples have through Wasmtime's
//! typed functions, every other through its dynamic values.

use crate::{State, errors};
use protocol::{Entry, Error, Outcome, Result, Value, repeat, repeat_i64};
use std::fmt::Display;
use std::hint::black_box;
use wasmtime::{Func, FuncType, Instance, Store, TypedFunc, Val, ValType};

/// What a call runs.
pub enum Call {
    /// `(i32) -> i64`.
    Typed(TypedFunc<i32, i64>, i32),
    /// Any other signature of numbers; `results` is overwritten by every call.
    Dynamic {
        /// The export.
        func: Func,
        /// Its arguments.
        args: Vec<Val>,
        /// Room for its results.
        results: Vec<Val>,
    },
    /// A command's `_start`.
    Command(TypedFunc<(), ()>),
}

impl Call {
    /// Finds the entry in `instance` and checks its type against the arguments.
    ///
    /// # Errors
    /// [`protocol::ErrorKind::Link`] for an entry that is not there or has another type.
    pub fn resolve(instance: &Instance, store: &mut Store<State>, entry: &Entry) -> Result<Call> {
        let (name, args) = match entry {
            Entry::Export { name, args } => (name.as_str(), args.as_slice()),
            Entry::Command { .. } => ("_start", [].as_slice()),
        };
        let func = instance
            .get_func(&mut *store, name)
            .ok_or_else(|| Error::link(format!("the module exports no function `{name}`")))?;
        let ty = func.ty(&*store);
        check(name, &ty, args)?;
        if matches!(entry, Entry::Command { .. }) {
            let start = func.typed(&*store).map_err(|error| errors::link(&error))?;
            return Ok(Call::Command(start));
        }
        if let ([Value::I32(arg)], Ok(func)) = (args, func.typed(&*store)) {
            return Ok(Call::Typed(func, *arg));
        }
        let args = args.iter().map(|arg| val(*arg)).collect();
        Ok(Call::Dynamic { func, args, results: vec![Val::I32(0); ty.results().len()] })
    }

    /// Calls the entry.
    ///
    /// # Errors
    /// [`protocol::ErrorKind::Trap`] for a trap.
    #[inline]
    pub fn run(&mut self, store: &mut Store<State>) -> Result<Outcome> {
        match self {
            Call::Typed(func, arg) => match func.call(store, *arg) {
                Ok(value) => Ok(Outcome::One(Value::I64(value))),
                Err(error) => errors::ended(&error),
            },
            Call::Dynamic { func, args, results } => match func.call(store, args, results) {
                Ok(()) => outcome(results),
                Err(error) => errors::ended(&error),
            },
            Call::Command(start) => match start.call(store, ()) {
                Ok(()) => Ok(Outcome::Exit(0)),
                Err(error) => errors::ended(&error),
            },
        }
    }

    /// Calls the entry `calls` times: what the first call ended in, and whether all others did the same.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    #[inline]
    pub fn run_repeatedly(&mut self, store: &mut Store<State>, calls: u64) -> Result<(Outcome, bool)> {
        if let Call::Typed(func, arg) = self {
            return repeat_i64(calls, || func.call(&mut *store, *arg), |error| errors::ended(&error));
        }
        repeat(calls, || self.run(store))
    }

    /// Calls a typed entry `calls` times in a bare loop.
    ///
    /// # Errors
    /// As [`run`](Self::run); [`protocol::ErrorKind::Unsupported`] for another entry.
    pub fn run_bare(&mut self, store: &mut Store<State>, calls: u64) -> Result<()> {
        let Call::Typed(func, arg) = self else {
            return Err(Error::unsupported("only the samples' signature is called typed"));
        };
        for _ in 0..calls {
            match func.call(&mut *store, *arg) {
                Ok(value) => black_box(value),
                Err(error) => return errors::ended(&error).map(drop),
            };
        }
        Ok(())
    }
}

/// The type of every argument must be the parameter's, and every result a number.
fn check(name: &str, ty: &FuncType, args: &[Value]) -> Result<()> {
    let given: Vec<_> = args.iter().map(|arg| val_type(*arg)).collect();
    let takes: Vec<_> = ty.params().collect();
    if takes.len() != given.len() || !takes.iter().zip(&given).all(|(a, b)| ValType::eq(a, b)) {
        let (takes, given) = (list(&takes), list(&given));
        return Err(Error::link(format!("`{name}` takes {takes} and was given {given}")));
    }
    match ty.results().find(|result| !result.is_num()) {
        None => Ok(()),
        Some(result) => Err(Error::link(format!("`{name}` returns {result}, which is no number"))),
    }
}

fn list(types: &[impl Display]) -> String {
    let types: Vec<_> = types.iter().map(ToString::to_string).collect();
    format!("({})", types.join(", "))
}

fn val_type(value: Value) -> ValType {
    match value {
        Value::I32(_) => ValType::I32,
        Value::I64(_) => ValType::I64,
        Value::F32(_) => ValType::F32,
        Value::F64(_) => ValType::F64,
    }
}

fn val(value: Value) -> Val {
    match value {
        Value::I32(value) => Val::I32(value),
        Value::I64(value) => Val::I64(value),
        Value::F32(bits) => Val::F32(bits),
        Value::F64(bits) => Val::F64(bits),
    }
}

fn outcome(results: &[Val]) -> Result<Outcome> {
    match results {
        [] => Ok(Outcome::Nothing),
        [one] => Ok(Outcome::One(value(one)?)),
        many => Ok(Outcome::Many(many.iter().map(value).collect::<Result<_>>()?)),
    }
}

fn value(val: &Val) -> Result<Value> {
    match *val {
        Val::I32(value) => Ok(Value::I32(value)),
        Val::I64(value) => Ok(Value::I64(value)),
        Val::F32(bits) => Ok(Value::F32(bits)),
        Val::F64(bits) => Ok(Value::F64(bits)),
        _ => Err(Error::internal("a result is no number")),
    }
}
