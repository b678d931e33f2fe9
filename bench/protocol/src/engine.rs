//! What a runtime implements to be measured: the [`Engine`] trait and what goes in and out of it.

use crate::{Hello, Stdio};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::hint::black_box;
use std::path::{Path, PathBuf};

/// A runtime in one configuration.
///
/// The implementation does each phase in the way the runtime's own documentation recommends and
/// nothing else: it does not time, check or cache. Every pass gets an engine of its own.
/// Modules and instances are dropped by the caller, outside timed regions, instance first.
pub trait Engine: Sized {
    /// Compiled or loaded code. Whatever it needs of the engine, it keeps alive itself.
    type Module;
    /// A module in a store of its own, with its entry resolved.
    type Instance: Instance;

    /// What this configuration is and can do.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when this program has no such configuration, or not on this machine.
    fn hello(configuration: &str) -> Result<Hello>;

    /// Makes a fresh engine that shares no code, caches or thread pools with another where the
    /// runtime allows it.
    ///
    /// # Errors
    /// When the runtime cannot be set up.
    fn create(configuration: &str) -> Result<Self>;

    /// a: validates `wasm` without compiling it, where the runtime offers that alone.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for a bad module.
    fn parse(&mut self, wasm: &[u8]) -> Result<()> {
        let _ = wasm;
        Err(Error::unsupported("the runtime offers no validation apart from compilation"))
    }

    /// a+b: `wasm`, a binary module in memory, → a module that can be instantiated or saved.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for a module that the runtime does not accept.
    fn compile(&mut self, wasm: &[u8]) -> Result<Self::Module>;

    /// b': writes `module` to the new file `artifact` and closes it, without a sync.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] without artifacts, [`ErrorKind::Io`] when writing fails.
    fn save(&mut self, module: &Self::Module, artifact: &Path) -> Result<()>;

    /// Readies `artifact` for the next [`load`](Self::load) of the same path, untimed. For what the
    /// system would otherwise share between two loads of one file.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the artifact cannot be read or copied.
    fn before_load(&mut self, artifact: &Path) -> Result<()> {
        let _ = artifact;
        Ok(())
    }

    /// c': the file `artifact`, as [`save`](Self::save) wrote it, → a module.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] without artifacts, [`ErrorKind::Invalid`] for a corrupt one.
    fn load(&mut self, artifact: &Path) -> Result<Self::Module>;

    /// c: makes memories and tables, runs the start function and resolves the guest's entry.
    /// A module that imports `bench.start` and `bench.end` is given [`region`](crate::region)'s.
    /// Where `can.instantiate` is no, it only readies the module's own state to be called, and
    /// its time belongs to the phase before.
    ///
    /// # Errors
    /// [`ErrorKind::Link`] for an import that nobody provides or an entry that is not there,
    /// [`ErrorKind::Trap`] for a start function that traps.
    fn instantiate(&mut self, module: &Self::Module, guest: &Guest) -> Result<Self::Instance>;
}

/// An instance that is ready to be called.
pub trait Instance {
    /// d: calls the entry with its arguments. Implementations are `#[inline]`, resolve nothing and,
    /// for results of at most one value, allocate nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Trap`] for every trap, out-of-bounds access and stack overflow.
    fn call(&mut self) -> Result<Outcome>;

    /// `calls` calls, at least one, which is the innermost measuring loop: what the first ended in,
    /// and whether all others ended in the same. Where the runtime has a typed call for the entry,
    /// the loop is [`repeat_i64`]'s: an [`Outcome`] made of every result takes longer than some
    /// runtimes' empty call.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    #[inline]
    fn call_repeatedly(&mut self, calls: u64) -> Result<(Outcome, bool)> {
        repeat(calls, || self.call())
    }

    /// `calls` calls by the runtime's own typed call, in a loop that holds nothing else and checks
    /// no result: what [`call`](Self::call) is held against.
    ///
    /// # Errors
    /// As [`call`](Self::call); [`ErrorKind::Unsupported`] where the runtime has no typed call
    /// for the entry's signature.
    fn call_bare(&mut self, calls: u64) -> Result<()> {
        let _ = calls;
        Err(Error::unsupported("the runtime has no typed call for this signature"))
    }
}

