//! Reads the calibration kernel on every processor at once, around each turn.
//!
//! A neighbour on the same core slows a virtual machine by up to 40%, differently on each
//! processor, and for some hundred milliseconds at a time: long enough that the kernel's time just
//! before and after a turn tells most of it. (Seen on two virtual processors: passes of 15 to 200 ms
//! spread by 9 to 11%, and by 4% once they are divided by the kernel's time in the 5 ms on each side;
//! work of another kind by 16% and 7%.) So ratios are formed of times that have been divided by it:
//! the ratio estimator of survey statistics (Cochran, "Sampling Techniques", 1977, chapter 6), with
//! the kernel as the auxiliary variable.

use crate::spent::ns;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// The most processors that are read.
const MOST: usize = 8;
/// For how long a reading stands for the present.
const FRESH: Duration = Duration::from_millis(2);

/// Threads that wait for the next reading, one bound to each processor.
#[derive(Debug)]
pub struct Calibrator {
    arms: Vec<Arm>,
    last: Option<(Instant, Level)>,
    /// Wall time of all readings so far, in nanoseconds.
    pub spent_ns: u64,
}

#[derive(Debug)]
struct Arm {
    processor: usize,
    ask: Sender<()>,
    answer: Receiver<u64>,
}

/// The kernel's time on each processor, in nanoseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Level(Vec<(usize, u64)>);

impl Calibrator {
    /// Starts the threads.
    pub fn start() -> Calibrator {
        let allowed = sched_getaffinity(Pid::from_raw(0)).unwrap_or_default();
        let usable = (0..CpuSet::count()).filter(|processor| allowed.is_set(*processor).unwrap_or(false));
        Calibrator { arms: usable.take(MOST).map(Arm::start).collect(), last: None, spent_ns: 0 }
    }

    /// The level now: a fresh reading, unless the last one was a moment ago.
    pub fn level(&mut self) -> Level {
        if let Some((at, level)) = &self.last
            && at.elapsed() < FRESH
        {
            return level.clone();
        }
        let start = Instant::now();
        for arm in &self.arms {
            // A thread that is gone has no answer either.
            let _ = arm.ask.send(());
        }
        let answers = self.arms.iter().filter_map(|arm| Some((arm.processor, arm.answer.recv().ok()?)));
        let level = Level(answers.collect());
        self.spent_ns += ns(start.elapsed());
        self.last = Some((Instant::now(), level.clone()));
        level
    }
}

impl Arm {
    fn start(processor: usize) -> Arm {
        let (ask, asked) = channel();
        let (answers, answer) = channel();
        thread::spawn(move || {
            let mut set = CpuSet::new();
            // Unbound, it reads some processor: a worse estimate, and no wrong one.
            let _ = set.set(processor).and_then(|()| sched_setaffinity(Pid::from_raw(0), &set));
            while asked.recv().is_ok() && answers.send(calibration::wall_ns()).is_ok() {}
        });
        Arm { processor, ask, answer }
    }
}

impl Level {
    /// The kernel's time on `processor`, or over all of them (the geometric mean) without one; in
    /// nanoseconds.
    pub fn on(&self, processor: Option<usize>) -> f64 {
        let own = self.0.iter().find(|(known, _)| Some(*known) == processor);
        if let Some((_, ns)) = own {
            return *ns as f64;
        }
        let logs: f64 = self.0.iter().map(|(_, ns)| (*ns as f64).ln()).sum();
        (logs / self.0.len().max(1) as f64).exp()
    }

    /// The level between this one and a later one, on `processor`: their geometric mean, in whole
    /// nanoseconds. `None` where nothing was read.
    pub fn until(&self, later: &Level, processor: Option<usize>) -> Option<u64> {
        if self.0.is_empty() || later.0.is_empty() {
            return None;
        }
        let mean = (self.on(processor) * later.on(processor)).sqrt();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive time")]
        Some(mean.round() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usable_processor_is_read_and_a_fresh_reading_is_kept() {
        let mut calibrator = Calibrator::start();
        let level = calibrator.level();
        let usable = thread::available_parallelism().unwrap().get();
        assert_eq!(level.0.len(), usable.min(MOST));
        assert!(level.0.iter().all(|(_, ns)| *ns > 1_000), "{level:?}");
        calibrator.last = Some((Instant::now() + Duration::from_secs(60), Level(vec![(0, 7)])));
        assert_eq!(calibrator.level(), Level(vec![(0, 7)]));
    }

    #[test]
    fn a_turn_is_held_against_its_own_processor_or_against_all() {
        let (before, after) = (Level(vec![(0, 100), (1, 400)]), Level(vec![(0, 400), (1, 1600)]));
        assert_eq!(before.until(&after, Some(0)), Some(200));
        assert_eq!(before.until(&after, Some(1)), Some(800));
        assert_eq!(before.until(&after, None), Some(400));
        assert_eq!(before.until(&after, Some(7)), Some(400));
        assert_eq!(Level::default().until(&after, None), None);
    }
}
