//! What a runtime's own instance must offer so that the kit can call it.

use protocol::{Error, NumberType, Outcome, Result, Signature, Value};

/// An instance as the runtime's embedding interface gives it.
pub trait Embedding {
    /// The runtime's handle of an exported function.
    type Function;
    /// The runtime's own value; [`numbers!`](crate::numbers) converts it.
    type Number;
    /// The runtime's typed function of type `(i32) -> i64`, which most samples have; `()` where the
    /// runtime has none.
    type Typed;
    /// The runtime's error for a call that did not return.
    type Trap: Trap;

    /// The function that the instance exports as `name`.
    fn find(&mut self, name: &str) -> Option<Self::Function>;

    /// The type of `function`; [`signature!`](crate::signature) makes it.
    ///
    /// # Errors
    /// The name of a type that is no number.
    fn signature(&mut self, function: &Self::Function) -> std::result::Result<Signature, String>;

    /// The runtime's value of `value`.
    fn number(value: Value) -> Self::Number;

    /// The value of the runtime's `number`; `None` where it is no number.
    fn value(number: &Self::Number) -> Option<Value>;

    /// Calls `function` with dynamic values. `results` has one value for each result, which the call
    /// overwrites.
    ///
    /// # Errors
    /// When the call does not return.
    fn call(
        &mut self,
        function: &Self::Function,
        args: &[Self::Number],
        results: &mut Vec<Self::Number>,
    ) -> std::result::Result<(), Self::Trap>;

    /// `function` as a typed function, if the runtime recommends typed calls. Only used for functions of
    /// type `(i32) -> i64`.
    fn typed(&mut self, function: &Self::Function) -> Option<Self::Typed> {
        let _ = function;
        None
    }

    /// Whether the runtime has called a reactor's `_initialize` by itself when it made the instance.
    fn is_initialized(&self) -> bool {
        false
    }

    /// Calls a typed function; `#[inline(always)]`.
    ///
    /// # Errors
    /// When the call does not return.
    fn call_typed(&mut self, function: &Self::Typed, arg: i32) -> std::result::Result<i64, Self::Trap>;
}

/// A runtime's error for a call that did not return.
pub trait Trap {
    /// The exit code, if the guest ended the program.
    fn exit_code(&self) -> Option<i32>;

    /// The trap or failure in the runtime's words.
    fn error(&self) -> Error;

    /// The exit code as an outcome.
    ///
    /// # Errors
    /// The trap or failure, if the guest did not end the program.
    #[cold]
    fn ended(&self) -> Result<Outcome> {
        self.exit_code().map(Outcome::Exit).ok_or_else(|| self.error())
    }

    /// The error of a call before the entry's that did not return: a start function, or one of set-up.
    #[cold]
    fn at_start(&self) -> Error {
        match self.exit_code() {
            Some(code) => Error::trap(format!("the program ended before its call, with exit code {code}")),
            None => self.error(),
        }
    }
}

/// Floats of a runtime that carries them as their bits; see [`numbers!`](crate::numbers).
#[derive(Debug)]
pub enum Bits {}

impl Bits {
    /// The bits themselves.
    pub fn from_bits<T>(bits: T) -> T {
        bits
    }

    /// The bits themselves.
    pub fn to_bits<T>(bits: T) -> T {
        bits
    }
}

/// A number as its bits, which stand in the lower half where its type has 32 of them, for runtimes that take and
/// give untyped slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The bits; what is in the upper half of a number of 32 bits does not count.
    pub bits: u64,
    /// Its type.
    pub ty: NumberType,
}

impl Slot {
    /// The slot of `value`.
    pub fn of(value: Value) -> Slot {
        let (bits, ty) = match value {
            Value::I32(value) => (u64::from(value.cast_unsigned()), NumberType::I32),
            Value::I64(value) => (value.cast_unsigned(), NumberType::I64),
            Value::F32(bits) => (u64::from(bits), NumberType::F32),
            Value::F64(bits) => (bits, NumberType::F64),
        };
        Slot { bits, ty }
    }

    /// Its lower half.
    pub fn low(self) -> u32 {
        u32::try_from(self.bits & u64::from(u32::MAX)).unwrap_or_default()
    }

    /// The value in it.
    pub fn value(self) -> Value {
        match self.ty {
            NumberType::I32 => Value::I32(self.low().cast_signed()),
            NumberType::I64 => Value::I64(self.bits.cast_signed()),
            NumberType::F32 => Value::F32(self.low()),
            NumberType::F64 => Value::F64(self.bits),
        }
    }

    /// The type that the binary format numbers so, in its low seven bits.
    ///
    /// # Errors
    /// That it is no number's.
    pub fn type_of_binary(number: u8) -> std::result::Result<NumberType, String> {
        match number & 0x7f {
            0x7f => Ok(NumberType::I32),
            0x7e => Ok(NumberType::I64),
            0x7d => Ok(NumberType::F32),
            0x7c => Ok(NumberType::F64),
            other => Err(format!("a type that is no number (0x{other:x})")),
        }
    }
}

