//! Which engines somebody wants, and what for: that decides which workers there are to be.

use super::build::Build;
use super::runtime::{Configuration, Runtime};

/// Which engines are wanted, and what for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The names of the configurations.
    pub names: &'a [&'a str],
    /// The modules that they will run.
    pub modules: Modules,
    /// Whether workers that are missing are built.
    pub build: Build,
}

/// The modules that workers are for, as far as it decides which workers there are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modules {
    /// None imports WASI.
    WithoutWasi,
    /// All import WASI.
    WithWasi,
    /// Some do.
    Both,
}

impl Modules {
    /// The modules that `uses_wasi` tells of, one item each.
    pub fn of(uses_wasi: impl IntoIterator<Item = bool>) -> Modules {
        let (with, without): (Vec<bool>, Vec<bool>) = uses_wasi.into_iter().partition(|one| *one);
        match (with.is_empty(), without.is_empty()) {
            (true, _) => Modules::WithoutWasi,
            (false, true) => Modules::WithWasi,
            (false, false) => Modules::Both,
        }
    }
}

/// The configurations of `runtime` that are wanted.
pub fn chosen<'a>(runtime: &'a Runtime, wanted: Wanted<'_>) -> Vec<&'a Configuration> {
    runtime.configurations.iter().filter(|one| wanted.names.contains(&one.name.as_str())).collect()
}
