//! `generated/workers.json`: the workers that the pipeline has built, for programs that use them
//! without it: the conformance suite and the Criterion benchmarks.

use super::engine::EngineSpec;
use crate::files::replace_file;
use std::io;
use std::path::Path;

/// The file's name in the folder of all output.
pub const FILE: &str = "workers.json";

/// Writes `engines` to `file`, which other programs may be reading.
///
/// # Errors
/// When the file cannot be written.
pub fn write(file: &Path, engines: &[EngineSpec]) -> io::Result<()> {
    replace_file(file, &serde_json::to_vec_pretty(engines)?)
}

/// The engines in `file`, in the order in which tables show them.
///
/// # Errors
/// When there is no such file, or not one of this version.
pub fn read(file: &Path) -> io::Result<Vec<EngineSpec>> {
    Ok(serde_json::from_slice(&std::fs::read(file)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{EngineEntry, Input, WorkerCommand};
    use protocol::message::{Ability, Capabilities, Hello};

    #[test]
    fn engines_are_read_as_they_were_written() {
        let no = Ability::no("its code is compiled already");
        let engine = EngineSpec {
            name: "rust-native".into(),
            entry: EngineEntry::Subject,
            configuration: "rust-native".into(),
            worker: WorkerCommand {
                program: "some folder/node".into(),
                args: vec!["worker.mjs".into()],
                path: vec!["some folder".into()],
                named_files: [("LIBRARY".to_owned(), "lib.so".into())].into(),
                build: "native-1".into(),
            },
            wasi_worker: Some(WorkerCommand::of("another folder/worker")),
            input: Input::NativeBaseline,
            baseline: true,
            usual_control: false,
            tiers: false,
            own_loop: None,
            hello: Hello {
                configuration: "rust-native".into(),
                version: "1".into(),
                compiler: "rustc".into(),
                flags: "opt-level 3".into(),
                threads: 1,
                can: Capabilities {
                    parse: no.clone(),
                    jit: no.clone(),
                    instantiate: no.clone(),
                    aot: no,
                    wasi: Ability::Yes,
                },
                probes: vec![],
                host_threads: 0,
                differences: Vec::new(),
                notes: vec!["tab\there".into()],
            },
        };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        write(&file, std::slice::from_ref(&engine)).unwrap();
        assert_eq!(read(&file).unwrap(), [engine]);
    }
}
