//! Which engine takes which feature of WebAssembly and which call of WASI preview 1: found by small modules, not by
//! documentation. What was found is kept in the cache folder for each build of a worker, and the plan of one's
//! own module says from it which engines can take it.

use super::fared::{Fared, Said};
use super::trial::{self, Place};
use crate::host::hash::sha256;
use crate::host::paths::Paths;
use anyhow::{Context, Result};
use bench::plan::{Case, Effort, EngineSpec};
use protocol::{Entry, Outcome, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The folder of what was found, in the cache folder.
const FOLDER: &str = "support";
/// The longest wait for an engine's answer.
const LIMIT: Duration = Duration::from_secs(20);
/// What each feature's function returns.
const RESULT: i32 = 42;

/// The features, by wasmparser's names, each with a module whose function `f` returns 42.
pub const FEATURES: [(&str, &str); 16] = [
    ("mutable-global", include_str!("support/mutable-global.wat")),
    ("sign-extension", include_str!("support/sign-extension.wat")),
    ("saturating-float-to-int", include_str!("support/saturating-float-to-int.wat")),
    ("multi-value", include_str!("support/multi-value.wat")),
    ("bulk-memory", include_str!("support/bulk-memory.wat")),
    ("reference-types", include_str!("support/reference-types.wat")),
    ("simd", include_str!("support/simd.wat")),
    ("extended-const", include_str!("support/extended-const.wat")),
    ("tail-call", include_str!("support/tail-call.wat")),
    ("threads", include_str!("support/threads.wat")),
    ("relaxed-simd", include_str!("support/relaxed-simd.wat")),
    ("multi-memory", include_str!("support/multi-memory.wat")),
    ("memory64", include_str!("support/memory64.wat")),
    ("exceptions", include_str!("support/exceptions.wat")),
    ("function-references", include_str!("support/function-references.wat")),
    ("gc", include_str!("support/gc.wat")),
];

/// The calls of WASI preview 1, each with its type: `i` and `I` are parameters of 32 and 64 bits; every one but
/// `proc_exit` returns an error code.
pub const WASI: [(&str, &str); 45] = [
    ("args_get", "ii"),
    ("args_sizes_get", "ii"),
    ("environ_get", "ii"),
    ("environ_sizes_get", "ii"),
    ("clock_res_get", "ii"),
    ("clock_time_get", "iIi"),
    ("fd_advise", "iIIi"),
    ("fd_allocate", "iII"),
    ("fd_close", "i"),
    ("fd_datasync", "i"),
    ("fd_fdstat_get", "ii"),
    ("fd_fdstat_set_flags", "ii"),
    ("fd_fdstat_set_rights", "iII"),
    ("fd_filestat_get", "ii"),
    ("fd_filestat_set_size", "iI"),
    ("fd_filestat_set_times", "iIIi"),
    ("fd_pread", "iiiIi"),
    ("fd_prestat_get", "ii"),
    ("fd_prestat_dir_name", "iii"),
    ("fd_pwrite", "iiiIi"),
    ("fd_read", "iiii"),
    ("fd_readdir", "iiiIi"),
    ("fd_renumber", "ii"),
    ("fd_seek", "iIii"),
    ("fd_sync", "i"),
    ("fd_tell", "ii"),
    ("fd_write", "iiii"),
    ("path_create_directory", "iii"),
    ("path_filestat_get", "iiiii"),
    ("path_filestat_set_times", "iiiiIIi"),
    ("path_link", "iiiiiii"),
    ("path_open", "iiiiiIIii"),
    ("path_readlink", "iiiiii"),
    ("path_remove_directory", "iii"),
    ("path_rename", "iiiiii"),
    ("path_symlink", "iiiii"),
    ("path_unlink_file", "iii"),
    ("poll_oneoff", "iiii"),
    ("proc_exit", "i"),
    ("proc_raise", "i"),
    ("random_get", "ii"),
    ("sched_yield", ""),
    ("sock_recv", "iiiiii"),
    ("sock_send", "iiiii"),
    ("sock_shutdown", "ii"),
];

/// What an engine takes. A value is `None` where it takes the feature or the call, else why not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Support {
    /// The engine.
    pub engine: String,
    /// Its version.
    pub version: String,
    /// Features of WebAssembly.
    pub features: BTreeMap<String, Option<String>>,
    /// Calls of WASI preview 1.
    pub wasi: BTreeMap<String, Option<String>>,
}

impl Support {
    /// What of `features` and `wasi`, imports of a module, it is known not to take.
    pub fn lacks<'a>(&self, features: &'a [String], wasi: &'a [String]) -> Vec<&'a str> {
        let lacking = |known: &BTreeMap<String, Option<String>>, name: &str| {
            known.get(name).is_some_and(Option::is_some)
        };
        let of_features = features.iter().filter(|name| lacking(&self.features, name));
        of_features.chain(wasi.iter().filter(|name| lacking(&self.wasi, name))).map(String::as_str).collect()
    }
}

/// What is known of `engine`, without asking it.
pub fn known(engine: &EngineSpec, paths: &Paths) -> Option<Support> {
    serde_json::from_slice(&std::fs::read(file(engine, paths)).ok()?).ok()
}

