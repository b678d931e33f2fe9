//! What is called in a module, with which values, and how a call ends.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;

/// The part of a module that is called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Entry {
    /// An exported function.
    Export {
        /// Its name.
        name: String,
        /// Its arguments. A worker refuses arguments of other types than the parameters.
        args: Vec<Value>,
    },
    /// A WASI preview 1 command: `_start`.
    Command {
        /// Arguments, the program's name first.
        args: Vec<String>,
        /// Environment variables, name and value; the guest sees no others.
        env: Vec<(String, String)>,
        /// A file with the standard input; `None` for an empty input.
        stdin: Option<PathBuf>,
        /// Folders that are opened for the guest: host path and guest path.
        dirs: Vec<(PathBuf, String)>,
    },
}

/// The export that a reactor has to be called by before any other.
pub const INITIALIZE: &str = "_initialize";

/// A call of an export that readies a fresh instance for the entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetupCall {
    /// Its name.
    pub name: String,
    /// Its arguments.
    pub args: Vec<Value>,
    /// Its type, as the coordinator read it in the module.
    #[serde(default)]
    pub signature: Option<Signature>,
}

/// A WebAssembly number. Floats are carried as their bits, so that comparison is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
    /// The bits of a 32-bit float.
    F32(u32),
    /// The bits of a 64-bit float.
    F64(u64),
}

impl Value {
    /// The type of the number.
    pub fn ty(self) -> NumberType {
        match self {
            Value::I32(_) => NumberType::I32,
            Value::I64(_) => NumberType::I64,
            Value::F32(_) => NumberType::F32,
            Value::F64(_) => NumberType::F64,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Value::I32(value) => write!(f, "{value}"),
            Value::I64(value) => write!(f, "{value}"),
            Value::F32(bits) => write!(f, "{}", f32::from_bits(bits)),
            Value::F64(bits) => write!(f, "{}", f64::from_bits(bits)),
        }
    }
}

crate::named_enum! {
    /// The type of a WebAssembly number.
    pub enum NumberType {
        /// A 32-bit integer.
        I32 = "i32",
        /// A 64-bit integer.
        I64 = "i64",
        /// A 32-bit float.
        F32 = "f32",
        /// A 64-bit float.
        F64 = "f64",
    }
}

/// The type of a function whose parameters and results are numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The types of its parameters.
    pub params: Vec<NumberType>,
    /// The types of its results.
    pub results: Vec<NumberType>,
}

/// How a call ended, other than by an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It returned nothing.
    Nothing,
    /// It returned one value.
    One(Value),
    /// It returned several values.
    Many(Vec<Value>),
    /// The command ended with this exit code (0 when `_start` returns).
    Exit(i32),
}

impl Outcome {
    /// Whether the two are the same result. WebAssembly does not fix the bits of a NaN, so two NaNs of
    /// one type are the same.
    pub fn agrees_with(&self, other: &Outcome) -> bool {
        match (self, other) {
            (Outcome::One(one), Outcome::One(other)) => one.agrees_with(*other),
            (Outcome::Many(ones), Outcome::Many(others)) => {
                ones.len() == others.len()
                    && ones.iter().zip(others).all(|(one, other)| one.agrees_with(*other))
            }
            (one, other) => one == other,
        }
    }
}

impl Value {
    fn agrees_with(self, other: Value) -> bool {
        match (self, other) {
            (Value::F32(one), Value::F32(other)) if f32::from_bits(one).is_nan() => {
                f32::from_bits(other).is_nan()
            }
            (Value::F64(one), Value::F64(other)) if f64::from_bits(one).is_nan() => {
                f64::from_bits(other).is_nan()
            }
            (one, other) => one == other,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Nothing => f.write_str("nothing"),
            Outcome::One(value) => write!(f, "{value}"),
            Outcome::Many(values) => {
                let values: Vec<_> = values.iter().map(Value::to_string).collect();
                write!(f, "({})", values.join(", "))
            }
            Outcome::Exit(code) => write!(f, "exit code {code}"),
        }
    }
}
