//! How files are written that others may be reading.

mod replace;

pub use replace::replace_file;
