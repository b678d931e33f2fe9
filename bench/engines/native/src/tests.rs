//! Loads libraries that rustc builds on the spot, and watches their state.

use crate::engine::{NativeEngine, NativeInstance, NativeModule};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use worker::protocol::{Ability, Entry, Error, ErrorKind, Outcome, Value};
use worker::{Engine, Guest, Instance, Stdio};

/// Counts its calls, and leaves a thread-local destructor behind, which keeps the loader from
/// unloading it.
const COUNTER: &str = r#"
use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
static CALLS: AtomicU64 = AtomicU64::new(0);
thread_local!(static KEPT: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) });
#[unsafe(no_mangle)]
pub extern "C" fn count(step: u32) -> u64 {
    KEPT.with(|kept| kept.borrow_mut().push(step));
    CALLS.fetch_add(u64::from(step), Ordering::Relaxed) + u64::from(step)
}
#[unsafe(no_mangle)]
pub extern "C" fn negative(_: u32) -> u64 {
    u64::MAX
}
"#;

/// Builds the library in `folder`.
fn counter(folder: &Path) -> PathBuf {
    let (source, library) = (folder.join("counter.rs"), folder.join("libcounter.so"));
    std::fs::write(&source, COUNTER).expect("temporary file");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let status = Command::new(rustc)
        .args(["--edition", "2024", "--crate-type", "cdylib", "-O", "-C", "panic=abort", "-o"])
        .args([&library, &source])
        .status();
    assert!(status.expect("rustc starts").success());
    library
}

fn guest(export: &str, args: &[Value]) -> Guest {
    let entry = Entry::Export { name: export.to_owned(), args: args.to_vec() };
    Guest::new(entry, Stdio::new(None).expect("memory files"), &[])
}

fn count() -> Guest {
    guest("count", &[Value::I32(5)])
}

fn load(library: &Path) -> Result<(NativeEngine, NativeModule), Error> {
    let mut engine = NativeEngine::create(&())?;
    engine.before_load(library)?;
    let module = engine.load(library)?;
    Ok((engine, module))
}

fn call(instance: &mut NativeInstance) -> Outcome {
    instance.call().expect("native calls do not fail")
}

const FIVE: Outcome = Outcome::One(Value::I64(5));

#[test]
fn every_load_starts_from_a_fresh_state_though_the_loader_keeps_libraries() {
    let folder = TempDir::new().expect("temporary folder");
    let library = counter(folder.path());
    for _ in 0..3 {
        let (mut engine, module) = load(&library).expect("loads");
        let mut instance = engine.instantiate(&module, &count()).expect("is ready");
        assert_eq!(call(&mut instance), FIVE);
        assert_eq!(call(&mut instance), Outcome::One(Value::I64(10)));
    }
}

#[test]
fn every_instance_has_a_state_of_its_own() {
    let folder = TempDir::new().expect("temporary folder");
    let (mut engine, module) = load(&counter(folder.path())).expect("loads");
    let mut instances: Vec<_> =
        (0..3).map(|_| engine.instantiate(&module, &count()).expect("is ready")).collect();
    assert!(instances.iter_mut().all(|instance| call(instance) == FIVE));
}

#[test]
fn copies_are_removed_with_what_they_were_made_for() {
    let folder = TempDir::new().expect("temporary folder");
    let library = counter(folder.path());
    let before = std::fs::read_dir(folder.path()).expect("temporary folder").count();
    {
        let (mut engine, module) = load(&library).expect("loads");
        let _instances = [(); 2].map(|()| engine.instantiate(&module, &count()).expect("is ready"));
        engine.before_load(&library).expect("copies");
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("temporary folder").count(), before);
}

#[test]
fn results_are_taken_as_signed_like_those_of_wasm() {
    let folder = TempDir::new().expect("temporary folder");
    let (mut engine, module) = load(&counter(folder.path())).expect("loads");
    let mut instance = engine.instantiate(&module, &guest("negative", &[Value::I32(-1)])).expect("is ready");
    assert_eq!(call(&mut instance), Outcome::One(Value::I64(-1)));
}

#[test]
fn what_is_no_library_is_rejected_and_what_is_not_there_is_named() {
    let folder = TempDir::new().expect("temporary folder");
    let text = folder.path().join("text.so");
    std::fs::write(&text, "no library").expect("temporary file");
    assert_eq!(load(&text).err().map(|error| error.kind), Some(ErrorKind::Rejected));
    let error = load(&folder.path().join("missing.so")).err().expect("there is no such file");
    assert_eq!(error.kind, ErrorKind::Io);
    assert!(error.message.contains("missing.so"), "{error}");
}

#[test]
fn a_missing_function_and_wrong_arguments_are_link_errors() {
    let folder = TempDir::new().expect("temporary folder");
    let (mut engine, module) = load(&counter(folder.path())).expect("loads");
    let wrong = engine.instantiate(&module, &guest("count", &[Value::I64(1)])).err();
    assert_eq!(wrong.map(|error| error.kind), Some(ErrorKind::Link));
    let missing = engine.instantiate(&module, &guest("walk", &[Value::I32(1)])).err();
    let missing = missing.expect("there is no such function");
    assert_eq!(missing.kind, ErrorKind::Link);
    assert!(missing.message.contains("walk"), "{missing}");
}

#[test]
fn what_native_code_cannot_do_is_said_and_refused() {
    for configuration in ["rust-native", "rust-native-host"] {
        let can = NativeEngine::describe(configuration).expect("it exists").can;
        assert!(
            [can.parse, can.jit, can.instantiate, can.aot, can.wasi]
                .iter()
                .all(|ability| *ability != Ability::Yes)
        );
        let mut engine = NativeEngine::create(&()).expect("it exists");
        assert_eq!(engine.compile(b"").err().map(|error| error.kind), Some(ErrorKind::Unsupported));
    }
    assert!(!NativeEngine::offers("rust-script"));
}
