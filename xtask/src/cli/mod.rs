//! The command line: what it takes, how values and names are read, and what an exit status says.

pub mod exit;
pub mod flags;
pub mod select;
pub mod values;
