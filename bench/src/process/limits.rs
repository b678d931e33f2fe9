//! What the coordinator sets on a worker process from outside, so that workers in any language have
//! the same limits: how much a guest may write to a file, and that no worker outlives this program.

use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::{SigHandler, Signal, signal};
use protocol::message::Request;
use protocol::{OUTPUT_LIMIT_BYTES, Pass};
use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Has the process that `command` starts end when this program ends, even while it is stopped. A write
/// beyond the limit of a file fails there and does not end the process.
pub(super) fn end_with_parent(command: &mut Command) {
    // SAFETY: between fork and exec the closure makes two system calls, both async-signal-safe, and
    // allocates nothing.
    unsafe {
        command.pre_exec(|| {
            set_pdeathsig(Signal::SIGKILL)?;
            signal(Signal::SIGXFSZ, SigHandler::SigIgn)?;
            Ok(())
        });
    }
}

/// The longest artifact that is written in a request in which the guest runs, too.
const ARTIFACT_LIMIT_BYTES: u64 = 1 << 30;

/// Limits the length of files that `process` writes while it carries out `request`, where that runs the
/// guest; lifts the limit where it does not.
pub(super) fn limit_files(process: u32, request: &Request) -> io::Result<()> {
    let Some(pid) = i32::try_from(process).ok().and_then(Pid::from_raw) else { return Ok(()) };
    let maximum = getrlimit(Resource::Fsize).maximum;
    let current = match limit_bytes(request) {
        Some(limit) => Some(maximum.map_or(limit, |most| most.min(limit))),
        None => maximum,
    };
    match prlimit(Some(pid), Resource::Fsize, Rlimit { current, maximum }) {
        // A process that has ended is reported by the request that it does not answer.
        Ok(_) | Err(rustix::io::Errno::SRCH) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The longest file that may be written during `request`, in bytes; `None` where the guest writes none. A
/// worker may copy the artifact before it loads it, so what is longer than the guest's limit is no longer
/// than that.
fn limit_bytes(request: &Request) -> Option<u64> {
    let artifact = match request {
        Request::Jit { .. }
        | Request::Instantiate { .. }
        | Request::Call { .. }
        | Request::Renew
        | Request::CallBare { .. } => None,
        Request::Run { artifact, .. } => Some(artifact),
        Request::Hold { artifact } => artifact.as_ref(),
        Request::Probe { pass, artifact, .. } if *pass != Pass::Aot => artifact.as_ref(),
        // Both the guest and the engine write.
        Request::JitAndSave { .. } => return Some(ARTIFACT_LIMIT_BYTES),
        _ => return None,
    };
    let artifact_bytes = artifact.and_then(|file| std::fs::metadata(file).ok()).map_or(0, |file| file.len());
    Some(OUTPUT_LIMIT_BYTES.max(artifact_bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guest_is_limited_and_the_copy_of_a_large_artifact_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (small, large) = (folder.path().join("small"), folder.path().join("large"));
        std::fs::write(&small, "artifact").unwrap();
        std::fs::File::create(&large).unwrap().set_len(3 * OUTPUT_LIMIT_BYTES).unwrap();
        let run = |artifact| limit_bytes(&Request::Run { passes: 1, artifact });
        assert_eq!(run(small), Some(OUTPUT_LIMIT_BYTES));
        assert_eq!(run(large.clone()), Some(3 * OUTPUT_LIMIT_BYTES));
        assert_eq!(limit_bytes(&Request::Hold { artifact: Some(large) }), Some(3 * OUTPUT_LIMIT_BYTES));
        assert_eq!(limit_bytes(&Request::Jit { passes: 1 }), Some(OUTPUT_LIMIT_BYTES));
        assert_eq!(limit_bytes(&Request::Aot { passes: 1, stem: "stem".into() }), None);
    }
}
