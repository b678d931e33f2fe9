//! Writes the records of a run as they are made.

use super::csv_file::{append, with_header};
use super::failures::{self, FAILURES_FILE, Failure};
use super::readings::{self, READINGS_FILE, Reading};
use super::rounds::{self, ROUNDS_FILE, RoundState};
use super::sizes::{self, ArtifactSize, SIZES_FILE};
use std::fs::File;
use std::io;
use std::path::Path;

/// Appends readings, sizes and failures as they are made; every batch is flushed, so that a kill
/// loses at most one.
#[derive(Debug)]
pub struct Recorder {
    readings: csv::Writer<File>,
    sizes: csv::Writer<File>,
    failures: csv::Writer<File>,
    rounds: csv::Writer<File>,
}

impl Recorder {
    /// Makes the files in `folder`, with their headers.
    ///
    /// # Errors
    /// When a file cannot be made.
    pub fn create(folder: &Path) -> io::Result<Recorder> {
        Ok(Recorder {
            readings: with_header(folder.join(READINGS_FILE), &readings::COLUMNS)?,
            sizes: with_header(folder.join(SIZES_FILE), &sizes::COLUMNS)?,
            failures: with_header(folder.join(FAILURES_FILE), &failures::COLUMNS)?,
            rounds: with_header(folder.join(ROUNDS_FILE), &rounds::COLUMNS)?,
        })
    }

    /// Appends readings and flushes them.
    ///
    /// # Errors
    /// When the file cannot be written, on a full disk say.
    pub fn readings(&mut self, readings: &[Reading]) -> io::Result<()> {
        append(&mut self.readings, readings)
    }

    /// Appends an artifact's size.
    ///
    /// # Errors
    /// As [`readings`](Self::readings).
    pub fn size(&mut self, size: &ArtifactSize) -> io::Result<()> {
        append(&mut self.sizes, std::slice::from_ref(size))
    }

    /// Appends a round that is over.
    ///
    /// # Errors
    /// As [`readings`](Self::readings).
    pub fn round(&mut self, round: &RoundState) -> io::Result<()> {
        append(&mut self.rounds, std::slice::from_ref(round))
    }

    /// Appends what has no readings, with the reason.
    ///
    /// # Errors
    /// As [`readings`](Self::readings).
    pub fn failure(&mut self, failure: &Failure) -> io::Result<()> {
        append(&mut self.failures, std::slice::from_ref(failure))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::EngineEntry;
    use crate::record::{read_all, read_used};
    use protocol::{Pass, Phase};

    fn reading(iteration: u32) -> Reading {
        Reading {
            round: 1,
            process: 2,
            engine: "e".into(),
            entry: EngineEntry::Subject,
            sample: "s".into(),
            variant: "stripped".into(),
            size: "small".into(),
            pass: Pass::Jit,
            phase: Phase::AbCompile,
            cycle: 0,
            iteration,
            cold: false,
            calls: 1,
            wall_ns: 10,
            cpu_ns: None,
        }
    }

    #[test]
    fn readings_are_on_disk_as_soon_as_they_are_made_and_a_cut_line_loses_only_itself() {
        let folder = tempfile::tempdir().unwrap();
        let mut recorder = Recorder::create(folder.path()).unwrap();
        recorder.readings(&[reading(0), reading(1)]).unwrap();
        let path = folder.path().join(READINGS_FILE);
        assert_eq!(read_all::<Reading>(&path).unwrap(), [reading(0), reading(1)]);

        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, &text[..text.len() - 12]).unwrap();
        assert_eq!(read_all::<Reading>(&path).unwrap(), [reading(0)]);
    }

    #[test]
    fn rounds_that_were_made_again_or_cut_short_do_not_count_unless_there_is_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let mut recorder = Recorder::create(folder.path()).unwrap();
        let rounds = || -> Vec<u32> {
            read_used(folder.path()).unwrap().iter().map(|reading| reading.round).collect()
        };
        recorder.readings(&[reading(0)]).unwrap();
        assert_eq!(rounds(), [1]);
        let state = |round, used| RoundState {
            round,
            start_s: 0.0,
            wall_s: 1.0,
            load: None,
            foreign_share: None,
            steal_share: None,
            cpu_mhz: None,
            disturbed: String::new(),
            used,
            machine: 1,
        };
        recorder.round(&state(1, true)).unwrap();
        recorder.readings(&[Reading { round: 2, ..reading(0) }]).unwrap();
        recorder.round(&state(2, false)).unwrap();
        recorder.readings(&[Reading { round: 3, ..reading(0) }]).unwrap();
        assert_eq!(rounds(), [1]);
    }
}
