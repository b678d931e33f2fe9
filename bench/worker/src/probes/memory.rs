//! Peak resident memory of this process, as the system reports it.

use protocol::{Error, Result};

/// Resets the peak of resident memory to what is resident now (proc(5), `clear_refs`).
pub fn reset_peak() -> std::io::Result<()> {
    std::fs::write("/proc/self/clear_refs", "5")
}

/// The peak of resident memory since the last reset, in bytes.
pub fn peak_bytes() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.map(|kib| kib * 1024).ok_or_else(|| Error::internal("/proc/self/status has no VmHWM"))
}
