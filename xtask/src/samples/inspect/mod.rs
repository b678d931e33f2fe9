//! What is in the modules of the samples: sizes, features, instructions, and the list of what there is.

pub mod list;
pub mod mix;
pub mod survey;
pub mod table;
