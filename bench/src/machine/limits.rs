//! What moves the speed of this machine, as far as the system says: part of `run.json`, and one warning before a run
//! where it will widen intervals.

use super::control_groups::ControlGroups;
use serde::{Deserialize, Serialize};
use std::fs;

/// The share of all processors' time that a hypervisor may have taken before it is worth a word.
const STEAL_WORTH_SAYING: f64 = 0.01;

/// What limits the processors; `None` for what the system does not say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MachineLimits {
    /// The quota of processor time, in processors, where a control group has one.
    pub quota_cpus: Option<f64>,
    /// Whether processors share a core (simultaneous multithreading).
    pub smt: Option<bool>,
    /// Whether the clock goes beyond the rated one while heat and load allow.
    pub turbo: Option<bool>,
    /// Whether this is a virtual machine.
    pub virtual_machine: Option<bool>,
    /// Time that a hypervisor took since the system was started, as a share of all processors.
    pub steal_share: Option<f64>,
}

impl MachineLimits {
    /// Reads them.
    pub fn read() -> MachineLimits {
        let flag = |path: &str| match fs::read_to_string(path).ok()?.trim() {
            "1" => Some(true),
            "0" => Some(false),
            _ => None,
        };
        let intel = flag("/sys/devices/system/cpu/intel_pstate/no_turbo").map(|off| !off);
        let processor = fs::read_to_string("/proc/cpuinfo").ok();
        let is_virtual = |text: String| {
            let flags = text.lines().find(|line| line.starts_with("flags")).map(str::to_owned)?;
            Some(flags.split_whitespace().any(|flag| flag == "hypervisor"))
        };
        MachineLimits {
            quota_cpus: ControlGroups::of_this_process().quota_cpus(),
            smt: flag("/sys/devices/system/cpu/smt/active"),
            turbo: intel.or_else(|| flag("/sys/devices/system/cpu/cpufreq/boost")),
            virtual_machine: processor.and_then(is_virtual),
            steal_share: fs::read_to_string("/proc/stat").ok().and_then(|text| steal_share(&text)),
        }
    }

    /// What of it will widen intervals, in words, with the frequency governor; `None` where nothing will.
    pub fn warning(&self, governor: Option<&str>) -> Option<String> {
        let quota = self.quota_cpus.map(|cpus| {
            format!(
                "a control group allows {cpus:.2} processors, and rounds that it holds back are disturbed"
            )
        });
        let steal = self.steal_share.filter(|share| *share > STEAL_WORTH_SAYING);
        let governor = governor.filter(|name| *name != "performance");
        let words: Vec<String> = [
            quota,
            steal.map(|share| format!("the hypervisor took {:.0}% of the processors so far", 100.0 * share)),
            governor.map(|name| format!("the frequency governor is {name}")),
            self.turbo.filter(|on| *on).map(|_| "turbo is on".to_owned()),
            self.smt.filter(|on| *on).map(|_| "processors share cores (SMT)".to_owned()),
        ]
        .into_iter()
        .flatten()
        .collect();
        (!words.is_empty()).then(|| format!("intervals will be wider on this machine: {}", words.join("; ")))
    }
}

/// The hypervisor's share of all time in the text of `/proc/stat` (proc(5)).
fn steal_share(stat: &str) -> Option<f64> {
    let ticks = stat.lines().next()?.strip_prefix("cpu ")?;
    let ticks: Vec<f64> = ticks.split_whitespace().take(8).filter_map(|count| count.parse().ok()).collect();
    let (steal, all) = (ticks.get(7)?, ticks.iter().sum::<f64>());
    (all > 0.0).then(|| (1e4 * steal / all).round() / 1e4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_widens_intervals_is_said_in_one_line_and_nothing_is_said_of_the_rest() {
        let quiet = MachineLimits {
            quota_cpus: None,
            smt: Some(false),
            turbo: Some(false),
            virtual_machine: Some(true),
            steal_share: Some(0.002),
        };
        assert_eq!(quiet.warning(Some("performance")), None);
        assert_eq!(quiet.warning(None), None);
        let limited = MachineLimits {
            quota_cpus: Some(1.5),
            smt: Some(true),
            turbo: Some(true),
            steal_share: Some(0.04),
            ..quiet
        };
        assert_eq!(
            limited.warning(Some("powersave")).unwrap(),
            "intervals will be wider on this machine: a control group allows 1.50 processors, and rounds that it \
             holds back are disturbed; the hypervisor took 4% of the processors so far; the frequency governor is \
             powersave; turbo is on; processors share cores (SMT)"
        );
    }

    #[test]
    fn the_hypervisors_share_is_the_eighth_count() {
        assert_eq!(steal_share("cpu  50 0 10 30 0 0 0 10 0 0\ncpu0 1\n"), Some(0.1));
        assert_eq!(steal_share("cpu  50 0 10\n"), None);
    }
}
