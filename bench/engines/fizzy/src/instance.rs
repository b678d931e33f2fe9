//! An instance, how its exports are called, and what fizzy's errors mean.

use crate::api::{self, Failure, Function, NO_MEMORY};
use worker::kit::{Embedding, Slot, Trap};
use worker::protocol::{Error, Signature, Value};

/// The most arguments of a call.
const MOST: usize = 16;

/// An instance of the module, for the kit.
pub struct Instance {
    /// The instance.
    pub instance: api::Instance,
}

/// The error of a call or an instantiation that did not return.
pub enum Stop {
    /// A trap, of which fizzy tells no more.
    Trap,
    /// An instantiation that failed.
    Failed(Failure),
}

impl Embedding for Instance {
    type Function = Function;
    type Number = Slot;
    type Typed = u32;
    type Trap = Stop;

    fn find(&mut self, name: &str) -> Option<Function> {
        self.instance.find(name)
    }

    fn signature(&mut self, function: &Function) -> Result<Signature, String> {
        if function.inputs.len() > MOST {
            return Err(format!("a function of more than {MOST} parameters"));
        }
        let params =
            function.inputs.iter().map(|ty| Slot::type_of_binary(*ty)).collect::<Result<Vec<_>, _>>()?;
        let results =
            if function.output == 0 { Vec::new() } else { vec![Slot::type_of_binary(function.output)?] };
        Ok(Signature { params, results })
    }

    fn number(value: Value) -> Slot {
        Slot::of(value)
    }

    fn value(slot: &Slot) -> Option<Value> {
        Some(slot.value())
    }

    fn call(&mut self, function: &Function, args: &[Slot], results: &mut Vec<Slot>) -> Result<(), Stop> {
        let mut given = [0; MOST];
        for (to, arg) in given.iter_mut().zip(args) {
            *to = arg.bits;
        }
        let bits = self.instance.call(function.index, &given).ok_or(Stop::Trap)?;
        results.clear();
        // The kit has checked the types before the first call.
        results.extend(Slot::type_of_binary(function.output).map(|ty| Slot { bits, ty }));
        Ok(())
    }

    fn typed(&mut self, function: &Function) -> Option<u32> {
        Some(function.index)
    }

    #[inline(always)]
    fn call_typed(&mut self, index: &u32, arg: i32) -> Result<i64, Stop> {
        let result = self.instance.call(*index, &[u64::from(arg.cast_unsigned())]);
        result.map(u64::cast_signed).ok_or(Stop::Trap)
    }
}

impl Trap for Stop {
    fn exit_code(&self) -> Option<i32> {
        None
    }

    fn error(&self) -> Error {
        match self {
            Stop::Trap => Error::trap("fizzy does not say why"),
            Stop::Failed(Failure { code: NO_MEMORY, words }) => Error::internal(words),
            Stop::Failed(Failure { words, .. }) if is_trap(words) => Error::trap(words),
            Stop::Failed(Failure { words, .. }) => Error::link(words),
        }
    }
}

/// Whether an instantiation failed in the start function or in filling a memory or table.
fn is_trap(words: &str) -> bool {
    ["start function", "data segment", "element segment"].iter().any(|place| words.contains(place))
}
