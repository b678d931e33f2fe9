//! An instance, how its exports are called, and what fizzy's errors mean.

use crate::api::{self, Failure, Function, NO_MEMORY};
use worker::kit::{Embedding, Trap};
use worker::protocol::{Error, NumberType, Signature, Value};

/// The binary format's number types.
const TYPES: [(u8, NumberType); 4] =
    [(0x7f, NumberType::I32), (0x7e, NumberType::I64), (0x7d, NumberType::F32), (0x7c, NumberType::F64)];

/// The most arguments of a call.
const MOST: usize = 16;

/// An instance of the module, for the kit.
pub struct Instance {
    /// The instance.
    pub instance: api::Instance,
}

/// A number's bits, in the lowest bytes, and its type.
#[derive(Clone, Copy)]
pub struct Number {
    bits: u64,
    ty: NumberType,
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
    type Number = Number;
    type Typed = u32;
    type Trap = Stop;

    fn find(&mut self, name: &str) -> Option<Function> {
        self.instance.find(name)
    }

    fn signature(&mut self, function: &Function) -> Result<Signature, String> {
        if function.inputs.len() > MOST {
            return Err(format!("a function of more than {MOST} parameters"));
        }
        let params = function.inputs.iter().map(|ty| number_type(*ty)).collect::<Result<Vec<_>, _>>()?;
        let results = if function.output == 0 { Vec::new() } else { vec![number_type(function.output)?] };
        Ok(Signature { params, results })
    }

    fn number(value: Value) -> Number {
        match value {
            Value::I32(value) => Number { bits: u64::from(value.cast_unsigned()), ty: NumberType::I32 },
            Value::I64(value) => Number { bits: value.cast_unsigned(), ty: NumberType::I64 },
            Value::F32(bits) => Number { bits: u64::from(bits), ty: NumberType::F32 },
            Value::F64(bits) => Number { bits, ty: NumberType::F64 },
        }
    }

    fn value(number: &Number) -> Option<Value> {
        // The lower half is all of a number of 32 bits.
        let low = u32::try_from(number.bits & u64::from(u32::MAX)).ok()?;
        Some(match number.ty {
            NumberType::I32 => Value::I32(low.cast_signed()),
            NumberType::I64 => Value::I64(number.bits.cast_signed()),
            NumberType::F32 => Value::F32(low),
            NumberType::F64 => Value::F64(number.bits),
        })
    }

    fn call(&mut self, function: &Function, args: &[Number], results: &mut Vec<Number>) -> Result<(), Stop> {
        let mut given = [0; MOST];
        for (to, arg) in given.iter_mut().zip(args) {
            *to = arg.bits;
        }
        let bits = self.instance.call(function.index, &given).ok_or(Stop::Trap)?;
        results.clear();
        // The kit has checked the types before the first call.
        results.extend(number_type(function.output).map(|ty| Number { bits, ty }));
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

fn number_type(ty: u8) -> Result<NumberType, String> {
    let known = TYPES.iter().find(|(number, _)| *number == ty);
    known.map(|(_, ty)| *ty).ok_or_else(|| "a type that is no number".to_owned())
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
