//! What a worker is while it does nothing: the memory that it has resident, and the files that it is made of.

use super::memory::resident_bytes;
use crate::plan::EngineSpec;
use crate::process::{Client, WorkerError};
use object::{Object, ObjectSection};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the system has its libraries; these are not counted.
const SYSTEM: [&str; 3] = ["/usr/lib", "/lib", "/lib64"];

/// A worker that has described its engine and done nothing else.
#[derive(Clone, Debug, PartialEq)]
pub struct Idle {
    /// Its resident memory, in bytes.
    pub resident_bytes: u64,
    /// The size of its program and of the libraries that are not the system's, without symbols and debug information,
    /// in bytes.
    pub program_bytes: u64,
}

/// Starts the worker of `engine`, which must answer within `limit`, and looks at it.
///
/// # Errors
/// Those of the worker; files that cannot be read.
pub fn idle(engine: &EngineSpec, limit: Duration) -> Result<Idle, WorkerError> {
    let mut client = Client {
        process: crate::process::WorkerProcess::start(&engine.worker, &engine.configuration, limit)?,
    };
    client.hello()?;
    look(client.process.id()).map_err(WorkerError::Start)
}

fn look(process: u32) -> io::Result<Idle> {
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps"))?;
    let mut program_bytes = 0;
    for file in code_files(&maps) {
        program_bytes += stripped_bytes(&std::fs::read(file)?);
    }
    Ok(Idle { resident_bytes: resident_bytes(process)?, program_bytes })
}

/// The files whose code is mapped in `maps`, the text of `/proc/PID/maps`, but for the system's libraries.
fn code_files(maps: &str) -> BTreeSet<PathBuf> {
    let file = |line: &str| {
        let (permissions, path) = (line.split_whitespace().nth(1)?, line.find('/').map(|at| &line[at..])?);
        let is_system = SYSTEM.iter().any(|folder| Path::new(path).starts_with(folder));
        (permissions.contains('x') && !is_system).then(|| PathBuf::from(path))
    };
    maps.lines().filter_map(file).collect()
}

/// What is left of a program if `strip` takes its symbols and its debug information.
fn stripped_bytes(file: &[u8]) -> u64 {
    let goes = |name: &str| name.starts_with(".debug") || [".symtab", ".strtab"].contains(&name);
    let sections = object::File::parse(file).map(|file| {
        let sections = file.sections().filter(|section| section.name().is_ok_and(goes));
        sections.map(|section| section.compressed_file_range().map_or(0, |range| range.compressed_size)).sum()
    });
    (file.len() as u64).saturating_sub(sections.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_and_its_own_libraries_count_once_and_the_systems_do_not() {
        let maps = "55-56 r--p 0000 fe:00 1 /cache/workers/a b/worker\n\
                    56-57 r-xp 0000 fe:00 1 /cache/workers/a b/worker\n\
                    57-58 r-xp 0000 fe:00 1 /cache/workers/a b/worker\n\
                    60-61 r-xp 0000 fe:00 2 /cache/libengine.so\n\
                    70-71 r-xp 0000 fe:00 3 /usr/lib/x86_64-linux-gnu/libc.so.6\n\
                    80-81 rw-p 0000 00:00 0 [heap]\n\
                    90-91 r-xp 0000 00:00 0 [vdso]\n";
        let files: Vec<PathBuf> = code_files(maps).into_iter().collect();
        assert_eq!(files, [PathBuf::from("/cache/libengine.so"), PathBuf::from("/cache/workers/a b/worker")]);
    }

    #[test]
    fn symbols_and_debug_information_do_not_count() {
        let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let stripped = stripped_bytes(&own);
        assert!(stripped > 100_000 && stripped < own.len() as u64 * 3 / 4, "{stripped} of {}", own.len());
        assert_eq!(stripped_bytes(b"no program"), 10);
    }
}
