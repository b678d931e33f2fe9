//! The files of a run's folder: one record type a file, with one writer and one reader.

pub mod readings;
pub mod run;
pub mod time_use;
