//! The files of a run's folder: one record type a file, with one writer and one reader.

mod case;
mod cell;
mod csv_file;
mod embedding;
mod empty_call;
mod failures;
mod module;
mod outcome;
mod parts;
mod readings;
mod recorder;
mod rounds;
mod run;
mod sizes;
mod time_use;
mod warm_up;

/// What the `entry` column of the files holds.
pub use crate::plan::EngineEntry;
pub use case::CaseFacts;
pub use cell::CellId;
pub use csv_file::{CsvRecord, concatenate, read_all, write_all};
pub(crate) use csv_file::{append, with_header};
pub use embedding::EmbeddingFacts;
pub use empty_call::{EMPTY_CALLS_FILE, EmptyCallReading};
pub use failures::{FAILURES_FILE, Failure, FailureKind};
pub use module::ModuleFacts;
pub use outcome::RunOutcome;
pub use parts::{RunPart, ShardFacts};
pub use readings::{READINGS_FILE, Reading, read_used};
pub use recorder::Recorder;
pub use rounds::{ROUNDS_FILE, RoundState};
pub use run::{
    CounterSource, CountersFacts, EngineFacts, EntryFacts, FORMAT, LibraryFacts, RUN_FILE, Run, Skipped,
};
pub use sizes::{ArtifactSize, SIZES_FILE};
pub use time_use::TimeUse;
pub use warm_up::{WARM_UP_FILE, WarmUpReading};
