//! An instance, how its exports are called, and what its errors mean.

use crate::decoded::Decoded;
use spacewasm::{
    ExportDesc, Interpreter, InterpreterResult, InterpreterRunner, InvokeError, Ref, TrapReason, ValType,
    Value as Number, WasmRef,
};
use std::convert::Infallible;
use worker::kit::{Embedding, Trap};
use worker::protocol::{Error, NumberType, Signature, Value};

/// An instance whose start function has run.
pub struct Instance(Decoded);

/// The error of a call that did not return.
pub enum Stop {
    /// The guest trapped.
    Trap(TrapReason),
    /// The call was not made.
    NotCalled(InvokeError),
    /// Something that no call should end with.
    Other(String),
}

impl Instance {
    /// Runs the start function of `decoded`, if it has one.
    ///
    /// # Errors
    /// When that function traps.
    pub fn started(decoded: Decoded) -> Result<Instance, Stop> {
        let mut instance = Instance(decoded);
        if let Some(start) = instance.0.state.module_start(instance.0.module) {
            instance.run(&start, &[])?;
        }
        Ok(instance)
    }

    #[inline(always)]
    fn run(&mut self, function: &WasmRef, args: &[Number]) -> Result<(), Stop> {
        let Decoded { state, code, .. } = &mut self.0;
        state.invoke(WasmRef { ..*function }, args).map_err(Stop::NotCalled)?;
        match Interpreter.run(code.pages(), state, usize::MAX) {
            InterpreterResult::Finished => Ok(()),
            InterpreterResult::Trap(reason) => Err(Stop::Trap(reason)),
            other => Err(Stop::Other(format!("the interpreter ended with {other:?}"))),
        }
    }

    /// The one result of the last call, of that type.
    fn result(&self, ty: ValType) -> Option<Number> {
        let raw = self.0.state.result?;
        Some(match ty {
            ValType::I32 => Number::I32(raw.read_i32()),
            ValType::I64 => Number::I64(raw.read_i64()),
            ValType::F32 => Number::F32(raw.read_f32()),
            ValType::F64 => Number::F64(raw.read_f64()),
        })
    }
}

/// A function, and the type of its result.
pub struct Function {
    at: WasmRef,
    result: Option<ValType>,
}

impl Embedding for Instance {
    type Function = Function;
    type Number = Number;
    type Typed = Infallible;
    type Trap = Stop;

    fn find(&mut self, name: &str) -> Option<Function> {
        let at = self.0.module;
        let module = self.0.state.store.modules().get(usize::from(at.0))?;
        let export = module.exports.iter().find(|export| &*export.name == name)?;
        let ExportDesc::Func(index) = export.desc else { return None };
        let Some(Ref::Module(index)) = module.get_func_ref(index) else { return None };
        let ty = &module.types[module.functions[usize::from(index)].ty.0 as usize];
        Some(Function { at: WasmRef { module: at, index }, result: ty.returns.first().copied() })
    }

    fn signature(&mut self, function: &Function) -> Result<Signature, String> {
        let module = &self.0.state.store.modules()[usize::from(function.at.module.0)];
        let ty = &module.types[module.functions[usize::from(function.at.index)].ty.0 as usize];
        let numbers = |types: &[ValType]| types.iter().map(|ty| number_type(*ty)).collect();
        Ok(Signature { params: numbers(&ty.params), results: numbers(&ty.returns) })
    }

    fn number(value: Value) -> Number {
        match value {
            Value::I32(value) => Number::I32(value),
            Value::I64(value) => Number::I64(value),
            Value::F32(bits) => Number::F32(f32::from_bits(bits)),
            Value::F64(bits) => Number::F64(f64::from_bits(bits)),
        }
    }

    fn value(number: &Number) -> Option<Value> {
        Some(match number {
            Number::I32(value) => Value::I32(*value),
            Number::I64(value) => Value::I64(*value),
            Number::F32(value) => Value::F32(value.to_bits()),
            Number::F64(value) => Value::F64(value.to_bits()),
        })
    }

    fn call(&mut self, function: &Function, args: &[Number], results: &mut Vec<Number>) -> Result<(), Stop> {
        self.run(&function.at, args)?;
        results.clear();
        if let Some(ty) = function.result {
            results.extend(self.result(ty));
        }
        Ok(())
    }

    fn call_typed(&mut self, never: &Infallible, _: i32) -> Result<i64, Stop> {
        match *never {}
    }
}

fn number_type(ty: ValType) -> NumberType {
    match ty {
        ValType::I32 => NumberType::I32,
        ValType::I64 => NumberType::I64,
        ValType::F32 => NumberType::F32,
        ValType::F64 => NumberType::F64,
    }
}

impl Trap for Stop {
    fn exit_code(&self) -> Option<i32> {
        None
    }

    fn error(&self) -> Error {
        match self {
            Stop::Trap(reason) => Error::trap(format!("{reason:?}")),
            Stop::NotCalled(InvokeError::StackOverflow) => Error::trap("StackOverflow"),
            Stop::NotCalled(error) => Error::internal(format!("{error:?}")),
            Stop::Other(words) => Error::internal(words),
        }
    }
}
