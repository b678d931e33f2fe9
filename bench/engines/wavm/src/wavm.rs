//! WAVM as safe types: a module, an instance and the facts of this build.

use crate::ffi::{self, Bytes, Status, Type};
use std::ffi::c_int;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::ptr::{NonNull, null, null_mut};
use std::slice;
use worker::protocol::{Entry, Error, ErrorKind, Outcome, Result, SetupCall, Value};
use worker::{Guest, repeat};

/// Sets up what WAVM keeps per process and forgets the thunks of earlier passes.
pub fn create() -> Result<()> {
    // SAFETY: takes nothing and may be called at any time.
    check(unsafe { ffi::shim_create() })
}

/// Decodes and validates `wasm`.
pub fn validate(wasm: &[u8]) -> Result<()> {
    // SAFETY: the bytes are only read during the call.
    check(unsafe { ffi::shim_validate(bytes(wasm)) })
}

/// The processor that WAVM compiles for.
pub fn target_cpu() -> String {
    // SAFETY: the answer is a constant of the process.
    unsafe { text(ffi::shim_target_cpu()) }
}

/// LLVM's version, such as `14.0.6`.
pub fn llvm_version() -> String {
    let mut version = [0; 3];
    // SAFETY: the callee writes three numbers.
    unsafe { ffi::shim_llvm_version(version.as_mut_ptr()) };
    version.map(|part: u32| part.to_string()).join(".")
}

/// Compiled or loaded code.
pub struct Module(NonNull<ffi::Module>);

impl Module {
    /// Compiles a binary module.
    pub fn compile(wasm: &[u8]) -> Result<Module> {
        let mut module = null_mut();
        // SAFETY: the bytes are only read during the call, and `module` is a place for the answer.
        check(unsafe { ffi::shim_compile(bytes(wasm), &raw mut module) })?;
        Module::owned(module)
    }

    /// Makes a module of the bytes that [`save`](Self::save) made.
    pub fn load(artifact: &[u8]) -> Result<Module> {
        let mut module = null_mut();
        // SAFETY: as in `compile`.
        check(unsafe { ffi::shim_load(bytes(artifact), &raw mut module) })?;
        Module::owned(module)
    }

    fn owned(module: *mut ffi::Module) -> Result<Module> {
        NonNull::new(module).map(Module).ok_or_else(|| Error::internal("WAVM made no module"))
    }

    /// The bytes of an artifact.
    pub fn save(&self) -> Result<&[u8]> {
        let mut artifact = bytes(&[]);
        // SAFETY: the module is alive. The bytes stay until it is dropped or saved again, and
        // saving it again makes the same bytes; workers have one thread.
        unsafe {
            check(ffi::shim_save(self.0.as_ptr(), &raw mut artifact))?;
            Ok(slice::from_raw_parts(artifact.data, artifact.size))
        }
    }

    /// Makes an instance, runs its start function and prepares the call of the guest's entry.
    pub fn instantiate(&self, guest: &Guest) -> Result<Instance> {
        let world = World::of(guest);
        let (name, args) = guest.export();
        let args: Vec<_> = args.iter().copied().map(value).collect();
        let entry = ffi::Entry {
            is_command: matches!(guest.entry, Entry::Command { .. }),
            is_reactor: guest.is_reactor,
            ..called(name, &args)
        };
        let mut instance = null_mut();
        // SAFETY: the module is alive, and everything that `entry` and `world` point to outlives
        // the call, which copies what it keeps.
        check(unsafe {
            ffi::shim_instantiate(self.0.as_ptr(), &raw const entry, &raw const world.wasi, &raw mut instance)
        })?;
        let instance = NonNull::new(instance).ok_or_else(|| Error::internal("WAVM made no instance"))?;
        Ok(Instance::owned(instance))
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        // SAFETY: this is the only owner. Instances keep what they need of the module.
        unsafe { ffi::shim_drop_module(self.0.as_ptr()) };
    }
}

/// An instance in a compartment of its own, with its entry's call prepared.
pub struct Instance {
    instance: NonNull<ffi::Instance>,
    types: *const Type,
    results: *const ffi::CallResult,
    num_results: usize,
}

