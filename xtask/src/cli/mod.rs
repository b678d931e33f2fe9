//! The command line: what it takes, how names are chosen, and what an exit status says.

pub mod exit;
pub mod flags;
pub mod select;
