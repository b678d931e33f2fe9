//! The CPUs that native code is compiled for.

use anyhow::{Context, Result};

protocol::named_enum! {
    /// The CPU that native code is compiled for.
    pub enum Cpu {
        /// The target's oldest.
        Baseline = "baseline",
        /// This machine's, since engines compile for it too.
        Host = "host",
    }
}

impl Cpu {
    /// What tells the compiler.
    pub fn flags(self) -> &'static [&'static str] {
        match self {
            Cpu::Baseline => &[],
            Cpu::Host => &["-Ctarget-cpu=native"],
        }
    }
}

/// What the compiler will find this machine's CPU to be.
///
/// # Errors
/// When the system does not say.
pub fn host_cpu() -> Result<String> {
    const FILE: &str = "/proc/cpuinfo";
    let text = std::fs::read_to_string(FILE).with_context(|| format!("cannot read {FILE}"))?;
    Ok(cpu_identity(&text))
}

/// What identifies the first CPU of a `cpuinfo` to a compiler; speeds and load do not.
fn cpu_identity(cpuinfo: &str) -> String {
    const KEYS: [&str; 6] = ["vendor_id", "cpu family", "model", "flags", "Features", "CPU part"];
    let first = cpuinfo.lines().take_while(|line| !line.is_empty());
    let known = first.filter(|line| KEYS.iter().any(|key| line.starts_with(key)));
    known.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_cpu_is_noticed_and_another_clock_speed_is_not() {
        let cpu = |flags: &str, mhz: &str| {
            cpu_identity(&format!(
                "model name\t: X\ncpu MHz\t\t: {mhz}\nflags\t\t: {flags}\n\nmodel name\t: Y\n"
            ))
        };
        assert_eq!(cpu("fpu avx2", "800"), cpu("fpu avx2", "4200"));
        assert_ne!(cpu("fpu avx2", "800"), cpu("fpu avx512f", "800"));
        assert!(!host_cpu().unwrap().is_empty());
    }
}
