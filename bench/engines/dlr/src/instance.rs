//! A store with one instance in it, how its exports are called, and what its errors mean.

use crate::module::Module;
use dlr_wasm_interpreter::{
    F32, F64, FuncAddr, ModuleAddr, NumType, RunState, RuntimeError, Store, ValType, Value as Number,
};
use std::convert::Infallible;
use std::rc::Rc;
use worker::kit::{Embedding, Trap};
use worker::marks;
use worker::protocol::{Error, NumberType, Signature, Value};

/// The number by which the interpreter knows `bench.start`.
pub const START: usize = 0;
/// The number by which the interpreter knows `bench.end`.
pub const END: usize = 1;

/// An instance, and the store that owns it.
pub struct Instance {
    // Let go of before the code, whose bytes it refers to.
    /// Owns the instance.
    pub store: Store<'static, ()>,
    /// The instance in the store.
    pub module: ModuleAddr,
    /// What it was made of.
    pub _code: Rc<Module>,
}

/// The error of a call or an instantiation that did not return.
pub struct Stop(pub RuntimeError);

impl Instance {
    fn run(&mut self, function: FuncAddr, args: &[Number]) -> Result<Vec<Number>, RuntimeError> {
        // SAFETY: the function is of this store; numbers hold no addresses.
        let mut state = unsafe { self.store.invoke(function, args.to_vec(), None) }?;
        loop {
            state = match state {
                RunState::Finished { values, .. } => return Ok(values),
                RunState::HostCalled { host_call, resumable } => {
                    if host_call.hostcode == START {
                        marks::start();
                    } else {
                        marks::end();
                    }
                    // SAFETY: the call that is resumed is of this store; the marks return nothing.
                    unsafe { self.store.finish_host_call(resumable, Vec::new()) }?
                }
                // SAFETY: as above.
                RunState::Resumable { resumable, .. } => unsafe { self.store.resume_wasm(resumable) }?,
            }
        }
    }
}

impl Embedding for Instance {
    type Function = FuncAddr;
    type Number = Number;
    type Typed = Infallible;
    type Trap = Stop;

    fn find(&mut self, name: &str) -> Option<FuncAddr> {
        // SAFETY: the instance is of this store.
        unsafe { self.store.instance_export(self.module, name) }.ok()?.as_func()
    }

    fn signature(&mut self, function: &FuncAddr) -> Result<Signature, String> {
        // SAFETY: the function is of this store.
        let ty = unsafe { self.store.func_type(*function) };
        let numbers = |types: Vec<ValType>| types.into_iter().map(number_type).collect::<Result<Vec<_>, _>>();
        Ok(Signature { params: numbers(ty.params.valtypes)?, results: numbers(ty.returns.valtypes)? })
    }

    fn number(value: Value) -> Number {
        match value {
            Value::I32(value) => Number::I32(value.cast_unsigned()),
            Value::I64(value) => Number::I64(value.cast_unsigned()),
            Value::F32(bits) => Number::F32(F32(f32::from_bits(bits))),
            Value::F64(bits) => Number::F64(F64(f64::from_bits(bits))),
        }
    }

    fn value(number: &Number) -> Option<Value> {
        Some(match number {
            Number::I32(value) => Value::I32(value.cast_signed()),
            Number::I64(value) => Value::I64(value.cast_signed()),
            Number::F32(value) => Value::F32(value.0.to_bits()),
            Number::F64(value) => Value::F64(value.0.to_bits()),
            _ => return None,
        })
    }

    fn call(&mut self, function: &FuncAddr, args: &[Number], results: &mut Vec<Number>) -> Result<(), Stop> {
        *results = self.run(*function, args).map_err(Stop)?;
        Ok(())
    }

    fn call_typed(&mut self, never: &Infallible, _: i32) -> Result<i64, Stop> {
        match *never {}
    }
}

fn number_type(ty: ValType) -> Result<NumberType, String> {
    match ty {
        ValType::NumType(NumType::I32) => Ok(NumberType::I32),
        ValType::NumType(NumType::I64) => Ok(NumberType::I64),
        ValType::NumType(NumType::F32) => Ok(NumberType::F32),
        ValType::NumType(NumType::F64) => Ok(NumberType::F64),
        ValType::VecType => Err("v128".to_owned()),
        ValType::RefType(_) => Err("a reference".to_owned()),
    }
}

impl Trap for Stop {
    fn exit_code(&self) -> Option<i32> {
        None
    }

    fn error(&self) -> Error {
        match &self.0 {
            RuntimeError::Trap(trap) => Error::trap(trap),
            RuntimeError::StackExhaustion => Error::trap(&self.0),
            RuntimeError::InvalidImportType | RuntimeError::ExternValsLenMismatch => Error::link(&self.0),
            error => Error::internal(error),
        }
    }
}