impl Instance {
    fn owned(instance: NonNull<ffi::Instance>) -> Instance {
        let (mut types, mut results) = (null(), null());
        // SAFETY: the instance is alive, and the two pointers are places for the answers, which
        // stay valid as long as the instance.
        let num_results = unsafe { ffi::shim_results(instance.as_ptr(), &raw mut types, &raw mut results) };
        Instance { instance, types, results, num_results }
    }

    #[inline]
    fn result(&self, index: usize) -> Value {
        debug_assert!(index < self.num_results);
        // SAFETY: both arrays have `num_results` elements and live as long as the instance.
        let (ty, bits) = unsafe { (*self.types.add(index), (*self.results.add(index)).bits) };
        #[expect(clippy::cast_possible_truncation, reason = "32-bit numbers use the lower half")]
        match ty {
            Type::I32 => Value::I32(bits.cast_signed() as i32),
            Type::I64 => Value::I64(bits.cast_signed()),
            Type::F32 => Value::F32(bits as u32),
            _ => Value::F64(bits),
        }
    }
}

impl worker::Instance for Instance {
    #[inline]
    fn call(&mut self) -> Result<Outcome> {
        let mut exit_code = 0;
        // SAFETY: the instance is alive and called by one thread.
        match unsafe { ffi::shim_call(self.instance.as_ptr(), &raw mut exit_code) } {
            Status::DONE => Ok(match self.num_results {
                0 => Outcome::Nothing,
                1 => Outcome::One(self.result(0)),
                count => Outcome::Many((0..count).map(|index| self.result(index)).collect()),
            }),
            Status::EXIT => Ok(Outcome::Exit(exit_code)),
            status => Err(error(status)),
        }
    }

    fn set_up(&mut self, calls: &[SetupCall]) -> Result<()> {
        calls.iter().try_for_each(|call| {
            let args: Vec<_> = call.args.iter().copied().map(value).collect();
            let entry = called(&call.name, &args);
            // SAFETY: the instance is alive, and everything that `entry` points to outlives the call.
            check(unsafe { ffi::shim_set_up(self.instance.as_ptr(), &raw const entry) })
                .map_err(|error| Error { message: format!("{}: {error}", call.name), ..error })
        })
    }

    #[inline]
    fn call_repeatedly(&mut self, calls: u64) -> Result<(Outcome, bool)> {
        // SAFETY: there is a type for each result, as long as the instance lives.
        if self.num_results != 1 || unsafe { *self.types } != Type::I64 {
            return repeat(calls, || self.call());
        }
        let (mut exit_code, mut same) = (0, true);
        // SAFETY: the instance is alive and called by one thread, its entry has one 64-bit result, and
        // the two pointers are places for the answers.
        let status = unsafe {
            ffi::shim_call_repeatedly(self.instance.as_ptr(), calls, &raw mut exit_code, &raw mut same)
        };
        match status {
            Status::DONE => Ok((Outcome::One(self.result(0)), same)),
            Status::EXIT => Ok((Outcome::Exit(exit_code), calls == 1)),
            status => Err(error(status)),
        }
    }

    fn call_bare(&mut self, calls: u64) -> Result<()> {
        // SAFETY: the instance is alive and called by one thread.
        check(unsafe { ffi::shim_call_bare(self.instance.as_ptr(), calls) })
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // SAFETY: this is the only owner.
        let freed = unsafe { ffi::shim_drop_instance(self.instance.as_ptr()) };
        debug_assert!(freed, "WAVM holds a reference into a dropped compartment");
    }
}

/// The guest's world as the shim takes it; the vectors keep alive what `wasi` points to.
struct World {
    wasi: ffi::Wasi,
    _bytes: [Vec<Bytes>; 2],
    _env: Vec<String>,
    _folders: Vec<ffi::Folder>,
}

