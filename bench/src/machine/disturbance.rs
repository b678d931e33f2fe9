//! Detects other work on the machine while a round goes on: such a round is marked and repeated.
//! The counts used here take no part in what is measured, so leaving such a round out favours no
//! result.

use super::control_groups::ControlGroups;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use nix::unistd::{SysconfVar, sysconf};
use std::fs;
use std::time::Instant;

/// The share of one processor that other processes may use during a round.
const FOREIGN_ALLOWED: f64 = 0.10;
/// The share of all processors that a hypervisor may take away during a round.
const STEAL_ALLOWED: f64 = 0.02;

/// What the system counted while a round went on.
#[derive(Clone, Debug, PartialEq)]
pub struct MachineUse {
    /// How long it took, in seconds.
    pub wall_s: f64,
    /// Load average over one minute at its end.
    pub load: Option<f64>,
    /// Processor time that neither this program nor its workers used, as a share of one processor.
    pub foreign_share: Option<f64>,
    /// Time that a hypervisor took away, as a share of all processors.
    pub steal_share: Option<f64>,
    /// The first processor's frequency at its end.
    pub cpu_mhz: Option<f64>,
    /// What disturbed it, or nothing.
    pub disturbed: String,
}

/// The system's counts at one moment.
#[derive(Clone, Copy, Debug)]
struct Counts {
    busy_s: f64,
    steal_s: f64,
    total_s: f64,
    own_s: f64,
}

/// A round during which the counts are compared.
#[derive(Debug)]
pub struct DisturbanceMonitor {
    begun: Instant,
    before: Option<Counts>,
    groups: ControlGroups,
    throttled_before_s: Option<f64>,
}

impl DisturbanceMonitor {
    /// Reads the counts. No worker may be alive, here and at the [end](Self::end): a process's
    /// time is counted as that of a worker only once it has ended.
    pub fn begin() -> DisturbanceMonitor {
        let groups = ControlGroups::of_this_process();
        let throttled_before_s = groups.throttled_s();
        DisturbanceMonitor { begun: Instant::now(), before: Counts::read(), groups, throttled_before_s }
    }

    /// What the system counted since.
    pub fn end(self) -> MachineUse {
        let wall_s = self.begun.elapsed().as_secs_f64();
        let between = self.before.zip(Counts::read());
        let foreign_share = between.map(|(before, after)| {
            let foreign_s = (after.busy_s - before.busy_s) - (after.own_s - before.own_s);
            (foreign_s / wall_s.max(f64::MIN_POSITIVE)).max(0.0)
        });
        let steal_share = between.map(|(before, after)| {
            let total_s = (after.total_s - before.total_s).max(f64::MIN_POSITIVE);
            (after.steal_s - before.steal_s) / total_s
        });
        let throttled = self.throttled_before_s.zip(self.groups.throttled_s());
        let throttled_s = throttled.map(|(before, after)| after - before);
        MachineUse {
            wall_s: thousandths(wall_s),
            load: load(),
            foreign_share: foreign_share.map(thousandths),
            steal_share: steal_share.map(thousandths),
            cpu_mhz: cpu_mhz(),
            disturbed: disturbance(wall_s, foreign_share, steal_share, throttled_s),
        }
    }
}

/// What is too much of it, in words; empty where nothing is. The system counts in hundredths of
/// a second, so of rounds that are too short for it only what a quota held back is said, which is counted exactly.
fn disturbance(
    wall_s: f64,
    foreign_share: Option<f64>,
    steal_share: Option<f64>,
    throttled_s: Option<f64>,
) -> String {
    let mut reasons = Vec::new();
    if let Some(throttled_s) = throttled_s.filter(|throttled_s| *throttled_s > 0.0) {
        reasons.push(format!("a control group's quota held processes back for {throttled_s:.2} s"));
    }
    if wall_s < 0.5 {
        return reasons.join("; ");
    }
    if let Some(share) = foreign_share.filter(|share| *share > FOREIGN_ALLOWED) {
        reasons.push(format!("other processes used {:.0}% of a processor", 100.0 * share));
    }
    if let Some(share) = steal_share.filter(|share| *share > STEAL_ALLOWED) {
        reasons.push(format!("the hypervisor took {:.0}% of the processors", 100.0 * share));
    }
    reasons.join("; ")
}

impl Counts {
    /// `None` where the system does not say (proc(5), `/proc/stat`).
    fn read() -> Option<Counts> {
        let stat = fs::read_to_string("/proc/stat").ok()?;
        let ticks_per_s = sysconf(SysconfVar::CLK_TCK).ok()?? as f64;
        let line = stat.lines().next()?.strip_prefix("cpu ")?;
        let ticks: Vec<f64> = line.split_whitespace().filter_map(|count| count.parse().ok()).collect();
        let &[user, nice, system, idle, iowait, irq, softirq, steal, ..] = ticks.as_slice() else {
            return None;
        };
        let busy = user + nice + system + irq + softirq;
        let own = |who| {
            let usage = getrusage(who).ok()?;
            Some((usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as f64 / 1e6)
        };
        Some(Counts {
            busy_s: busy / ticks_per_s,
            steal_s: steal / ticks_per_s,
            total_s: (busy + idle + iowait + steal) / ticks_per_s,
            own_s: own(UsageWho::RUSAGE_SELF)? + own(UsageWho::RUSAGE_CHILDREN)?,
        })
    }
}

fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

fn cpu_mhz() -> Option<f64> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("cpu MHz"))?;
    line.split_once(':')?.1.trim().parse().ok()
}

fn thousandths(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn work_of_reaped_children_is_our_own() {
        let before = Counts::read().unwrap();
        let busy = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; times";
        let output = Command::new("sh").args(["-c", busy]).output().unwrap();
        let after = Counts::read().unwrap();
        // The first of its lines is the shell's own time, such as `0m0.250s 0m0.000s`.
        let said = String::from_utf8(output.stdout).unwrap();
        let user = said.split_whitespace().next().and_then(|time| time.split_once('m')).unwrap();
        let child_s: f64 = user.1.trim_end_matches('s').parse().unwrap();
        assert!(
            child_s > 0.02 && after.own_s - before.own_s >= child_s - 0.02,
            "{child_s} {before:?} {after:?}"
        );
    }

    #[test]
    fn too_much_is_named_and_of_short_rounds_the_quota_alone() {
        assert_eq!(disturbance(2.0, Some(0.05), Some(0.0), Some(0.0)), "");
        assert_eq!(disturbance(2.0, Some(0.5), Some(0.0), None), "other processes used 50% of a processor");
        assert_eq!(
            disturbance(2.0, Some(0.5), Some(0.1), None),
            "other processes used 50% of a processor; the hypervisor took 10% of the processors"
        );
        assert_eq!(disturbance(0.2, Some(0.5), Some(0.1), None), "");
        assert_eq!(disturbance(2.0, None, None, None), "");
        let held_back = "a control group's quota held processes back for 0.25 s";
        assert_eq!(disturbance(0.2, None, None, Some(0.25)), held_back);
    }
}