/// Writes [`Embedding::number`] and [`Embedding::value`] for the value type `$value`, whose variants have
/// WebAssembly's names. `$f32` and `$f64` are the types of its floats, with `from_bits` and `to_bits`;
/// use [`Bits`] if its variants hold the bits.
#[macro_export]
macro_rules! numbers {
    ($($value:ident)::+, $f32:ty, $f64:ty) => {
        fn number(value: $crate::protocol::Value) -> $($value)::+ {
            match value {
                $crate::protocol::Value::I32(value) => $($value)::+::I32(value),
                $crate::protocol::Value::I64(value) => $($value)::+::I64(value),
                $crate::protocol::Value::F32(bits) => $($value)::+::F32(<$f32>::from_bits(bits)),
                $crate::protocol::Value::F64(bits) => $($value)::+::F64(<$f64>::from_bits(bits)),
            }
        }

        fn value(number: &$($value)::+) -> Option<$crate::protocol::Value> {
            #[allow(unreachable_patterns, reason = "some runtimes have numbers only")]
            match *number {
                $($value)::+::I32(value) => Some($crate::protocol::Value::I32(value)),
                $($value)::+::I64(value) => Some($crate::protocol::Value::I64(value)),
                $($value)::+::F32(value) => Some($crate::protocol::Value::F32(<$f32>::to_bits(value))),
                $($value)::+::F64(value) => Some($crate::protocol::Value::F64(<$f64>::to_bits(value))),
                _ => None,
            }
        }
    };
}

/// Makes a [`Signature`] from two iterators over a runtime's types, whose variants have WebAssembly's
/// names. An `Err` names a type that is no number.
#[macro_export]
macro_rules! signature {
    ($($ty:ident)::+, $params:expr, $results:expr) => {{
        let number = |ty: &$($ty)::+| {
            #[allow(unreachable_patterns, reason = "some runtimes have numbers only")]
            match ty {
                $($ty)::+::I32 => Ok($crate::protocol::NumberType::I32),
                $($ty)::+::I64 => Ok($crate::protocol::NumberType::I64),
                $($ty)::+::F32 => Ok($crate::protocol::NumberType::F32),
                $($ty)::+::F64 => Ok($crate::protocol::NumberType::F64),
                other => Err(format!("{other:?}").to_lowercase()),
            }
        };
        let params: Result<Vec<_>, String> =
            $params.into_iter().map(|ty| number(::std::borrow::Borrow::<$($ty)::+>::borrow(&ty))).collect();
        let results: Result<Vec<_>, String> =
            $results.into_iter().map(|ty| number(::std::borrow::Borrow::<$($ty)::+>::borrow(&ty))).collect();
        params.and_then(|params| Ok($crate::protocol::Signature { params, results: results? }))
    }};
}

/// Defines `Instance`, an instance in a store of its own, with its [`Embedding`], and `Stop`, the error of
/// a call that did not return. For a runtime crate `$runtime` whose functions are called with the store
/// and whose types are `Store`, `Instance`, `Func`, `TypedFunc`, `Val`, `ValType` and `Error`. `$state`
/// is the type of the store's data; `$f32` and `$f64` are as in [`numbers!`](crate::numbers).
#[macro_export]
macro_rules! in_a_store {
    ($runtime:ident, $state:ty, $f32:ty, $f64:ty) => {
        /// A store with one instance in it.
        pub struct Instance {
            /// Owns the instance.
            pub store: $runtime::Store<$state>,
            /// The instance.
            pub exports: $runtime::Instance,
        }

        /// The error of a call or an instantiation that did not return.
        pub struct Stop(pub $runtime::Error);

        impl $crate::kit::Embedding for Instance {
            type Function = $runtime::Func;
            type Number = $runtime::Val;
            type Typed = $runtime::TypedFunc<i32, i64>;
            type Trap = Stop;

            $crate::numbers!($runtime::Val, $f32, $f64);

            fn find(&mut self, name: &str) -> Option<$runtime::Func> {
                self.exports.get_func(&mut self.store, name)
            }

            fn signature(
                &mut self,
                function: &$runtime::Func,
            ) -> Result<$crate::protocol::Signature, String> {
                let ty = function.ty(&self.store);
                $crate::signature!($runtime::ValType, ty.params(), ty.results())
            }

            fn call(
                &mut self,
                function: &$runtime::Func,
                args: &[$runtime::Val],
                results: &mut Vec<$runtime::Val>,
            ) -> Result<(), Stop> {
                function.call(&mut self.store, args, results).map_err(Stop)
            }

            fn typed(&mut self, function: &$runtime::Func) -> Option<$runtime::TypedFunc<i32, i64>> {
                function.typed(&self.store).ok()
            }

            #[inline(always)]
            fn call_typed(
                &mut self,
                function: &$runtime::TypedFunc<i32, i64>,
                arg: i32,
            ) -> Result<i64, Stop> {
                function.call(&mut self.store, arg).map_err(Stop)
            }
        }
    };
}

/// Whether this is `(i32) -> i64`, the signature of most samples.
pub(crate) fn is_i32_to_i64(signature: &Signature) -> bool {
    signature.params == [NumberType::I32] && signature.results == [NumberType::I64]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_gives_back_what_was_put_in_and_the_upper_half_of_a_short_one_does_not_count() {
        for value in
            [Value::I32(-5), Value::I64(i64::MIN + 3), Value::F32(0x7fc0_0001), Value::F64(u64::MAX - 7)]
        {
            assert_eq!(Slot::of(value).value(), value);
        }
        let dirty =
            Slot { bits: 0xdead_0000_0000 | u64::from((-5_i32).cast_unsigned()), ty: NumberType::I32 };
        assert_eq!(dirty.value(), Value::I32(-5));
        let types = [0x7f, 0x7e, 0x7d, 0x7c].map(|number| Slot::type_of_binary(number).unwrap());
        assert_eq!(types, [NumberType::I32, NumberType::I64, NumberType::F32, NumberType::F64]);
        assert!(Slot::type_of_binary(0x70).is_err());
    }
}
