//! The instrument: it starts workers, asks them for readings in a fair order, and writes the
//! readings down.

pub mod manifest;
