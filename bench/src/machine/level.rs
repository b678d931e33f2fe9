//! Reads the calibration kernel on every processor at once, as a member of every block, so that the
//! machine's own drift is seen.
//!
//! No engine's time is divided by it. The kernel's time depends on what ran before it: after
//! Fibonacci in one engine and a matrix product in native code it was 3% longer, even as the median of
//! many repetitions (most likely by what the processor's branch predictor had learnt), and ratios of
//! times divided by it were off by up to 4%. Ratios between batches that are neighbours in time need no
//! such help: on a quiet machine, in 11 samples on six engines, their intervals were narrower
//! without it.

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Instant;

/// The most processors that are read.
const MOST: usize = 8;

/// Threads that wait for the next reading, one bound to each processor.
#[derive(Debug)]
pub struct LevelMeter {
    threads: Vec<LevelThread>,
    /// Wall time of all readings so far, in nanoseconds.
    pub time_ns: u64,
}

#[derive(Debug)]
struct LevelThread {
    ask: Sender<()>,
    answer: Receiver<u64>,
}

impl LevelMeter {
    /// Starts the threads.
    pub fn start() -> LevelMeter {
        let allowed = sched_getaffinity(Pid::from_raw(0)).unwrap_or_default();
        let usable = (0..CpuSet::count()).filter(|processor| allowed.is_set(*processor).unwrap_or(false));
        LevelMeter { threads: usable.take(MOST).map(LevelThread::start).collect(), time_ns: 0 }
    }

    /// The machine's level now: the geometric mean of the kernel's time on all processors, in whole
    /// nanoseconds. `None` where nothing could be read.
    pub fn level_ns(&mut self) -> Option<u64> {
        let start = Instant::now();
        for thread in &self.threads {
            // A thread that has ended gives no answer either.
            let _ = thread.ask.send(());
        }
        let answers: Vec<u64> = self.threads.iter().filter_map(|thread| thread.answer.recv().ok()).collect();
        self.time_ns += u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        geometric_mean(&answers)
    }
}

impl LevelThread {
    fn start(processor: usize) -> LevelThread {
        let (ask, asked) = channel();
        let (answers, answer) = channel();
        thread::spawn(move || {
            let mut set = CpuSet::new();
            // Unbound, it reads an arbitrary processor: a less precise estimate, but a valid one.
            let _ = set.set(processor).and_then(|()| sched_setaffinity(Pid::from_raw(0), &set));
            while asked.recv().is_ok() && answers.send(calibration::wall_ns()).is_ok() {}
        });
        LevelThread { ask, answer }
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
    fn every_usable_processor_is_read() {
        let mut meter = LevelMeter::start();
        let usable = thread::available_parallelism().unwrap().get();
        assert_eq!(meter.threads.len(), usable.min(MOST));
        assert!(meter.level_ns().is_some_and(|ns| ns > 1_000));
        assert!(meter.time_ns > 1_000);
    }

    #[test]
    fn the_level_is_the_geometric_mean_of_the_processors() {
        assert_eq!(geometric_mean(&[100, 400]), Some(200));
        assert_eq!(geometric_mean(&[]), None);
    }
}
