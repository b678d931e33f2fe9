//! A store with one instance in it, how its exports are called, and what its errors mean.

use wasmtime::{Func, Store, Trap, TypedFunc, Val, ValType};
use wasmtime_wasi::I32Exit;
use wasmtime_wasi::p1::WasiP1Ctx;
use worker::kit::{Bits, Embedding, Trap as _};
use worker::protocol::{Error, Signature};
use worker::{numbers, signature};

/// What a store carries: a WASI context, for guests that need one.
pub type State = Option<WasiP1Ctx>;

/// A store with one instance in it.
pub struct Instance {
    /// Owns everything of the instance.
    pub store: Store<State>,
    /// The instance.
    pub exports: wasmtime::Instance,
}

impl Embedding for Instance {
    type Function = Func;
    type Number = Val;
    type Typed = TypedFunc<i32, i64>;
    type Trap = Stop;

    numbers!(Val, Bits, Bits);

    fn find(&mut self, name: &str) -> Option<Func> {
        self.exports.get_func(&mut self.store, name)
    }

    fn signature(&mut self, function: &Func) -> Result<Signature, String> {
        let ty = function.ty(&self.store);
        signature!(ValType, ty.params(), ty.results())
    }

    fn call(&mut self, function: &Func, args: &[Val], results: &mut Vec<Val>) -> Result<(), Stop> {
        function.call(&mut self.store, args, results).map_err(Stop)
    }

    fn typed(&mut self, function: &Func) -> Option<TypedFunc<i32, i64>> {
        function.typed(&self.store).ok()
    }

    #[inline(always)]
    fn call_typed(&mut self, function: &TypedFunc<i32, i64>, arg: i32) -> Result<i64, Stop> {
        function.call(&mut self.store, arg).map_err(Stop)
    }
}

/// Why a call did not return.
pub struct Stop(pub wasmtime::Error);

impl worker::kit::Trap for Stop {
    fn exit_code(&self) -> Option<i32> {
        self.0.downcast_ref::<I32Exit>().map(|exit| exit.0)
    }

    fn error(&self) -> Error {
        self.0.downcast_ref::<Trap>().map_or_else(|| failure(&self.0), Error::trap)
    }
}

/// A failure of the engine itself.
pub fn failure(error: &wasmtime::Error) -> Error {
    Error::internal(format!("{error:#}"))
}

/// An import that cannot be resolved.
pub fn link(error: &wasmtime::Error) -> Error {
    Error::link(format!("{error:#}"))
}

/// An instantiation that failed: a trap, an exit, or a lack of resources.
pub fn instantiation(error: wasmtime::Error) -> Error {
    Stop(error).at_start()
}
