//! Processor time of this process and of the children it has reaped, such as a linker.

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use nix::time::{ClockId, clock_gettime};

/// User and system time used so far, in nanoseconds: all threads of this process and reaped children.
/// Takes two system calls, so it is read outside timed regions only.
pub fn cpu_time_ns() -> u64 {
    let own = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)
        .map(|time| u64::try_from(time.num_nanoseconds()).unwrap_or(0))
        .unwrap_or(0);
    let children = getrusage(UsageWho::RUSAGE_CHILDREN).map(total_ns).unwrap_or(0);
    own + children
}

fn total_ns(usage: Usage) -> u64 {
    let us = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    u64::try_from(us).unwrap_or(0) * 1_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn time_of_reaped_children_counts() {
        let before = cpu_time_ns();
        let status =
            Command::new("sh").args(["-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"]).status();
        assert!(status.expect("sh runs").success());
        let children = getrusage(UsageWho::RUSAGE_CHILDREN).map(total_ns).expect("readable");
        assert!(children > 0);
        assert!(cpu_time_ns() - before >= children);
    }
}
