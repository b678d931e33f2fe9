//! The environment of workers: nothing of the user's but what a process needs to find programs and
//! folders. `RAYON_NUM_THREADS`, `MALLOC_ARENA_MAX`, `GLIBC_TUNABLES`, `LD_PRELOAD` or `RUST_BACKTRACE` would
//! change what is measured, and nobody would see it.

use std::ffi::OsString;
use std::process::Command;

/// What a worker inherits; `VALGRIND_LIB` is for the counter that runs workers under valgrind.
const INHERITED: [&str; 4] = ["HOME", "PATH", "TMPDIR", "VALGRIND_LIB"];

/// The names of the variables that workers inherit from this process.
pub fn inherited_by_workers() -> Vec<String> {
    INHERITED.into_iter().filter(|name| std::env::var_os(name).is_some()).map(str::to_owned).collect()
}

/// Clears the environment of `command`, but for [`INHERITED`] and for what has been set on it.
pub fn clear(command: &mut Command) {
    let own: Vec<(OsString, OsString)> =
        command.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect();
    command.env_clear();
    let inherited = INHERITED.into_iter().filter_map(|name| Some((name.into(), std::env::var_os(name)?)));
    command.envs(inherited.chain(own));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_sees_where_programs_are_what_it_is_given_and_nothing_else() {
        // cargo sets this one for every test.
        assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
        let mut command = Command::new("env");
        command.env("GIVEN", "1");
        clear(&mut command);
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let names: Vec<&str> = text.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
        assert!(names.contains(&"PATH") && names.contains(&"GIVEN"), "{names:?}");
        assert!(names.iter().all(|name| *name == "GIVEN" || INHERITED.contains(name)), "{names:?}");
    }
}
