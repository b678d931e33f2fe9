//! A store with one instance in it, and what its errors mean.

use tinywasm::types::{ExportType, Module, WasmType, WasmValue};
use tinywasm::{Error as TinyError, Function, FunctionTyped, ModuleInstance, Store};
use worker::kit::{Embedding, Trap};
use worker::protocol::{Error, Signature};

/// An instance, and the store that owns it.
pub struct Instance {
    /// Owns the instance.
    pub store: Store,
    /// The instance.
    pub exports: ModuleInstance,
    /// Its module, which knows the types of exports.
    pub module: Module,
}

/// The error of a call or an instantiation that did not return.
pub struct Stop(pub TinyError);

impl Embedding for Instance {
    type Function = (String, Function);
    type Number = WasmValue;
    type Typed = FunctionTyped<i32, i64>;
    type Trap = Stop;

    worker::numbers!(WasmValue, f32, f64);

    fn find(&mut self, name: &str) -> Option<Self::Function> {
        let function = self.exports.func_untyped(&self.store, name).ok()?;
        Some((name.to_owned(), function))
    }

    fn signature(&mut self, (name, _): &Self::Function) -> Result<Signature, String> {
        let of_function = self.module.exports().find_map(|export| match export.ty {
            ExportType::Func(ty) if export.name == name => Some(ty),
            _ => None,
        });
        let ty = of_function.ok_or("not known")?;
        worker::signature!(WasmType, ty.params(), ty.results())
    }

    fn call(
        &mut self,
        (_, function): &Self::Function,
        args: &[WasmValue],
        results: &mut Vec<WasmValue>,
    ) -> Result<(), Stop> {
        *results = function.call(&mut self.store, args).map_err(Stop)?;
        Ok(())
    }

    fn typed(&mut self, (name, _): &Self::Function) -> Option<FunctionTyped<i32, i64>> {
        self.exports.func::<i32, i64>(&self.store, name).ok()
    }

    #[inline(always)]
    fn call_typed(&mut self, function: &FunctionTyped<i32, i64>, arg: i32) -> Result<i64, Stop> {
        function.call(&mut self.store, arg).map_err(Stop)
    }
}

impl Trap for Stop {
    fn exit_code(&self) -> Option<i32> {
        None
    }

    fn error(&self) -> Error {
        match &self.0 {
            TinyError::Trap(trap) => Error::trap(trap),
            TinyError::Linker(_) => Error::link(&self.0),
            TinyError::UnsupportedFeature(_) => Error::unsupported(&self.0),
            error => Error::internal(error),
        }
    }
}
