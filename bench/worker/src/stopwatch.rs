//! What looks on while a pass goes through its phases: the clock, or a probe whose passes are
//! never timed. A pass is written once and looked at by either.

use crate::clock::cpu_time_ns;
use crate::message::{Probe, Stretch};
use crate::{Error, Phase, Result};
use std::hint::black_box;
use std::time::Instant;

/// Is told of every boundary between phases.
pub(crate) trait Observer {
    /// A stretch of adjacent phases begins; what came since the last boundary belongs to none.
    fn begin(&mut self);
    /// A phase ends here, and the next begins.
    fn end(&mut self, phase: Phase);
    /// The stretch is over.
    fn stop(&mut self) {}
}

/// Reads the clock at every boundary, and processor time around the last stretch.
pub(crate) struct Stopwatch {
    laps: Vec<(Phase, u64)>,
    begun: Instant,
    last: Instant,
    cpu_before_ns: u64,
    /// Processor time of the last stretch, in nanoseconds.
    pub(crate) cpu_ns: u64,
}

impl Stopwatch {
    pub(crate) fn new() -> Stopwatch {
        let now = Instant::now();
        // Room for every phase of a pass: nothing is allocated in a timed stretch.
        Stopwatch { laps: Vec::with_capacity(8), begun: now, last: now, cpu_before_ns: 0, cpu_ns: 0 }
    }

    /// Wall time of every phase, in nanoseconds, with the last stretch as `total` where it is one.
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

/// A probe under way: one kind of reading, and what was seen so far.
pub(crate) struct Probing {
    kind: Kind,
    stretches: Vec<Stretch>,
    /// The first reading that went wrong.
    broken: Option<Error>,
}

enum Kind {
    Memory { resets: bool },
    Counters(Counters),
    Marks,
}

impl Probing {
    /// Readies a probe.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Unsupported`] where the machine has no such readings.
    pub(crate) fn new(probe: Probe) -> Result<Probing> {
        let kind = match probe {
            Probe::Memory => Kind::Memory { resets: reset_peak().is_ok() },
            Probe::Counters => Kind::Counters(Counters::open()?),
            Probe::Marks => Kind::Marks,
        };
        Ok(Probing { kind, stretches: Vec::new(), broken: None })
    }

    /// What was seen, in order.
    ///
    /// # Errors
    /// The first reading that went wrong.
    pub(crate) fn stretches(self) -> Result<Vec<Stretch>> {
        self.broken.map_or(Ok(self.stretches), Err)
    }

    fn note(&mut self, stretch: Result<Stretch>) {
        match stretch {
            Ok(stretch) => self.stretches.push(stretch),
            Err(error) => self.broken = self.broken.take().or(Some(error)),
        }
    }
}

impl Observer for Probing {
    fn begin(&mut self) {
        match &mut self.kind {
            Kind::Memory { resets } => *resets = reset_peak().is_ok(),
            Kind::Counters(counters) => {
                if let Err(error) = counters.lap() {
                    self.note(Err(error));
                }
            }
            Kind::Marks => {
                phase_boundary();
                self.note(Ok(Stretch::default()));
            }
        }
    }

    fn end(&mut self, phase: Phase) {
        let stretch = match &mut self.kind {
            Kind::Memory { resets } => peak_bytes().map(|peak| {
                let since_reset = *resets;
                *resets = reset_peak().is_ok();
                Stretch { peak_bytes: Some(peak), since_reset, ..Stretch::default() }
            }),
            Kind::Counters(counters) => counters.lap().map(|(instructions, cycles)| Stretch {
                instructions: Some(instructions),
                cycles: Some(cycles),
                ..Stretch::default()
            }),
            Kind::Marks => {
                phase_boundary();
                Ok(Stretch::default())
            }
        };
        self.note(stretch.map(|stretch| Stretch { phase: Some(phase), ..stretch }));
    }
}

/// Called at every boundary of a pass that is [marked](Probe::Marks), for a tool outside that
/// watches this function by its name.
#[inline(never)]
pub fn phase_boundary() {
    black_box(());
}

/// Sets the process's peak of resident memory to what is resident now (proc(5), `clear_refs`).
fn reset_peak() -> std::io::Result<()> {
    std::fs::write("/proc/self/clear_refs", "5")
}

/// The peak of resident memory since the last reset, in bytes.
fn peak_bytes() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.map(|kib| kib * 1024).ok_or_else(|| Error::internal("/proc/self/status has no VmHWM"))
}

/// The system's counters of instructions and cycles in user space, over all threads that are
/// made after they are opened.
struct Counters {
    instructions: perf_event::Counter,
    cycles: perf_event::Counter,
    last: (u64, u64),
}

impl Counters {
    fn open() -> Result<Counters> {
        let absent = |error: std::io::Error| {
            Error::unsupported(format!("the system gives no hardware counters here: {error}"))
        };
        let counter = |event: perf_event::events::Hardware| {
            perf_event::Builder::new(event).inherit(true).exclude_kernel(true).build()
        };
        let mut counters = Counters {
            instructions: counter(perf_event::events::Hardware::INSTRUCTIONS).map_err(absent)?,
            cycles: counter(perf_event::events::Hardware::CPU_CYCLES).map_err(absent)?,
            last: (0, 0),
        };
        counters.instructions.enable().map_err(absent)?;
        counters.cycles.enable().map_err(absent)?;
        Ok(counters)
    }

    /// Instructions and cycles since the last call.
    fn lap(&mut self) -> Result<(u64, u64)> {
        let now = (self.instructions.read()?, self.cycles.read()?);
        let lap = (now.0 - self.last.0, now.1 - self.last.1);
        self.last = now;
        Ok(lap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_peak_belongs_to_the_phase_that_made_it() {
        let mut probe = Probing::new(Probe::Memory).unwrap();
        probe.begin();
        let block = black_box(vec![1_u8; 32 << 20]);
        drop(block);
        probe.end(Phase::AbCompile);
        probe.end(Phase::BSave);
        let stretches = probe.stretches().unwrap();
        let peak = |index: usize| stretches[index].peak_bytes.unwrap();
        if stretches[1].since_reset {
            // Readings are exact to a few hundred pages.
            assert!(peak(0) > peak(1) + (24 << 20), "{} and {}", peak(0), peak(1));
        }
    }

    #[test]
    fn marks_name_what_each_boundary_ends() {
        let mut probe = Probing::new(Probe::Marks).unwrap();
        probe.begin();
        probe.end(Phase::Engine);
        let phases: Vec<_> = probe.stretches().unwrap().into_iter().map(|one| one.phase).collect();
        assert_eq!(phases, [None, Some(Phase::Engine)]);
    }

    #[test]
    fn counters_count_or_say_why_they_cannot() {
        match Probing::new(Probe::Counters) {
            Ok(mut probe) => {
                probe.begin();
                black_box((0..1_000_u64).map(black_box).sum::<u64>());
                probe.end(Phase::DCallWarm);
                assert!(probe.stretches().unwrap()[0].instructions.unwrap() > 1_000);
            }
            Err(error) => assert!(error.message.contains("hardware counters"), "{error}"),
        }
    }
}
