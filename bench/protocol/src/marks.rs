//! The two imports with which a module marks the part of a call that is timed as d. Their names are
//! Sightglass's.

/// The module name of both imports, which are functions of type `() -> ()`.
pub const MODULE: &str = "bench";
/// The name of the function that begins the timed part.
pub const START: &str = "start";
/// The name of the function that ends the timed part.
pub const END: &str = "end";
