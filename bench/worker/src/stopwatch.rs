//! What observes a pass while it goes through its phases. The stopwatch reads the clock; a
//! [probe](crate::probes) reads something else in passes that are never timed.

use crate::cpu_time::cpu_time_ns;
use protocol::Phase;
use std::time::Instant;

/// Is told of every boundary between phases.
pub(crate) trait Observer {
    /// A stretch of adjacent phases begins; the time since the last boundary belongs to no phase.
    fn begin(&mut self);
    /// A phase ends here, and the next begins.
    fn end(&mut self, phase: Phase);
    /// What follows belongs to no phase and to no total, until [`resume`](Self::resume).
    fn pause(&mut self) {}
    /// The next phase begins, in the same stretch.
    fn resume(&mut self) {
        self.begin();
    }
    /// The stretch is over.
    fn stop(&mut self) {}
}

/// Reads the clock at every boundary, and processor time around the last stretch.
pub(crate) struct Stopwatch {
    laps: Vec<(Phase, u64)>,
    begun: Instant,
    last: Instant,
    cpu_before_ns: u64,
    cpu_paused_ns: u64,
    /// Processor time of the last stretch, in nanoseconds.
    pub(crate) cpu_ns: u64,
}

impl Stopwatch {
    pub(crate) fn new() -> Stopwatch {
        let now = Instant::now();
        // Room for every phase of a pass: nothing is allocated in a timed stretch.
        let laps = Vec::with_capacity(8);
        Stopwatch { laps, begun: now, last: now, cpu_before_ns: 0, cpu_paused_ns: 0, cpu_ns: 0 }
    }

    /// Wall time of every phase in nanoseconds, then that of the last stretch as `total`, if there is one.
    pub(crate) fn wall_ns(mut self, total: Option<Phase>) -> Vec<(Phase, u64)> {
        self.laps.extend(total.map(|total| (total, ns(self.begun, self.last))));
        self.laps
    }
}

impl Observer for Stopwatch {
    #[inline]
    fn begin(&mut self) {
        self.cpu_before_ns = cpu_time_ns();
        self.begun = Instant::now();
        self.last = self.begun;
    }

    #[inline]
    fn end(&mut self, phase: Phase) {
        let now = Instant::now();
        self.laps.push((phase, ns(self.last, now)));
        self.last = now;
    }

    fn pause(&mut self) {
        self.cpu_paused_ns = cpu_time_ns();
    }

    /// The total begins later by the pause.
    fn resume(&mut self) {
        self.cpu_before_ns += cpu_time_ns() - self.cpu_paused_ns;
        let now = Instant::now();
        self.begun += now.duration_since(self.last);
        self.last = now;
    }

    fn stop(&mut self) {
        self.cpu_ns = cpu_time_ns() - self.cpu_before_ns;
    }
}

/// Nanoseconds between two clock readings.
pub(crate) fn ns(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.duration_since(from).as_nanos()).unwrap_or(u64::MAX)
}

/// How long `work` takes, in nanoseconds.
pub(crate) fn time(work: impl FnOnce()) -> u64 {
    let start = Instant::now();
    work();
    ns(start, Instant::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_belongs_to_no_phase_and_to_no_total() {
        let pause = std::time::Duration::from_millis(20);
        let mut watch = Stopwatch::new();
        watch.begin();
        watch.end(Phase::CInstantiateFirst);
        watch.pause();
        std::thread::sleep(pause);
        watch.resume();
        watch.end(Phase::DCallFirst);
        watch.stop();
        let laps = watch.wall_ns(Some(Phase::Jit));
        assert_eq!(laps[0].1 + laps[1].1, laps[2].1);
        assert!(u128::from(laps[2].1) < pause.as_nanos());
    }

    #[test]
    fn the_phases_of_a_stretch_add_up_to_its_total() {
        let mut watch = Stopwatch::new();
        watch.begin();
        watch.end(Phase::Engine);
        watch.begin();
        watch.end(Phase::AbCompile);
        watch.end(Phase::BSave);
        watch.stop();
        let laps = watch.wall_ns(Some(Phase::AotCompile));
        assert_eq!(
            laps.iter().map(|lap| lap.0).collect::<Vec<_>>(),
            [Phase::Engine, Phase::AbCompile, Phase::BSave, Phase::AotCompile]
        );
        assert_eq!(laps[1].1 + laps[2].1, laps[3].1);
    }
}
