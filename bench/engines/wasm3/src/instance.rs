//! An instance, how its exports are called, and what wasm3's errors mean.

use crate::api::{Failure, Function, MOST, NOT_PROVIDED, Number, Runtime};
use std::convert::Infallible;
use worker::kit::{Embedding, Slot, Trap};
use worker::protocol::{Error, NumberType, Signature, Value};

/// `c_m3Type_i32` and its neighbours.
const TYPES: [(u32, NumberType); 4] =
    [(1, NumberType::I32), (2, NumberType::I64), (3, NumberType::F32), (4, NumberType::F64)];

/// How wasm3 names instructions that it does not know. It takes those of SIMD for calls.
const UNKNOWN: [&str; 4] = ["unknown opcode", "unknown function", "no compiler found", "restricted opcode"];

/// A module in a runtime of its own.
pub struct Instance {
    /// The runtime.
    pub runtime: Runtime,
}

/// The error of a call or an instantiation that did not return.
pub struct Stop(pub Failure);

impl Embedding for Instance {
    type Function = Function;
    type Number = Number;
    type Typed = Infallible;
    type Trap = Stop;

    fn find(&mut self, name: &str) -> Option<Function> {
        self.runtime.find(name).ok().flatten()
    }

    fn signature(&mut self, function: &Function) -> Result<Signature, String> {
        let (params, results) = function.types();
        if params.len() > MOST || results.len() > MOST {
            return Err(format!("a function of more than {MOST} parameters or results"));
        }
        let numbers = |types: Vec<u32>| types.into_iter().map(number_type).collect::<Result<Vec<_>, _>>();
        Ok(Signature { params: numbers(params)?, results: numbers(results)? })
    }

    fn number(value: Value) -> Number {
        match value {
            Value::I32(value) => Number { bits: u64::from(value.cast_unsigned()), ty: 1 },
            Value::I64(value) => Number { bits: value.cast_unsigned(), ty: 2 },
            Value::F32(bits) => Number { bits: u64::from(bits), ty: 3 },
            Value::F64(bits) => Number { bits, ty: 4 },
        }
    }

    fn value(number: &Number) -> Option<Value> {
        Some(Slot { bits: number.bits, ty: number_type(number.ty).ok()? }.value())
    }

    fn call(&mut self, function: &Function, args: &[Number], results: &mut Vec<Number>) -> Result<(), Stop> {
        self.runtime.call(*function, args, results).map_err(Stop)
    }

    fn call_typed(&mut self, never: &Infallible, _: i32) -> Result<i64, Stop> {
        match *never {}
    }
}

fn number_type(ty: u32) -> Result<NumberType, String> {
    let known = TYPES.iter().find(|(number, _)| *number == ty);
    known.map(|(_, ty)| *ty).ok_or_else(|| "a type that is no number".to_owned())
}

impl Trap for Stop {
    fn exit_code(&self) -> Option<i32> {
        None
    }

    fn error(&self) -> Error {
        let Failure(words) = &self.0;
        match words {
            _ if words.starts_with("[trap]") => Error::trap(words),
            _ if words.contains(NOT_PROVIDED) => Error::link(words),
            _ if words.contains("memory allocation failed") => Error::internal(words),
            _ if UNKNOWN.iter().any(|unknown| words.contains(unknown)) => Error::unsupported(words),
            // A function that is not valid, found when it is translated.
            _ => Error::rejected(words),
        }
    }
}
