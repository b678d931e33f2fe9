//! Making a run: what `bench`, `module` and `selfcheck` share.

pub mod criterion;
pub mod exclusive;
pub mod probes;
