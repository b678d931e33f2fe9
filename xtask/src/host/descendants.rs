//! The processes that this one has started, with those that they have started in turn: they stand still
//! while something is measured, and end with Ctrl-C. Builds start compilers that start linkers, so that
//! a list kept by hand would miss most of them.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::collections::{BTreeSet, HashMap};
use std::fs;

/// The most times that the processes are looked for: a process may start another while it is looked at.
const LOOKS: usize = 20;

/// Processes that stand still until this is dropped.
#[derive(Debug)]
pub struct Standstill(BTreeSet<i32>);

/// Stops every descendant of this process; those that start later run.
pub fn stop() -> Standstill {
    Standstill(signal_all(Signal::SIGSTOP))
}

/// Ends every descendant of this process at once.
pub fn kill_all() {
    signal_all(Signal::SIGKILL);
}

impl Drop for Standstill {
    fn drop(&mut self) {
        for process in &self.0 {
            // One that is gone needs no signal.
            let _ = kill(Pid::from_raw(*process), Signal::SIGCONT);
        }
    }
}

/// Sends `signal` to every descendant, until no new one is found; gives their numbers.
fn signal_all(signal: Signal) -> BTreeSet<i32> {
    let mut reached = BTreeSet::new();
    for _ in 0..LOOKS {
        let found: Vec<i32> = descendants().into_iter().filter(|one| !reached.contains(one)).collect();
        if found.is_empty() {
            break;
        }
        for process in found {
            let _ = kill(Pid::from_raw(process), signal);
            reached.insert(process);
        }
    }
    reached
}

/// The numbers of this process' descendants.
fn descendants() -> Vec<i32> {
    let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // A process that has just ended has no such file.
        if let Some(parent) = fs::read_to_string(entry.path().join("stat")).ok().as_deref().and_then(parent) {
            children.entry(parent).or_default().push(process);
        }
    }
    let mut found = Vec::new();
    let mut next = vec![i32::try_from(std::process::id()).unwrap_or(i32::MAX)];
    while let Some(process) = next.pop() {
        let own = children.remove(&process).unwrap_or_default();
        found.extend(&own);
        next.extend(own);
    }
    found
}

/// The parent in the text of `/proc/PID/stat` (proc(5)): the second field after the program's name,
/// which may hold spaces and parentheses itself.
fn parent(stat: &str) -> Option<i32> {
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    #[test]
    fn the_parent_is_found_whatever_the_program_is_called() {
        assert_eq!(parent("12 (a) b) S 34 12 12 0"), Some(34));
        assert_eq!(parent("12 (cargo) R 7"), Some(7));
        assert_eq!(parent("12"), None);
    }

    fn state(process: u32) -> Option<char> {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        stat.rsplit_once(')')?.1.trim_start().chars().next()
    }

    fn wait_for(process: u32, wanted: impl Fn(Option<char>) -> bool) -> bool {
        let end = Instant::now() + Duration::from_secs(10);
        while Instant::now() < end {
            if wanted(state(process)) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        false
    }

    #[test]
    fn a_grandchild_stands_still_and_goes_on() {
        let mut child = Command::new("sh")
            .args(["-c", "sleep 60 & echo $!; wait"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line)
            .unwrap();
        let grandchild: u32 = line.trim().parse().unwrap();
        let found = descendants();
        assert!(found.contains(&grandchild.cast_signed()) && found.contains(&child.id().cast_signed()));
        // Those of this test alone: others run in the same process.
        let signal = |signal| {
            for process in [child.id(), grandchild] {
                kill(Pid::from_raw(process.cast_signed()), signal).unwrap();
            }
        };
        signal(Signal::SIGSTOP);
        let standstill = Standstill([child.id(), grandchild].map(u32::cast_signed).into());
        assert!(wait_for(grandchild, |state| state == Some('T')));
        drop(standstill);
        assert!(wait_for(grandchild, |state| state == Some('S')));
        signal(Signal::SIGKILL);
        child.wait().unwrap();
    }
}