/// Asks `engine`, unless it is known.
///
/// # Errors
/// When modules or answers cannot be written.
pub fn find(engine: &EngineSpec, paths: &Paths) -> Result<Support> {
    if let Some(support) = known(engine, paths) {
        return Ok(support);
    }
    let folder = tempfile::tempdir().context("making a folder for small modules")?;
    let mut support =
        Support { engine: engine.name.clone(), version: engine.hello.version.clone(), ..Support::default() };
    for (name, text) in FEATURES {
        let entry = Entry::Export { name: "f".to_owned(), args: Vec::new() };
        let fared = fared(engine, (name, text), entry, folder.path())?;
        support.features.insert(name.to_owned(), reason(&fared, &Outcome::One(Value::I32(RESULT))));
    }
    for (name, parameters) in WASI {
        let entry =
            Entry::Command { args: vec![name.to_owned()], env: Vec::new(), stdin: None, dirs: Vec::new() };
        let fared = fared(engine, (name, &importing(name, parameters)), entry, folder.path())?;
        support.wasi.insert(name.to_owned(), reason(&fared, &Outcome::Exit(0)));
    }
    let file = file(engine, paths);
    let text = serde_json::to_vec_pretty(&support)?;
    std::fs::create_dir_all(paths.cache.join(FOLDER))
        .and_then(|()| std::fs::write(&file, text))
        .with_context(|| format!("writing {}", file.display()))?;
    Ok(support)
}

/// Where the answers of this build of the engine are.
fn file(engine: &EngineSpec, paths: &Paths) -> PathBuf {
    let wasi = engine.wasi_worker.as_ref().map(|worker| worker.build.as_str()).unwrap_or_default();
    let modules: String =
        FEATURES.iter().map(|(_, text)| *text).chain(WASI.iter().map(|(name, _)| *name)).collect();
    let key = sha256(format!("{} {} {wasi} {modules}", engine.name, engine.worker.build).as_bytes());
    paths.cache.join(FOLDER).join(format!("{}-{}.json", engine.name, &key[..16]))
}

/// A command that imports one call and does not make it.
fn importing(name: &str, parameters: &str) -> String {
    let params: String = parameters.chars().map(|one| if one == 'I' { " i64" } else { " i32" }).collect();
    let params = if params.is_empty() { String::new() } else { format!("(param{params})") };
    let result = if name == "proc_exit" { "" } else { "(result i32)" };
    format!(
        "(module (import \"wasi_snapshot_preview1\" \"{name}\" (func {params} {result})) \
         (memory (export \"memory\") 1) (func (export \"_start\")))"
    )
}

fn fared(engine: &EngineSpec, (name, text): (&str, &str), entry: Entry, folder: &Path) -> Result<Fared> {
    let wasm = folder.join(format!("{name}.wasm"));
    std::fs::write(&wasm, wat::parse_str(text).with_context(|| format!("assembling {name}"))?)?;
    let mut case = Case::own(name, &wasm, entry);
    case.needs_wasi = matches!(case.entry, Entry::Command { .. });
    let effort = Effort { limit: LIMIT, ..Effort::quick() };
    let place = Place { stdout: folder, artifacts: folder, effort: &effort };
    Ok(trial::run(engine, &case, &place, false).fared)
}

/// Why the engine does not take it; `None` where it does.
fn reason(fared: &Fared, expected: &Outcome) -> Option<String> {
    match fared {
        Fared::Said(Said::Ended(outcome, _)) if outcome == expected => None,
        Fared::Said(Said::Ended(outcome, _)) => Some(format!("it gives {outcome:?}")),
        Fared::Said(Said::Trapped(words)) => Some(format!("it traps: {words}")),
        Fared::Said(Said::NeverEnded(_)) => Some("it never ends".to_owned()),
        Fared::Said(Said::PrintedTooMuch(words)) | Fared::Uncallable(words) | Fared::Unmarked(words) => {
            Some(words.clone())
        }
        Fared::Refused => Some("it does not compile such a module".to_owned()),
        Fared::Broke(words) => Some(words.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::inspect::survey::Survey;

    #[test]
    fn each_small_module_needs_its_feature_and_no_later_one() {
        for (place, (name, text)) in FEATURES.iter().enumerate() {
            let needed = Survey::of(&wat::parse_str(text).unwrap()).unwrap().features;
            assert!(needed.iter().any(|one| one == name), "{name}: {needed:?}");
            let earlier = |one: &String| FEATURES[..=place].iter().any(|(known, _)| known == one);
            assert!(needed.iter().all(earlier), "{name}: {needed:?}");
        }
    }

    #[test]
    fn each_command_imports_one_call() {
        for (name, parameters) in WASI {
            let wasm = wat::parse_str(importing(name, parameters)).unwrap();
            assert_eq!(Survey::of(&wasm).unwrap().imports, [format!("wasi_snapshot_preview1.{name}")]);
        }
    }

    #[test]
    fn what_an_engine_lacks_is_among_what_a_module_needs() {
        let mut support = Support::default();
        support.features.insert("simd".to_owned(), Some("no".to_owned()));
        support.features.insert("gc".to_owned(), None);
        support.wasi.insert("sock_recv".to_owned(), Some("no".to_owned()));
        let features = ["gc".to_owned(), "simd".to_owned(), "new".to_owned()];
        assert_eq!(support.lacks(&features, &["sock_recv".to_owned()]), ["simd", "sock_recv"]);
    }
}
