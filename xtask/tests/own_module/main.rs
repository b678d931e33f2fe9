//! `bench --wasm` through the command line: what is refused before any engine is started, and
//! what the engines make of small modules. Tests of the second sort need workers, as `pipeline.rs`
//! says.

#![allow(clippy::unwrap_used, reason = "in a test an unexpected error is a failure")]

mod calls;
mod commands;
mod kinds;
mod limits;
mod place;
mod refused;
mod strip;
