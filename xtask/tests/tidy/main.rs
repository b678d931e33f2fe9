//! Keeps the house in order: each rule reads the repository's own files and names every place that
//! breaks it. Every rule is also tried on a made-up input that it must report.

#![allow(clippy::unwrap_used, reason = "in a test an unexpected error is a failure")]

mod crates;
mod documented;
mod files;
mod imports;
mod limits;
mod names;
mod syntax;
mod tree;
mod vocabulary;
mod words;
