//! Probes: what a worker can read at the boundaries of a pass instead of the clock. Passes with a
//! probe are never timed.

mod memory;
mod perf;

use crate::stopwatch::Observer;
use protocol::message::Stretch;
use protocol::{Error, Phase, Probe, Result};
use std::hint::black_box;

/// A running probe: what it reads, and what it has read so far.
pub(crate) struct Probing {
    kind: Kind,
    stretches: Vec<Stretch>,
    /// The first reading that failed.
    broken: Option<Error>,
}

enum Kind {
    Memory { resets: bool },
    Counters(perf::Counters),
    Marks,
}

impl Probing {
    /// Starts a probe.
    ///
    /// # Errors
    /// [`protocol::ErrorKind::Unsupported`] if this machine does not offer what it reads.
    pub(crate) fn new(probe: Probe) -> Result<Probing> {
        let kind = match probe {
            Probe::Memory => Kind::Memory { resets: memory::reset_peak().is_ok() },
            Probe::Counters => Kind::Counters(perf::Counters::open()?),
            Probe::Marks => Kind::Marks,
        };
        Ok(Probing { kind, stretches: Vec::new(), broken: None })
    }

    /// What was read, in order.
    ///
    /// # Errors
    /// The first reading that failed.
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
            Kind::Memory { resets } => *resets = memory::reset_peak().is_ok(),
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
            Kind::Memory { resets } => memory::peak_bytes().map(|peak| {
                let since_reset = *resets;
                *resets = memory::reset_peak().is_ok();
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

/// Called at every boundary of a pass with [`Probe::Marks`]. A tool that the worker runs under finds the
/// boundaries by the name of this function.
#[inline(never)]
pub fn phase_boundary() {
    black_box(());
}

#[cfg(test)]
mod tests {
    use super::*;

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
