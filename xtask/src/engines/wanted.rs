//! Which engines somebody wants, and what for: that decides which workers there are to be.

use super::build::Build;
use super::runtime::{Configuration, Runtime};

/// Which engines are wanted, and what for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The names of the configurations.
    pub names: &'a [&'a str],
    /// Whether the modules that they will run import WASI.
    pub wasi: WasiUse,
    /// Whether workers that are missing are built.
    pub build: Build,
}

/// Where the modules that workers are for import WASI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WasiUse {
    /// No module imports it.
    Nowhere,
    /// Every module does.
    Everywhere,
    /// Some do.
    Somewhere,
}

impl WasiUse {
    /// That of the modules that `uses_wasi` tells of, one item each.
    pub fn of(uses_wasi: impl IntoIterator<Item = bool>) -> WasiUse {
        let (with, without): (Vec<bool>, Vec<bool>) = uses_wasi.into_iter().partition(|one| *one);
        match (with.is_empty(), without.is_empty()) {
            (true, _) => WasiUse::Nowhere,
            (false, true) => WasiUse::Everywhere,
            (false, false) => WasiUse::Somewhere,
        }
    }
}

/// The configurations of `runtime` that are wanted.
pub fn chosen<'a>(runtime: &'a Runtime, wanted: Wanted<'_>) -> Vec<&'a Configuration> {
    runtime.configurations.iter().filter(|one| wanted.names.contains(&one.name.as_str())).collect()
}
