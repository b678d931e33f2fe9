//! What a runtime implements to be measured: the [`Engine`] and [`Instance`] traits.

use crate::Stdio;
use protocol::{Entry, Error, Hello, INITIALIZE, Outcome, Result, SetupCall, Value};
use std::hint::black_box;
use std::path::Path;

/// A runtime in one configuration.
///
/// The implementation does each phase in the way that the runtime's own documentation recommends, and
/// nothing else: it does not time, check or cache. Every pass starts from a new engine; warm passes
/// share the engine of the held module. The caller drops instances before modules and modules before
/// engines, outside timed regions.
pub trait Engine: Sized {
    /// The names that this worker can be started with.
    const CONFIGURATIONS: &'static [&'static str];

    /// The settings of one configuration, ready for [`create`](Self::create).
    type Configuration;
    /// Compiled or loaded code. It keeps alive what it needs of the engine.
    type Module;
    /// A module in a store of its own, with its entry resolved.
    type Instance: Instance;

    /// Whether this worker can be started with `name`.
    fn offers(name: &str) -> bool {
        Self::CONFIGURATIONS.contains(&name)
    }

    /// What the configuration `name` is and can do. Starts nothing: no engine and no thread.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](protocol::ErrorKind::Unsupported) if it cannot work on this machine.
    fn describe(name: &str) -> Result<Hello>;

    /// Reads the settings of the configuration `name`; untimed, once a process.
    ///
    /// # Errors
    /// When the settings cannot be read.
    fn configure(name: &str) -> Result<Self::Configuration>;

    /// `engine`: makes a fresh engine. It shares no code, cache or thread pool with another one, as far as
    /// the runtime allows.
    ///
    /// # Errors
    /// When the runtime cannot be set up.
    fn create(configuration: &Self::Configuration) -> Result<Self>;

    /// a: validates `wasm` without compiling it, if the runtime offers that.
    ///
    /// # Errors
    /// [`ErrorKind::Rejected`](protocol::ErrorKind::Rejected) for a module that the runtime does not take.
    fn parse(&mut self, wasm: &[u8]) -> Result<()> {
        let _ = wasm;
        Err(Error::unsupported("the runtime offers no validation apart from compilation"))
    }

    /// a+b: compiles `wasm`, a binary module in memory, to a module that can be instantiated or saved.
    ///
    /// # Errors
    /// [`ErrorKind::Rejected`](protocol::ErrorKind::Rejected) for a module that the runtime does not take.
    fn compile(&mut self, wasm: &[u8]) -> Result<Self::Module>;

    /// b': writes `module` to the new file `artifact` and closes it, without a sync.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](protocol::ErrorKind::Unsupported) if the runtime has no artifacts,
    /// [`ErrorKind::Io`](protocol::ErrorKind::Io) if writing fails.
    fn save(&mut self, module: &Self::Module, artifact: &Path) -> Result<()> {
        let _ = (module, artifact);
        Err(Error::unsupported("the runtime has no artifacts"))
    }

    /// Prepares `artifact` for the next [`load`](Self::load) of the same path, untimed. For artifacts
    /// that the system would otherwise share between two loads, such as shared libraries.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](protocol::ErrorKind::Io) if the artifact cannot be read or copied.
    fn before_load(&mut self, artifact: &Path) -> Result<()> {
        let _ = artifact;
        Ok(())
    }

    /// c': loads the file `artifact`, which [`save`](Self::save) wrote, as a module.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](protocol::ErrorKind::Unsupported) if the runtime has no artifacts,
    /// [`ErrorKind::Rejected`](protocol::ErrorKind::Rejected) for a corrupt one.
    fn load(&mut self, artifact: &Path) -> Result<Self::Module> {
        let _ = artifact;
        Err(Error::unsupported("the runtime has no artifacts"))
    }

    /// c: makes memories and tables, runs the start function, calls a reactor's `_initialize` once, if the
    /// [guest is one](Guest::is_reactor), and finds the guest's entry. A module that
    /// imports `bench.start` and `bench.end` gets those of [`marks`](crate::marks). If
    /// `can.instantiate` is no, this only prepares the module to be called, and its time is part of the
    /// phase before.
    ///
    /// # Errors
    /// [`ErrorKind::Link`](protocol::ErrorKind::Link) for an import that nothing provides or an entry
    /// that is not there, [`ErrorKind::Trap`](protocol::ErrorKind::Trap) for a start function that traps.
    fn instantiate(&mut self, module: &Self::Module, guest: &Guest) -> Result<Self::Instance>;
}

