//! The files of `generated/results/<run>/`: one record type for each, one place that writes
//! them and one that reads them. Column names carry their unit.

use crate::machine::disturbance::{ROUNDS_FILE, RoundState};
use protocol::{Pass, Phase};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Names one cell: an engine on a case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellId {
    /// The engine's name.
    pub engine: String,
    /// The sample's name.
    pub sample: String,
    /// The wasm's variant.
    pub variant: String,
    /// The arguments' name.
    pub size: String,
}

/// A line of `samples.csv`: one reading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The round, from 1.
    pub round: u32,
    /// The worker process, numbered from 1 in the order of starting.
    pub process: u32,
    /// The engine's name.
    pub engine: String,
    /// The sample's name.
    pub sample: String,
    /// The wasm's variant.
    pub variant: String,
    /// The arguments' name.
    pub size: String,
    /// The kind of pass.
    pub pass: Pass,
    /// The phase or total.
    pub phase: Phase,
    /// The cycle within the round, from 0: the readings of different engines in one cycle are
    /// neighbours in time.
    pub cycle: u32,
    /// The reading's number within its turn, from 0.
    pub iteration: u32,
    /// Whether it comes from the process's first pass of this kind, which also pays for page
    /// faults and one-time set-up. Summaries leave it out, but for passes that are meant to be cold.
    pub cold: bool,
    /// Repetitions that `wall_ns` and `cpu_ns` are the sum of.
    pub calls: u64,
    /// Wall time in nanoseconds.
    pub wall_ns: u64,
    /// Processor time in nanoseconds, where it is read.
    pub cpu_ns: Option<u64>,
}

/// A line of `sizes.csv`: the bytes of one artifact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Size {
    /// The engine's name.
    pub engine: String,
    /// The sample's name.
    pub sample: String,
    /// The wasm's variant.
    pub variant: String,
    /// The wasm's bytes; for native code, the library's.
    pub module_bytes: u64,
    /// The artifact's bytes.
    pub artifact_bytes: u64,
}

/// Whether a cell went wrong or cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The engine cannot do it, by design.
    Unsupported,
    /// It should have worked.
    Failed,
}

/// A line of `failures.csv`: a cell, or a part of one, that has no reading, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Missing {
    /// The round, from 1; 0 is the survey before the first.
    pub round: u32,
    /// The engine's name.
    pub engine: String,
    /// The sample's name.
    pub sample: String,
    /// The wasm's variant.
    pub variant: String,
    /// The arguments' name.
    pub size: String,
    /// The pass that has no readings; every pass of a failed cell.
    pub pass: Pass,
    /// The phase where it ended, where one is known.
    pub phase: Option<Phase>,
    /// Unsupported or failed.
    pub verdict: Verdict,
    /// The engine's own words.
    pub reason: String,
}

/// Appends readings, sizes and failures as they are made; every turn is flushed, so that a kill
/// loses at most one.
#[derive(Debug)]
pub struct Recorder {
    readings: csv::Writer<File>,
    sizes: csv::Writer<File>,
    missing: csv::Writer<File>,
    rounds: csv::Writer<File>,
}

/// `samples.csv`
pub const READINGS_FILE: &str = "samples.csv";
/// `sizes.csv`
pub const SIZES_FILE: &str = "sizes.csv";
/// `failures.csv`
pub const MISSING_FILE: &str = "failures.csv";
/// `summary.csv`
pub const SUMMARY_FILE: &str = "summary.csv";

