//! The tasks of `cargo xtask`, one file each.

pub mod bench;
pub mod engines;
pub mod module;
pub mod strip_compare;
pub mod test;
