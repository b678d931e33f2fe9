//! An instance in a store of its own, how its exports are called, and what a library's errors mean.

use crate::api::{ExportType, Extern, Instance as Object, Number};
use crate::handles::{Function, Owned, OwnedMany, Place, Stopped};
use std::convert::Infallible;
use std::rc::Rc;
use worker::kit::{Embedding, Slot, Trap};
use worker::protocol::{Error, NumberType, Signature, Value};

/// `wasm_valkind_enum`, as far as it has numbers.
const KINDS: [NumberType; 4] = [NumberType::I32, NumberType::I64, NumberType::F32, NumberType::F64];

/// An instance in a store of its own. The fields are dropped in this order.
pub struct Instance {
    /// What it exports.
    pub exported: OwnedMany<*mut Extern>,
    /// Keeps it alive, by the words of `wasm.h`.
    pub _object: Owned<Object>,
    /// The names of the exports, of its module.
    pub names: Rc<OwnedMany<*mut ExportType>>,
    /// Its store.
    pub place: Place,
}

/// The error of a call or an instantiation that did not return.
pub struct Stop(pub Stopped);

impl Embedding for Instance {
    type Function = Function;
    type Number = Number;
    type Typed = Infallible;
    type Trap = Stop;

    fn find(&mut self, name: &str) -> Option<Function> {
        let index = self.place.api.position(&self.names, name)?;
        Function::among(self.place.api, &self.exported, index)
    }

    fn signature(&mut self, function: &Function) -> Result<Signature, String> {
        // SAFETY: functions come from `find` of this instance, whose exports live.
        let (params, results) = unsafe { function.kinds(self.place.api) };
        let numbers = |kinds: Vec<u8>| kinds.into_iter().map(number_type).collect::<Result<Vec<_>, _>>();
        Ok(Signature { params: numbers(params)?, results: numbers(results)? })
    }

    fn number(value: Value) -> Number {
        match value {
            Value::I32(value) => Number { kind: 0, bits: u64::from(value.cast_unsigned()) },
            Value::I64(value) => Number { kind: 1, bits: value.cast_unsigned() },
            Value::F32(bits) => Number { kind: 2, bits: u64::from(bits) },
            Value::F64(bits) => Number { kind: 3, bits },
        }
    }

    fn value(number: &Number) -> Option<Value> {
        Some(Slot { bits: number.bits, ty: number_type(number.kind).ok()? }.value())
    }

    #[inline]
    fn call(&mut self, function: &Function, args: &[Number], results: &mut Vec<Number>) -> Result<(), Stop> {
        // SAFETY: functions come from `find` of this instance, whose exports live; the kit has checked the
        // arguments against the signature, and made the results by it.
        unsafe { function.call(self.place.api, args, results) }.map_err(Stop)
    }

    fn call_typed(&mut self, never: &Infallible, _: i32) -> Result<i64, Stop> {
        match *never {}
    }
}

fn number_type(kind: u8) -> Result<NumberType, String> {
    KINDS.get(usize::from(kind)).copied().ok_or_else(|| format!("of kind {kind}"))
}

impl Trap for Stop {
    /// There is no WASI.
    fn exit_code(&self) -> Option<i32> {
        None
    }

    /// `wasm.h` has one error for everything, which it calls a trap.
    fn error(&self) -> Error {
        match self.0.0.as_str() {
            "" => Error::trap("the library says nothing more than that it is a trap"),
            words => Error::trap(words),
        }
    }
}