impl Recorder {
    /// Makes the files in `folder`, with their headers.
    ///
    /// # Errors
    /// When a file cannot be made.
    pub fn create(folder: &Path) -> io::Result<Recorder> {
        Ok(Recorder {
            readings: with_header(
                folder.join(READINGS_FILE),
                &[
                    "round",
                    "process",
                    "engine",
                    "sample",
                    "variant",
                    "size",
                    "pass",
                    "phase",
                    "cycle",
                    "iteration",
                    "cold",
                    "calls",
                    "wall_ns",
                    "cpu_ns",
                ],
            )?,
            sizes: with_header(
                folder.join(SIZES_FILE),
                &["engine", "sample", "variant", "module_bytes", "artifact_bytes"],
            )?,
            missing: with_header(
                folder.join(MISSING_FILE),
                &["round", "engine", "sample", "variant", "size", "pass", "phase", "verdict", "reason"],
            )?,
            rounds: with_header(
                folder.join(ROUNDS_FILE),
                &[
                    "round",
                    "start_s",
                    "wall_s",
                    "load",
                    "foreign_share",
                    "steal_share",
                    "cpu_mhz",
                    "disturbed",
                    "used",
                ],
            )?,
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
    pub fn size(&mut self, size: &Size) -> io::Result<()> {
        append(&mut self.sizes, std::slice::from_ref(size))
    }

    /// Appends a round that is over.
    ///
    /// # Errors
    /// As [`readings`](Self::readings).
    pub fn round(&mut self, round: &RoundState) -> io::Result<()> {
        append(&mut self.rounds, std::slice::from_ref(round))
    }

    /// Appends a cell without readings.
    ///
    /// # Errors
    /// As [`readings`](Self::readings).
    pub fn missing(&mut self, missing: &Missing) -> io::Result<()> {
        append(&mut self.missing, std::slice::from_ref(missing))
    }
}

/// A CSV file with this header, on disk at once.
pub(crate) fn with_header(path: PathBuf, columns: &[&str]) -> io::Result<csv::Writer<File>> {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_path(path)?;
    writer.write_record(columns)?;
    writer.flush()?;
    Ok(writer)
}

/// Appends records, on disk at once.
pub(crate) fn append<T: Serialize>(writer: &mut csv::Writer<File>, records: &[T]) -> io::Result<()> {
    for record in records {
        writer.serialize(record)?;
    }
    writer.flush()
}

/// Writes a whole file of records at once.
///
/// # Errors
/// When the file cannot be written.
pub fn write_all<T: Serialize>(path: &Path, records: &[T]) -> io::Result<()> {
    let mut writer = csv::Writer::from_path(path)?;
    for record in records {
        writer.serialize(record)?;
    }
    writer.flush()
}

/// Reads a whole file of records; a last line that a kill cut short is left out.
///
/// # Errors
/// When the file cannot be read or a line before the last is no such record.
pub fn read_all<T: for<'de> Deserialize<'de>>(path: &Path) -> io::Result<Vec<T>> {
    let mut records = Vec::new();
    let mut broken: Option<csv::Error> = None;
    for record in csv::Reader::from_path(path)?.into_deserialize() {
        if let Some(error) = broken.take() {
            return Err(error.into());
        }
        match record {
            Ok(record) => records.push(record),
            Err(error) => broken = Some(error),
        }
    }
    Ok(records)
}

/// The readings in `folder` that count: those of disturbed rounds, which were made again, are in
/// the file but not among them. Nor are those of a round that was cut short, unless no other was
/// finished: it was never judged, and has some blocks only.
///
/// # Errors
/// As [`read_all`].
pub fn read_used(folder: &Path) -> io::Result<Vec<Reading>> {
    let rounds: Vec<RoundState> = read_all(&folder.join(ROUNDS_FILE))?;
    let mut readings: Vec<Reading> = read_all(&folder.join(READINGS_FILE))?;
    if !rounds.is_empty() {
        let used: BTreeSet<u32> = rounds.iter().filter(|round| round.used).map(|round| round.round).collect();
        readings.retain(|reading| used.contains(&reading.round));
    }
    Ok(readings)
}

macro_rules! cell_of {
    ($record:ty) => {
        impl $record {
            /// The cell that the record belongs to.
            pub fn cell(&self) -> CellId {
                CellId {
                    engine: self.engine.clone(),
                    sample: self.sample.clone(),
                    variant: self.variant.clone(),
                    size: self.size.clone(),
                }
            }
        }
    };
}
cell_of!(Reading);
cell_of!(Missing);

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(iteration: u32) -> Reading {
        Reading {
            round: 1,
            process: 2,
            engine: "e".into(),
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
        };
        recorder.round(&state(1, true)).unwrap();
        recorder.readings(&[Reading { round: 2, ..reading(0) }]).unwrap();
        recorder.round(&state(2, false)).unwrap();
        recorder.readings(&[Reading { round: 3, ..reading(0) }]).unwrap();
        assert_eq!(rounds(), [1]);
    }

    #[test]
    fn a_full_disk_is_an_error_and_not_a_loss_in_silence() {
        let mut writer = csv::Writer::from_writer(File::options().write(true).open("/dev/full").unwrap());
        let error = append(&mut writer, &[reading(0)]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        // The destructor would try again.
        std::mem::forget(writer);
    }
}
