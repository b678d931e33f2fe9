//! An instance, how its exports are called, and what toywasm's errors mean.

use crate::api::{self, Failure, Function, MOST};
use worker::kit::{Embedding, Slot, Trap};
use worker::protocol::{Error, NumberType, Signature, Value};

/// An instance of the module, for the kit.
pub struct Instance {
    /// The instance.
    pub instance: api::Instance,
}

/// A function with its types, which the binary format numbers.
pub struct Typed {
    function: Function,
    params: Vec<u32>,
    results: Vec<u32>,
}

/// The error of a call or an instantiation that did not return.
pub struct Stop(pub Failure);

impl Embedding for Instance {
    type Function = Typed;
    type Number = Slot;
    type Typed = Function;
    type Trap = Stop;

    fn find(&mut self, name: &str) -> Option<Typed> {
        let function = self.instance.find(name)?;
        let [params, results] = [false, true].map(|results| self.instance.types(function, results));
        Some(Typed { function, params, results })
    }

    fn signature(&mut self, function: &Typed) -> Result<Signature, String> {
        if function.params.len() > MOST || function.results.len() > MOST {
            return Err(format!("a function of more than {MOST} parameters or results"));
        }
        let numbers = |types: &[u32]| types.iter().map(|ty| number_type(*ty)).collect::<Result<Vec<_>, _>>();
        Ok(Signature { params: numbers(&function.params)?, results: numbers(&function.results)? })
    }

    fn number(value: Value) -> Slot {
        Slot::of(value)
    }

    fn value(slot: &Slot) -> Option<Value> {
        Some(slot.value())
    }

    fn call(&mut self, function: &Typed, args: &[Slot], results: &mut Vec<Slot>) -> Result<(), Stop> {
        let (mut given, mut taken) = ([0; MOST], [0; MOST]);
        for (to, arg) in given.iter_mut().zip(args) {
            *to = arg.bits;
        }
        self.instance.call(function.function, &given, &mut taken).map_err(Stop)?;
        // The kit has checked the types before the first call.
        let types = function.results.iter().filter_map(|ty| number_type(*ty).ok());
        results.clear();
        results.extend(taken.into_iter().zip(types).map(|(bits, ty)| Slot { bits, ty }));
        Ok(())
    }

    fn typed(&mut self, function: &Typed) -> Option<Function> {
        Some(function.function)
    }

    #[inline(always)]
    fn call_typed(&mut self, function: &Function, arg: i32) -> Result<i64, Stop> {
        let mut result = [0];
        self.instance.call(*function, &[u64::from(arg.cast_unsigned())], &mut result).map_err(Stop)?;
        Ok(result[0].cast_signed())
    }
}

fn number_type(ty: u32) -> Result<NumberType, String> {
    Slot::type_of_binary(u8::try_from(ty).unwrap_or_default())
}

impl Trap for Stop {
    fn exit_code(&self) -> Option<i32> {
        None
    }

    fn error(&self) -> Error {
        let Failure { is_trap, words } = &self.0;
        if *is_trap { Error::trap(words) } else { Error::internal(words) }
    }
}
