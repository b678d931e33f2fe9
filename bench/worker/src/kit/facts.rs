//! The description of an engine: what all Rust workers have in common, the version of a package in the
//! worker's lock file, and the number of threads.

use protocol::{Capabilities, Hello, Probe};

/// A description with what all Rust workers have in common: one thread, every ability, every probe.
pub fn hello(configuration: &str, version: &str, compiler: String, flags: String, notes: &[&str]) -> Hello {
    Hello {
        configuration: configuration.to_owned(),
        version: version.to_owned(),
        compiler,
        flags,
        threads: 1,
        can: Capabilities::ALL,
        probes: vec![Probe::Memory, Probe::Counters, Probe::Marks],
        host_threads: 0,
        differences: Vec::new(),
        notes: notes.iter().map(|note| (*note).to_owned()).collect(),
    }
}

/// The number of threads of a compiler that uses every processor that the process may use.
pub fn all_threads() -> u32 {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    u32::try_from(threads).unwrap_or(u32::MAX)
}

/// The version of `package` in the text of a lock file. [`locked_version!`](crate::locked_version)
/// reads the worker's own.
pub fn locked_version<'a>(lock: &'a str, package: &str) -> &'a str {
    let name = format!("name = \"{package}\"\nversion = \"");
    lock.split_once(&name).and_then(|(_, rest)| rest.split('"').next()).unwrap_or("of unknown version")
}

/// The version of a package in the lock file of the worker that calls this macro.
#[macro_export]
macro_rules! locked_version {
    ($package:expr) => {
        $crate::kit::locked_version(
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock")),
            $package,
        )
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_that_of_the_package_itself() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.2.3\"\ndependencies = [\n \"b\",\n]\n\n\
            [[package]]\nname = \"b\"\nversion = \"4.5.6\"\n";
        assert_eq!(locked_version(lock, "b"), "4.5.6");
        assert_eq!(locked_version(lock, "c"), "of unknown version");
    }
}