/// An instance that is ready to be called. Most runtimes use [`kit::Ready`](crate::kit::Ready), which
/// implements it.
pub trait Instance {
    /// d: calls the entry with its arguments. Implementations are `#[inline]` and look nothing up. They
    /// allocate nothing for results of at most one value.
    ///
    /// # Errors
    /// [`ErrorKind::Trap`](protocol::ErrorKind::Trap) for every trap, out-of-bounds access and stack overflow.
    fn call(&mut self) -> Result<Outcome>;

    /// Calls other exports of a fresh instance, which ready it for the entry; untimed.
    ///
    /// # Errors
    /// As [`call`](Self::call); [`ErrorKind::Link`](protocol::ErrorKind::Link) for an export that is not there
    /// or has another type.
    fn set_up(&mut self, calls: &[SetupCall]) -> Result<()> {
        match calls {
            [] => Ok(()),
            _ => Err(Error::unsupported("this engine calls nothing before the entry")),
        }
    }

    /// Calls the entry `calls` times, at least once. Returns the outcome of the first call, and whether
    /// all others had the same. This is the innermost measuring loop. If the runtime has a typed call for
    /// the entry, use [`repeat_i64`]: making an [`Outcome`] of every result takes longer than the empty
    /// call of some runtimes.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    #[inline]
    fn call_repeatedly(&mut self, calls: u64) -> Result<(Outcome, bool)> {
        repeat(calls, || self.call())
    }

    /// Calls the entry `calls` times by the runtime's own fastest call, in a loop that does nothing else
    /// and checks no result. [`call_repeatedly`](Self::call_repeatedly) is compared with it.
    ///
    /// # Errors
    /// As [`call`](Self::call); [`ErrorKind::Unsupported`](protocol::ErrorKind::Unsupported) if there is
    /// no such loop for the entry's signature.
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

/// [`Instance::call_repeatedly`] for a typed `call` that returns an i64. `ended` turns the error of a
/// call that did not return into the guest's exit code or an error; such a call ends the loop.
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

/// What is called, and the guest's streams.
#[derive(Debug)]
pub struct Guest {
    /// What to call.
    pub entry: Entry,
    /// The guest's standard streams, rewound before every instantiation.
    pub stdio: Stdio,
    /// Whether the module imports WASI, as far as its bytes tell without being parsed.
    pub imports_wasi: bool,
    /// Whether `_initialize` is to be called once in every instance before the entry: the entry is another
    /// export, and the module's bytes hold that name. Engines make sure that it is an export.
    pub is_reactor: bool,
}

impl Guest {
    /// The guest that is the module `wasm`.
    pub fn new(entry: Entry, stdio: Stdio, wasm: &[u8]) -> Guest {
        // A name follows its length.
        let holds = |name: &str| {
            let name: Vec<u8> = u8::try_from(name.len()).into_iter().chain(name.bytes()).collect();
            wasm.windows(name.len()).any(|bytes| bytes == name)
        };
        let calls_other = matches!(&entry, Entry::Export { name, .. } if name != INITIALIZE);
        let imports_wasi = holds(protocol::WASI_PREVIEW_1) || holds(protocol::WASI_UNSTABLE);
        Guest { imports_wasi, is_reactor: calls_other && holds(INITIALIZE), entry, stdio }
    }

    /// Whether the guest needs WASI: a command does, and so does an export of a module that imports
    /// it. `imports` are the module names of the module's imports.
    pub fn needs_wasi<'a>(&self, mut imports: impl Iterator<Item = &'a str>) -> bool {
        matches!(self.entry, Entry::Command { .. })
            || imports.any(|module| [protocol::WASI_PREVIEW_1, protocol::WASI_UNSTABLE].contains(&module))
    }

    /// The export that is called and its arguments; a command's is `_start` without arguments.
    pub fn export(&self) -> (&str, &[Value]) {
        match &self.entry {
            Entry::Export { name, args } => (name, args),
            Entry::Command { .. } => ("_start", &[]),
        }
    }
}
