//! An instance, how its exports are called, and what WAMR's exceptions mean.

use crate::api::{self, Opaque};
use crate::module::Module;
use std::ffi::{CStr, CString};
use std::rc::Rc;
use worker::kit::{Embedding, Slot, Trap};
use worker::protocol::{Error, NumberType, Signature, Value};

/// What ends a guest by `proc_exit`, in WAMR's words.
const EXIT: &str = "wasi proc exit";
/// The most 32-bit cells of a call's arguments or results.
const MOST_CELLS: usize = 64;

/// An instance.
pub struct Instance {
    raw: *mut Opaque,
    exec_env: *mut Opaque,
    _module: Rc<Module>,
}

/// A function of an instance.
pub struct Function {
    raw: *mut Opaque,
}

/// Whether a number takes two cells.
fn is_long(slot: &Slot) -> bool {
    matches!(slot.ty, NumberType::I64 | NumberType::F64)
}

/// The error of a call that did not return.
pub struct Stop {
    words: String,
    exit_code: Option<i32>,
}

impl Instance {
    /// The instance `raw`, which nobody else owns.
    pub fn owned(raw: *mut Opaque, module: Rc<Module>) -> Instance {
        // SAFETY: the instance lives; it owns the environment.
        let exec_env = unsafe { api::wasm_runtime_get_exec_env_singleton(raw) };
        Instance { raw, exec_env, _module: module }
    }

    /// Why the last call did not return.
    #[cold]
    fn stop(&mut self) -> Stop {
        // SAFETY: the instance lives, and the words are copied before they are cleared.
        unsafe {
            let exception = api::wasm_runtime_get_exception(self.raw);
            let words = if exception.is_null() {
                "a call failed without an exception".to_owned()
            } else {
                CStr::from_ptr(exception).to_string_lossy().into_owned()
            };
            let exit_code =
                words.contains(EXIT).then(|| api::wasm_runtime_get_wasi_exit_code(self.raw).cast_signed());
            api::wasm_runtime_clear_exception(self.raw);
            Stop { words, exit_code }
        }
    }

    /// Calls `function` with `argc` of the cells `argv`, which have room for its results.
    #[inline(always)]
    fn call_cells(&mut self, function: &Function, argc: u32, argv: &mut [u32]) -> Result<(), Stop> {
        // SAFETY: the instance lives, the function is of it and takes that many cells, and no more come back.
        let done =
            unsafe { api::wasm_runtime_call_wasm(self.exec_env, function.raw, argc, argv.as_mut_ptr()) };
        if done { Ok(()) } else { Err(self.stop()) }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // SAFETY: this is the only owner.
        unsafe { api::wasm_runtime_deinstantiate(self.raw) };
    }
}

impl Embedding for Instance {
    type Function = Function;
    type Number = Slot;
    type Typed = Function;
    type Trap = Stop;

    fn find(&mut self, name: &str) -> Option<Function> {
        let name = CString::new(name).ok()?;
        // SAFETY: the instance lives, and the name ends with a zero.
        let raw = unsafe { api::wasm_runtime_lookup_function(self.raw, name.as_ptr()) };
        (!raw.is_null()).then_some(Function { raw })
    }

    fn signature(&mut self, function: &Function) -> Result<Signature, String> {
        // SAFETY: the instance lives, and there is room for as many types as it says.
        let (params, results) = unsafe {
            let mut params = vec![0; api::wasm_func_get_param_count(function.raw, self.raw) as usize];
            api::wasm_func_get_param_types(function.raw, self.raw, params.as_mut_ptr());
            let mut results = vec![0; api::wasm_func_get_result_count(function.raw, self.raw) as usize];
            api::wasm_func_get_result_types(function.raw, self.raw, results.as_mut_ptr());
            (params, results)
        };
        if params.len().max(results.len()) * 2 > MOST_CELLS {
            return Err(format!("a function of more than {} parameters or results", MOST_CELLS / 2));
        }
        let numbers = |types: Vec<u8>| types.into_iter().map(number_type).collect::<Result<Vec<_>, _>>();
        Ok(Signature { params: numbers(params)?, results: numbers(results)? })
    }

    fn number(value: Value) -> Slot {
        Slot::of(value)
    }

    fn value(slot: &Slot) -> Option<Value> {
        Some(slot.value())
    }

    fn call(&mut self, function: &Function, args: &[Slot], results: &mut Vec<Slot>) -> Result<(), Stop> {
        let mut cells = [0_u32; MOST_CELLS];
        let mut argc = 0;
        for arg in args {
            cells[argc] = arg.low();
            argc += 1;
            if is_long(arg) {
                cells[argc] = Slot { bits: arg.bits >> 32, ..*arg }.low();
                argc += 1;
            }
        }
        self.call_cells(function, u32::try_from(argc).unwrap_or(u32::MAX), &mut cells)?;
        let mut from = cells.iter().copied().map(u64::from);
        let mut next = || from.next().unwrap_or_default();
        for result in results {
            let low = next();
            result.bits = if is_long(result) { low | next() << 32 } else { low };
        }
        Ok(())
    }

    fn typed(&mut self, function: &Function) -> Option<Function> {
        Some(Function { raw: function.raw })
    }

    fn is_initialized(&self) -> bool {
        // SAFETY: the instance lives. WAMR has called `_initialize` of modules that import WASI.
        unsafe { api::wasm_runtime_is_wasi_mode(self.raw) }
    }

    #[inline(always)]
    fn call_typed(&mut self, function: &Function, arg: i32) -> Result<i64, Stop> {
        let mut cells = [arg.cast_unsigned(), 0];
        self.call_cells(function, 1, &mut cells)?;
        Ok((u64::from(cells[0]) | u64::from(cells[1]) << 32).cast_signed())
    }
}

/// `WASM_I32` and its neighbours.
fn number_type(ty: u8) -> Result<NumberType, String> {
    Ok(match ty {
        0 => NumberType::I32,
        1 => NumberType::I64,
        2 => NumberType::F32,
        3 => NumberType::F64,
        4 => return Err("v128".to_owned()),
        _ => return Err("a reference".to_owned()),
    })
}

impl Trap for Stop {
    fn exit_code(&self) -> Option<i32> {
        self.exit_code
    }

    fn error(&self) -> Error {
        Error::trap(&self.words)
    }
}
