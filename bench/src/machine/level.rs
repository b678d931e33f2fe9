//! Reads the calibration kernel on every processor that workers use, at once, as a member of every block, so that
//! the machine's own drift is seen.
//!
//! No engine's time is divided by it. Ratios between batches that are neighbours in time need no such help: on a
//! quiet machine, in 11 samples on six engines, their intervals were narrower without it.

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Instant;

/// The name under which its readings are written down.
pub const CALIBRATION: &str = "calibration";

/// The most processors that are read.
const MOST: usize = 8;

/// Kernels that wait for the next reading, one bound to each processor.
#[derive(Debug)]
pub struct LevelMeter {
    kernels: Vec<Kernel>,
    /// Wall time of all readings so far, in nanoseconds.
    pub time_ns: u64,
    readings: u64,
}

#[derive(Debug)]
struct Kernel {
    process: Child,
    answers: BufReader<ChildStdout>,
}

impl LevelMeter {
    /// Starts `program`, the kernel, on the processor `pin`, or on each that this process may use. Where it cannot
    /// be started, nothing is read.
    pub fn start(program: Option<&Path>, pin: Option<usize>) -> LevelMeter {
        let allowed = sched_getaffinity(Pid::from_raw(0)).unwrap_or_default();
        let usable = (0..CpuSet::count()).filter(|processor| allowed.is_set(*processor).unwrap_or(false));
        let asked = usable.filter(|processor| pin.is_none_or(|pin| pin == *processor)).take(MOST);
        let kernels = asked.filter_map(|processor| Kernel::start(program?, processor));
        LevelMeter { kernels: kernels.collect(), time_ns: 0, readings: 0 }
    }

    /// The machine's level now: the geometric mean of the kernel's time on all processors, in whole
    /// nanoseconds. `None` where nothing could be read.
    pub fn level_ns(&mut self) -> Option<u64> {
        let start = Instant::now();
        for kernel in &mut self.kernels {
            kernel.ask();
        }
        let answers: Vec<u64> = self.kernels.iter_mut().filter_map(Kernel::answer).collect();
        self.time_ns += u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.readings += 1;
        geometric_mean(&answers)
    }

    /// What a reading takes, in nanoseconds of wall time; 0 before the first.
    pub fn usual_ns(&self) -> u64 {
        self.time_ns / self.readings.max(1)
    }
}

impl Kernel {
    fn start(program: &Path, processor: usize) -> Option<Kernel> {
        let mut command = Command::new(program);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().ok()?;
        let answers = BufReader::new(process.stdout.take()?);
        let mut set = CpuSet::new();
        // Unbound, it reads an arbitrary processor: a less precise estimate, but a valid one.
        let bound = i32::try_from(process.id()).map(Pid::from_raw);
        let _ = bound.map(|process| set.set(processor).and_then(|()| sched_setaffinity(process, &set)));
        Some(Kernel { process, answers })
    }

    /// One that has ended gives no answer.
    fn ask(&mut self) {
        let _ = self.process.stdin.as_mut().map(|input| input.write_all(b"\n"));
    }

    fn answer(&mut self) -> Option<u64> {
        let mut line = String::new();
        self.answers.read_line(&mut line).ok()?;
        line.trim().parse().ok()
    }
}

impl Drop for Kernel {
    fn drop(&mut self) {
        // Without input it ends by itself.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

fn geometric_mean(values: &[u64]) -> Option<u64> {
    let logs: f64 = values.iter().map(|ns| (*ns as f64).ln()).sum();
    let mean = (logs / values.len() as f64).exp();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive time")]
    (!values.is_empty()).then(|| mean.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_is_the_geometric_mean_of_the_processors() {
        assert_eq!(geometric_mean(&[100, 400]), Some(200));
        assert_eq!(geometric_mean(&[]), None);
    }

    #[test]
    fn without_a_kernel_there_is_no_level() {
        assert_eq!(LevelMeter::start(None, None).level_ns(), None);
        assert_eq!(LevelMeter::start(Some(Path::new("/none")), None).level_ns(), None);
        assert_eq!(LevelMeter::start(Some(Path::new("true")), None).level_ns(), None);
    }
}