/// [`Instance::call_repeatedly`] for any `call`.
///
/// # Errors
/// Those of `call`.
#[inline]
pub fn repeat(calls: u64, mut call: impl FnMut() -> Result<Outcome>) -> Result<(Outcome, bool)> {
    let first = black_box(call()?);
    let mut same = true;
    for _ in 1..calls {
        same &= black_box(call()?) == first;
    }
    Ok((first, same))
}

/// [`Instance::call_repeatedly`] for a typed `call` that returns an i64; `ended` tells what its error
/// means.
///
/// # Errors
/// Those of `ended`.
#[inline(always)]
pub fn repeat_i64<E>(
    calls: u64,
    mut call: impl FnMut() -> std::result::Result<i64, E>,
    ended: impl FnOnce(E) -> Result<Outcome>,
) -> Result<(Outcome, bool)> {
    let first = match call() {
        Ok(value) => value,
        Err(error) => return ended(error).map(|outcome| (outcome, true)),
    };
    let mut same = true;
    for _ in 1..calls {
        match call() {
            Ok(value) => same &= black_box(value) == first,
            Err(error) => return ended(error).map(|outcome| (outcome, false)),
        }
    }
    Ok((Outcome::One(Value::I64(first)), same))
}

/// What is to be called, and the streams it is called with.
#[derive(Debug)]
pub struct Guest {
    /// What to call.
    pub entry: Entry,
    /// The guest's standard streams, rewound before every instantiation.
    pub stdio: Stdio,
}

/// The part of a module that is called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Entry {
    /// An exported function.
    Export {
        /// Its name.
        name: String,
        /// Its arguments, of the types that its signature has.
        args: Vec<Value>,
    },
    /// A WASI preview 1 command: `_start`.
    Command {
        /// Arguments, the program's name first.
        args: Vec<String>,
        /// Environment variables, name and value; the guest sees no others.
        env: Vec<(String, String)>,
        /// A file whose content is the standard input; empty without one.
        stdin: Option<PathBuf>,
        /// Folders that are opened for the guest: host path and guest path.
        dirs: Vec<(PathBuf, String)>,
    },
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
    /// Whether the two are the same result. Which bits a NaN has is not laid down by
    /// WebAssembly: any two are the same.
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

/// What an engine's phase may end in besides success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error {
    /// What sort of failure it is; decides whether a cell is unsupported or failed.
    pub kind: ErrorKind,
    /// The engine's own words.
    pub message: String,
}

/// The sorts of failure that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// The engine cannot do this phase or takes no such module, by design.
    Unsupported,
    /// The engine rejects the module or the artifact.
    Invalid,
    /// An import is missing, or the entry is missing or of another type.
    Link,
    /// The guest trapped.
    Trap,
    /// The call ended with another result than the expected one.
    WrongResult,
    /// A file could not be read or written.
    Io,
    /// Anything else.
    Internal,
}

/// The result of an engine's phase.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of the given kind with the engine's own words.
    pub fn new(kind: ErrorKind, message: impl fmt::Display) -> Error {
        Error { kind, message: message.to_string() }
    }

    /// The engine cannot do this, by design.
    pub fn unsupported(message: impl fmt::Display) -> Error {
        Error::new(ErrorKind::Unsupported, message)
    }

    /// The engine rejects the module or the artifact.
    pub fn invalid(message: impl fmt::Display) -> Error {
        Error::new(ErrorKind::Invalid, message)
    }

    /// An import or the entry is missing or of another type.
    pub fn link(message: impl fmt::Display) -> Error {
        Error::new(ErrorKind::Link, message)
    }

    /// The guest trapped.
    pub fn trap(message: impl fmt::Display) -> Error {
        Error::new(ErrorKind::Trap, message)
    }

    /// A failure of the engine or of the worker itself.
    pub fn internal(message: impl fmt::Display) -> Error {
        Error::new(ErrorKind::Internal, message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Error {
        Error::new(ErrorKind::Io, error)
    }
}
