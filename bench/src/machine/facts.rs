//! The machine a run was made on, as the system reports it: part of `run.json`.

use super::limits::MachineLimits;
use serde::{Deserialize, Serialize};
use std::fs;

/// What the system reports about the machine; `None` for what it does not report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MachineFacts {
    /// The processor's name.
    pub cpu: Option<String>,
    /// Processors that this process may use.
    pub cpus: usize,
    /// Memory in bytes.
    pub memory_bytes: Option<u64>,
    /// Kernel release.
    pub kernel: Option<String>,
    /// The distribution's name.
    pub system: Option<String>,
    /// The first processor's frequency governor.
    pub governor: Option<String>,
    /// Load averages over 1, 5 and 15 minutes, before the run.
    pub load: Option<String>,
    /// What moves its speed.
    #[serde(default)]
    pub limits: MachineLimits,
}

impl MachineFacts {
    /// Reads the facts.
    pub fn read() -> MachineFacts {
        let line = |path: &str| fs::read_to_string(path).ok().map(|text| text.trim().to_owned());
        MachineFacts {
            cpu: field("/proc/cpuinfo", "model name", ':'),
            cpus: std::thread::available_parallelism().map_or(1, usize::from),
            memory_bytes: field("/proc/meminfo", "MemTotal", ':')
                .and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1024)),
            kernel: line("/proc/sys/kernel/osrelease"),
            system: field("/etc/os-release", "PRETTY_NAME", '=')
                .map(|name| name.trim_matches('"').to_owned()),
            governor: line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
            load: line("/proc/loadavg"),
            limits: MachineLimits::read(),
        }
    }
}

/// The value of the first line of `path` that begins with `name`.
fn field(path: &str, name: &str, separator: char) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(separator).map(|(_, value)| value.trim().to_owned())
}
