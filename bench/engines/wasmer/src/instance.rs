//! A Wasmer instance in its store, and how its exports are called.

use crate::errors::trap;
use crate::wasi::{self, Context};
use wasmer::{Function, RuntimeError, Store, Type, TypedFunction, Value};
use worker::kit::{Embedding, Trap};
use worker::protocol::{Error, Signature};
use worker::{numbers, signature};

/// An instance in a store of its own.
pub struct Instance {
    /// Owns everything of the instance.
    pub store: Store,
    /// The instance.
    pub exports: wasmer::Instance,
    /// Where calls must be made, for a guest with WASI.
    pub context: Option<Context>,
}

impl Embedding for Instance {
    type Function = Function;
    type Number = Value;
    type Typed = TypedFunction<i32, i64>;
    type Trap = Stop;

    numbers!(Value, f32, f64);

    fn find(&mut self, name: &str) -> Option<Function> {
        self.exports.exports.get_function(name).ok().cloned()
    }

    fn signature(&mut self, function: &Function) -> Result<Signature, String> {
        let ty = function.ty(&self.store);
        signature!(Type, ty.params().to_vec(), ty.results().to_vec())
    }

    fn call(&mut self, function: &Function, args: &[Value], results: &mut Vec<Value>) -> Result<(), Stop> {
        let _entered = self.context.as_ref().map(Context::enter);
        *results = function.call(&mut self.store, args).map_err(Stop)?.into_vec();
        Ok(())
    }

    /// A guest with WASI is called within its context, which a typed call alone does not enter.
    fn typed(&mut self, function: &Function) -> Option<TypedFunction<i32, i64>> {
        if self.context.is_some() { None } else { function.typed(&self.store).ok() }
    }

    /// wasix calls `_initialize` when it makes an instance.
    fn is_initialized(&self) -> bool {
        self.context.is_some()
    }

    #[inline(always)]
    fn call_typed(&mut self, function: &TypedFunction<i32, i64>, arg: i32) -> Result<i64, Stop> {
        function.call(&mut self.store, arg).map_err(Stop)
    }
}

/// Why a call did not return.
pub struct Stop(pub RuntimeError);

impl Trap for Stop {
    fn exit_code(&self) -> Option<i32> {
        wasi::exit_code(&self.0)
    }

    fn error(&self) -> Error {
        wasi::failure(&self.0).unwrap_or_else(|| trap(&self.0))
    }
}
