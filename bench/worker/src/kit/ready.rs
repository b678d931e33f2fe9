//! An instance with its entry found and checked, and the three loops that call it.

use super::embedding::{Embedding, Trap, is_i32_to_i64};
use crate::{Guest, Instance, repeat, repeat_i64};
use protocol::{Entry, Error, INITIALIZE, NumberType, Outcome, Result, SetupCall, Signature, Value};
use std::hint::black_box;

/// An instance that is ready to be called.
pub struct Ready<E: Embedding> {
    // Dropped first, since it may refer to what the instance owns.
    call: Call<E>,
    instance: E,
}

/// How the entry is called.
enum Call<E: Embedding> {
    /// `(i32) -> i64` by the runtime's typed call.
    Typed(E::Typed, i32),
    /// Any signature of numbers by dynamic values.
    Dynamic {
        function: E::Function,
        args: Vec<E::Number>,
        /// Overwritten by every call.
        results: Vec<E::Number>,
        /// A command that returns has ended with exit code 0.
        is_command: bool,
    },
}

impl<E: Embedding> Ready<E> {
    /// Initialises a reactor, finds the entry of `guest` in `instance` and checks its type against the
    /// arguments.
    ///
    /// # Errors
    /// [`ErrorKind::Link`](protocol::ErrorKind::Link) for an entry that is not there or has another type;
    /// what `_initialize` ends with if it does not return.
    pub fn find(mut instance: E, guest: &Guest) -> Result<Ready<E>> {
        if guest.is_reactor && !instance.is_initialized() {
            initialize(&mut instance)?;
        }
        let (name, args) = guest.export();
        let function = instance
            .find(name)
            .ok_or_else(|| Error::link(format!("the module exports no function `{name}`")))?;
        let signature = instance.signature(&function).map_err(|ty| {
            Error::link(format!("`{name}` has a parameter or result of type {ty}, which is no number"))
        })?;
        check(name, &signature, args)?;
        if let ([Value::I32(arg)], true) = (args, is_i32_to_i64(&signature))
            && let Some(typed) = instance.typed(&function)
        {
            return Ok(Ready { call: Call::Typed(typed, *arg), instance });
        }
        let call = Call::Dynamic {
            function,
            args: args.iter().copied().map(E::number).collect(),
            results: signature.results.iter().map(|ty| E::number(zero(*ty))).collect(),
            is_command: matches!(guest.entry, Entry::Command { .. }),
        };
        Ok(Ready { call, instance })
    }
}

impl<E: Embedding> Instance for Ready<E> {
    #[inline]
    fn call(&mut self) -> Result<Outcome> {
        match &mut self.call {
            Call::Typed(function, arg) => match self.instance.call_typed(function, *arg) {
                Ok(value) => Ok(Outcome::One(Value::I64(value))),
                Err(trap) => trap.ended(),
            },
            dynamic @ Call::Dynamic { .. } => dynamic.run(&mut self.instance),
        }
    }

    fn set_up(&mut self, calls: &[SetupCall]) -> Result<()> {
        calls.iter().try_for_each(|call| {
            let in_words = |error: Error| Error { message: format!("{}: {error}", call.name), ..error };
            set_up(&mut self.instance, call).map_err(in_words)
        })
    }

    #[inline]
    fn call_repeatedly(&mut self, calls: u64) -> Result<(Outcome, bool)> {
        let Ready { call, instance } = self;
        match call {
            Call::Typed(function, arg) => {
                repeat_i64(calls, || instance.call_typed(function, *arg), |trap| trap.ended())
            }
            dynamic @ Call::Dynamic { .. } => repeat(calls, || dynamic.run(instance)),
        }
    }

    fn call_bare(&mut self, calls: u64) -> Result<()> {
        let Ready { call, instance } = self;
        match call {
            Call::Typed(function, arg) => {
                for _ in 0..calls {
                    match instance.call_typed(function, *arg) {
                        Ok(value) => black_box(value),
                        Err(trap) => return trap.ended().map(drop),
                    };
                }
            }
            Call::Dynamic { function, args, results, .. } => {
                for _ in 0..calls {
                    if let Err(trap) = black_box(instance.call(function, args, results)) {
                        return trap.ended().map(drop);
                    }
                }
            }
        }
        Ok(())
    }
}

impl<E: Embedding> Call<E> {
    /// Calls by dynamic values. Not inlined, so that the loop over typed calls has none of this code.
    #[inline(never)]
    fn run(&mut self, instance: &mut E) -> Result<Outcome> {
        let Call::Dynamic { function, args, results, is_command } = self else {
            return Err(Error::internal("a typed entry has its own call"));
        };
        match instance.call(function, args, results) {
            Ok(()) if *is_command => Ok(Outcome::Exit(0)),
            Ok(()) => outcome::<E>(results),
            Err(trap) => trap.ended(),
        }
    }
}

/// Calls `_initialize`, if the module exports such a function.
fn initialize<E: Embedding>(instance: &mut E) -> Result<()> {
    let Some(function) = instance.find(INITIALIZE) else { return Ok(()) };
    if instance.signature(&function).is_ok_and(|signature| signature == Signature::default()) {
        instance.call(&function, &[], &mut Vec::new()).map_err(|trap| trap.at_start())?;
    }
    Ok(())
}

/// Makes one call before the entry's; what it returns is not looked at.
fn set_up<E: Embedding>(instance: &mut E, SetupCall { name, args, .. }: &SetupCall) -> Result<()> {
    let function = instance.find(name).ok_or_else(|| Error::link("the module exports no such function"))?;
    let signature = instance.signature(&function).map_err(|ty| Error::link(format!("{ty} is no number")))?;
    check(name, &signature, args)?;
    let args: Vec<_> = args.iter().copied().map(E::number).collect();
    let mut results: Vec<_> = signature.results.iter().map(|ty| E::number(zero(*ty))).collect();
    instance.call(&function, &args, &mut results).map_err(|trap| trap.at_start())
}

#[inline]
fn outcome<E: Embedding>(results: &[E::Number]) -> Result<Outcome> {
    let value = |number| E::value(number).ok_or_else(|| Error::internal("a result is no number"));
    match results {
        [] => Ok(Outcome::Nothing),
        [one] => Ok(Outcome::One(value(one)?)),
        many => Ok(Outcome::Many(many.iter().map(value).collect::<Result<_>>()?)),
    }
}

/// Checks that every argument has the type of its parameter.
fn check(name: &str, signature: &Signature, args: &[Value]) -> Result<()> {
    let given: Vec<NumberType> = args.iter().map(|arg| arg.ty()).collect();
    if signature.params == given {
        return Ok(());
    }
    let (takes, given) = (list(&signature.params), list(&given));
    Err(Error::link(format!("`{name}` takes {takes}, not {given}")))
}

fn list(types: &[NumberType]) -> String {
    let types: Vec<_> = types.iter().map(ToString::to_string).collect();
    format!("({})", types.join(", "))
}

fn zero(ty: NumberType) -> Value {
    match ty {
        NumberType::I32 => Value::I32(0),
        NumberType::I64 => Value::I64(0),
        NumberType::F32 => Value::F32(0),
        NumberType::F64 => Value::F64(0),
    }
}
