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

/// Limits the length of files that `process` writes while it carries out `request`, where that runs the
/// guest; lifts the limit where it does not.
pub(super) fn limit_files(process: u32, request: &Request) -> io::Result<()> {
    let Some(pid) = i32::try_from(process).ok().and_then(Pid::from_raw) else { return Ok(()) };
    let maximum = getrlimit(Resource::Fsize).maximum;
    let current = if runs_the_guest(request) {
        Some(maximum.map_or(OUTPUT_LIMIT_BYTES, |most| most.min(OUTPUT_LIMIT_BYTES)))
    } else {
        maximum
    };
    match prlimit(Some(pid), Resource::Fsize, Rlimit { current, maximum }) {
        // A process that has ended is reported by the request that it does not answer.
        Ok(_) | Err(rustix::io::Errno::SRCH) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Whether a request may have the guest write files; the others write artifacts.
fn runs_the_guest(request: &Request) -> bool {
    match request {
        Request::Jit { .. }
        | Request::Run { .. }
        | Request::Hold { .. }
        | Request::Instantiate { .. }
        | Request::Call { .. }
        | Request::CallBare { .. } => true,
        Request::Probe { pass, .. } => *pass != Pass::Aot,
        _ => false,
    }
}
