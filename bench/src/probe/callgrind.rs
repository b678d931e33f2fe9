//! Instructions counted one by one: the worker runs under valgrind's callgrind, which records
//! and zeroes its count whenever `protocol::phase_boundary` is called. Slow, and the same figure
//! every time, or nearly: a figure for continuous integration, where times are not reliable.

use super::counter::{Counted, Counter};
use super::passes::Visit;
use crate::plan::{Case, EngineSpec};
use crate::process::{Client, WorkerError, WorkerProcess};
use protocol::message::{Probe, Stretch};
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// How many times longer the wait for a reply is: code runs some 50 times slower, but a limit has
/// room for a factor of its own.
const LIMIT_FACTOR: u32 = 10;

/// The size that valgrind gives to the main thread's stack. Some engines touch every page that the
/// system's limit allows, which is one more than valgrind allows by default.
const MAIN_STACK: &str = "--main-stacksize=33554432";

/// The version of the valgrind that would be used.
///
/// # Errors
/// When there is none, or it does not run.
pub fn version() -> io::Result<String> {
    let output = Command::new("valgrind").arg("--version").output()?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(format!("valgrind --version: {}", words.trim())));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Counts under callgrind.
pub(crate) struct Callgrind {
    limit: Duration,
    /// Where the counts are written.
    folder: TempDir,
}

impl Callgrind {
    /// Every reply must come within a multiple of `limit`.
    pub(crate) fn new(limit: Duration) -> io::Result<Callgrind> {
        Ok(Callgrind { limit: limit * LIMIT_FACTOR, folder: tempfile::tempdir()? })
    }

    /// The worker of `engine` for `case`, under the valgrind tool that `arguments` name.
    fn start(&self, engine: &EngineSpec, case: &Case, arguments: &[OsString]) -> Result<Client, WorkerError> {
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["-q", MAIN_STACK]).args(arguments);
        let worker = case.worker_of(engine);
        let process = WorkerProcess::start_under(valgrind, worker, &engine.configuration, self.limit)?;
        Ok(Client { process })
    }
}

impl Counter for Callgrind {
    /// Valgrind's processor lacks some of the machine's instructions: what is loaded on it must have
    /// been compiled on it, though that is not counted.
    fn saver(&self, engine: &EngineSpec, case: &Case) -> Result<Client, WorkerError> {
        self.start(engine, case, &["--tool=none".into()])
    }

    fn count(&mut self, visit: &Visit<'_>) -> Result<Vec<Vec<Counted>>, WorkerError> {
        let mut file = OsString::from("--callgrind-out-file=");
        file.push(self.folder.path().join("part.%p"));
        // The function's name may be a mangled one.
        let arguments = ["--tool=callgrind".into(), "--dump-before=*phase_boundary*".into(), file];
        let mut client = self.start(visit.engine, visit.case, &arguments)?;
        visit.open(&mut client)?;
        let stretches = visit.probe(&mut client, Probe::Marks)?;
        let counted = counted(&stretches, self.folder.path(), client.process.id());
        drop(client);
        empty(self.folder.path()).map_err(WorkerError::Start)?;
        Ok(vec![counted?])
    }

    fn reason(&self, words: &str) -> String {
        without_traces(words)
    }
}

/// Valgrind's report on one line: without its marks (`==123==`) and stack traces, nothing twice.
fn without_traces(words: &str) -> String {
    let unmarked = |line: &str| {
        let mut words = line.split("==");
        match (words.next(), words.next(), words.next()) {
            (Some(before), Some(number), Some(after)) if number.parse::<u32>().is_ok() => {
                format!("{before}{after}").trim().to_owned()
            }
            _ => line.trim().to_owned(),
        }
    };
    let mut kept: Vec<String> = Vec::new();
    for line in words.lines().map(unmarked) {
        let trace = line.starts_with("at 0x") || line.starts_with("by 0x");
        if !line.is_empty() && !trace && !kept.contains(&line) {
            kept.push(line);
        }
    }
    kept.join("; ").replace(":; ", ": ")
}

/// What was counted in each of `stretches`: the worker's first boundary ended part 1, and so on.
fn counted(stretches: &[Stretch], folder: &Path, process: u32) -> Result<Vec<Counted>, WorkerError> {
    let of_stretch = |(index, stretch): (usize, &Stretch)| {
        let phase = stretch.phase?;
        let part = folder.join(format!("part.{process}.{}", index + 1));
        Some(total(&part).map(|instructions| Counted { phase, instructions, cycles: None }))
    };
    stretches.iter().enumerate().filter_map(of_stretch).collect()
}

/// All instructions of a part.
fn total(part: &Path) -> Result<u64, WorkerError> {
    let invalid = |what: String| WorkerError::InvalidReply(format!("callgrind's {}: {what}", part.display()));
    let text = std::fs::read_to_string(part).map_err(|error| invalid(error.to_string()))?;
    let line = text.lines().find_map(|line| line.strip_prefix("totals:"));
    line.and_then(|total| total.trim().parse().ok()).ok_or_else(|| invalid("it has no total".to_owned()))
}

fn empty(folder: &Path) -> io::Result<()> {
    std::fs::read_dir(folder)?.try_for_each(|entry| std::fs::remove_file(entry?.path()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_valgrinds_report_what_happened_is_kept() {
        let report = "the worker died (signal: 4 (SIGILL)): ==12==\n==12== Process terminating with \
            default action of signal 4 (SIGILL)\n==12==  Illegal opcode at address 0x4AA3519\n\
            ==12==    at 0x4AA3519: ??? (in sieve.so)\n==12==    by 0x4AA21B8: run (in sieve.so)";
        assert_eq!(
            without_traces(report),
            "the worker died (signal: 4 (SIGILL)): Process terminating with default action of signal 4 \
             (SIGILL); Illegal opcode at address 0x4AA3519"
        );
        assert_eq!(without_traces("synthetic trap"), "synthetic trap");
    }
}
