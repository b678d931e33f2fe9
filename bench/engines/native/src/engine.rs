//! Native code in the terms of the phases: it is compiled ahead of time, loaded and called.

use crate::library::{FreshFile, Function, LoadedLibrary};
use std::cell::Cell;
use std::convert::Infallible;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use worker::protocol::{Ability, Capabilities, Entry, Error, Hello, Outcome, Result, Value};
use worker::{Engine, Guest, Instance, kit, repeat_i64};

const AHEAD: &str = "compiled ahead of time by rustc, when the samples are built";
const NOTES: [&str; 3] = [
    "the libraries come from the compiler that makes the wasm; the samples' manifest names it",
    "c' is dlopen with every symbol bound and the look-up of the function, from a fresh copy of the file",
    "called through a pointer with an opaque argument",
];
const NO_INSTANCE: &str = "a native library's state comes with its load (c' contains it)";

/// The system's loader.
pub struct NativeEngine {
    /// The file that the next load takes.
    fresh: Option<FreshFile>,
}

/// A loaded library.
pub struct NativeModule {
    path: PathBuf,
    /// The library that the load opened, until the first instance takes it.
    loaded: Cell<Option<LoadedLibrary>>,
}

/// A library and the function in it that is called.
pub struct NativeInstance {
    function: Function,
    arg: u32,
    // The function's code: dropped with the instance, so that no other instance shares its state.
    _library: LoadedLibrary,
}

impl Engine for NativeEngine {
    const CONFIGURATIONS: &'static [&'static str] = &["rust-native", "rust-native-host"];

    type Configuration = ();
    type Module = NativeModule;
    type Instance = NativeInstance;

    fn describe(name: &str) -> Result<Hello> {
        let cpu = if name == "rust-native" { "the target's baseline CPU" } else { "the host's CPU" };
        let flags = format!("{cpu}, opt level 3, panic=abort");
        let hello = kit::hello(name, "as the samples' toolchain", "rustc".to_owned(), flags, &NOTES);
        Ok(Hello {
            can: Capabilities {
                parse: Ability::no(AHEAD),
                jit: Ability::no(AHEAD),
                instantiate: Ability::no(NO_INSTANCE),
                aot: Ability::no(AHEAD),
                wasi: Ability::no("a library is no command"),
            },
            ..hello
        })
    }

    fn configure(_: &str) -> Result<()> {
        Ok(())
    }

    fn create((): &()) -> Result<NativeEngine> {
        Ok(NativeEngine { fresh: None })
    }

    fn parse(&mut self, _: &[u8]) -> Result<()> {
        Err(Error::unsupported(AHEAD))
    }

    fn compile(&mut self, _: &[u8]) -> Result<NativeModule> {
        Err(Error::unsupported(AHEAD))
    }

    fn save(&mut self, _: &NativeModule, _: &Path) -> Result<()> {
        Err(Error::unsupported(AHEAD))
    }

    fn before_load(&mut self, artifact: &Path) -> Result<()> {
        self.fresh = Some(FreshFile::copy_of(artifact)?);
        Ok(())
    }

    fn load(&mut self, artifact: &Path) -> Result<NativeModule> {
        let fresh =
            self.fresh.take().ok_or_else(|| Error::internal("no fresh copy was made for this load"))?;
        Ok(NativeModule { path: artifact.to_owned(), loaded: Cell::new(Some(fresh.open()?)) })
    }

    /// The first instance takes the library that the load opened; every later one opens a copy
    /// of its own, since the first has changed its state.
    fn instantiate(&mut self, module: &NativeModule, guest: &Guest) -> Result<NativeInstance> {
        let Entry::Export { name, args } = &guest.entry else {
            return Err(Error::unsupported("a library is no command"));
        };
        let &[Value::I32(arg)] = args.as_slice() else {
            return Err(Error::link(format!("`{name}` takes one i32, not {args:?}")));
        };
        let library = match module.loaded.take() {
            Some(library) => library,
            None => FreshFile::copy_of(&module.path)?.open()?,
        };
        Ok(NativeInstance { function: library.function(name)?, arg: arg.cast_unsigned(), _library: library })
    }
}

impl Instance for NativeInstance {
    #[inline]
    fn call(&mut self) -> Result<Outcome> {
        let function = black_box(self.function);
        Ok(Outcome::One(Value::I64(function(black_box(self.arg)).cast_signed())))
    }

    #[inline]
    fn call_repeatedly(&mut self, calls: u64) -> Result<(Outcome, bool)> {
        let (function, arg) = (black_box(self.function), self.arg);
        let call = || Ok::<i64, Infallible>(function(black_box(arg)).cast_signed());
        repeat_i64(calls, call, |never| match never {})
    }

    fn call_bare(&mut self, calls: u64) -> Result<()> {
        let (function, arg) = (black_box(self.function), self.arg);
        for _ in 0..calls {
            black_box(function(black_box(arg)));
        }
        Ok(())
    }
}
