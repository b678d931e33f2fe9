//! What the pipeline needs of the machine: cargo and other programs, packages of registries, the cache
//! folder, files, paths, output and progress, Ctrl-C and hashes.

pub mod apt;
mod build_settings;
pub mod cache;
pub mod cargo;
pub mod cargo_install;
pub mod descendants;
pub mod exclusion;
pub mod files;
pub mod hash;
pub mod interrupt;
pub mod output;
pub mod paths;
pub mod programs;
pub mod progress;
pub mod registry;
pub mod steps;
