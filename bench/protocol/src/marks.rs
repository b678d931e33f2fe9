//! The names by which a module marks the stretch of a call that is timed as d: Sightglass's convention.

/// The module name of the two imports, functions of type `() -> ()`.
pub const MODULE: &str = "bench";
/// The name of the function that begins the stretch.
pub const START: &str = "start";
/// The name of the function that ends it.
pub const END: &str = "end";