impl World {
    fn of(guest: &Guest) -> World {
        let (args, env, dirs) = match &guest.entry {
            Entry::Command { args, env, dirs, .. } => (args.as_slice(), env.as_slice(), dirs.as_slice()),
            Entry::Export { .. } => (&[][..], &[][..], &[][..]),
        };
        let args: Vec<Bytes> = args.iter().map(|arg| bytes(arg.as_bytes())).collect();
        let env: Vec<String> = env.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let variables: Vec<Bytes> = env.iter().map(|variable| bytes(variable.as_bytes())).collect();
        let folders: Vec<ffi::Folder> = dirs
            .iter()
            .map(|(host, guest)| ffi::Folder {
                host: bytes(host.as_os_str().as_bytes()),
                guest: bytes(guest.as_bytes()),
            })
            .collect();
        let stdio: [c_int; 3] =
            [&guest.stdio.stdin, &guest.stdio.stdout, &guest.stdio.stderr].map(AsRawFd::as_raw_fd);
        let wasi = ffi::Wasi {
            args: args.as_ptr(),
            num_args: args.len(),
            env: variables.as_ptr(),
            num_env: variables.len(),
            folders: folders.as_ptr(),
            num_folders: folders.len(),
            stdio,
        };
        World { wasi, _bytes: [args, variables], _env: env, _folders: folders }
    }
}

fn value(value: Value) -> ffi::Value {
    match value {
        Value::I32(value) => ffi::Value { bits: u64::from(value.cast_unsigned()), ty: Type::I32 },
        Value::I64(value) => ffi::Value { bits: value.cast_unsigned(), ty: Type::I64 },
        Value::F32(bits) => ffi::Value { bits: u64::from(bits), ty: Type::F32 },
        Value::F64(bits) => ffi::Value { bits, ty: Type::F64 },
    }
}

/// The call of the export `name`, which points to both.
fn called(name: &str, args: &[ffi::Value]) -> ffi::Entry {
    let (name, num_args) = (bytes(name.as_bytes()), args.len());
    ffi::Entry { name, args: args.as_ptr(), num_args, is_command: false, is_reactor: false }
}

fn bytes(bytes: &[u8]) -> Bytes {
    Bytes { data: bytes.as_ptr(), size: bytes.len() }
}

/// # Safety
/// `bytes` must be valid during the call.
unsafe fn text(bytes: Bytes) -> String {
    // SAFETY: the caller's promise.
    String::from_utf8_lossy(unsafe { slice::from_raw_parts(bytes.data, bytes.size) }).into_owned()
}

fn check(status: Status) -> Result<()> {
    if status == Status::DONE { Ok(()) } else { Err(error(status)) }
}

#[cold]
fn error(status: Status) -> Error {
    let kind = match status {
        Status::UNSUPPORTED => ErrorKind::Unsupported,
        Status::REJECTED => ErrorKind::Rejected,
        Status::LINK => ErrorKind::Link,
        Status::TRAP => ErrorKind::Trap,
        _ => ErrorKind::Internal,
    };
    // SAFETY: the text stays until the shim's next call, and is copied here.
    Error::new(kind, unsafe { text(ffi::shim_error()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use worker::{Instance as _, Stdio};

    /// `(module (func (export "f") (result i32) i32.const 7))`
    const SEVEN: &[u8] = b"\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7f\x03\x02\x01\0\
        \x07\x05\x01\x01f\0\0\x0a\x06\x01\x04\0\x41\x07\x0b";

    // One test, since WAVM's state belongs to the process and a worker has one thread.
    #[test]
    fn an_instance_outlives_its_module_and_the_thunks_that_later_passes_forget() {
        let entry = Entry::Export { name: "f".to_owned(), args: Vec::new() };
        let guest = Guest::new(entry, Stdio::new(None).expect("memory files"), SEVEN);
        let seven = Outcome::One(Value::I32(7));
        create().expect("a first pass");
        let compiled = Module::compile(SEVEN).expect("a good module");
        let artifact = compiled.save().expect("an artifact").to_vec();
        assert!(artifact.starts_with(b"\0asm"));
        assert_eq!(Module::load(SEVEN).err().map(|error| error.kind), Some(ErrorKind::Rejected));

        let mut held = compiled.instantiate(&guest).expect("an instance");
        drop(compiled);
        assert_eq!(held.call().expect("a call"), seven);
        for _ in 0..3 {
            create().expect("a later pass");
            let module = Module::load(&artifact).expect("a good artifact");
            let mut instance = module.instantiate(&guest).expect("an instance");
            assert_eq!(instance.call().expect("a call that compiles its thunk"), seven);
        }
        assert_eq!(held.call().expect("a call through the first thunk"), seven);
    }
}
