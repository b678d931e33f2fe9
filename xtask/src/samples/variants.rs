//! The variants of a module: what is done to one source on its way to wasm.

use crate::toolchain::Features;
use clap::ValueEnum;
use clap::builder::PossibleValue;

/// A variant of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variant {
    /// Without any custom section: the base.
    Stripped,
    /// As compiled, with names and debug information.
    Unstripped,
    /// The base after `wasm-opt -Oz`.
    Oz,
    /// The base after `wasm-opt -O4`.
    O4,
    /// Compiled with the features that the compiler takes by itself, then stripped.
    Modern,
    /// As `modern`, and with 128-bit SIMD.
    Simd,
}

impl Variant {
    /// All, in the tables' order.
    pub const ALL: [Variant; 6] =
        [Variant::Stripped, Variant::Unstripped, Variant::Oz, Variant::O4, Variant::Modern, Variant::Simd];

    /// Its name on the command line, in tables and in paths.
    pub fn name(self) -> &'static str {
        match self {
            Variant::Stripped => "stripped",
            Variant::Unstripped => "unstripped",
            Variant::Oz => "oz",
            Variant::O4 => "o4",
            Variant::Modern => "modern",
            Variant::Simd => "simd",
        }
    }

    /// The features that its code may use.
    pub fn features(self) -> Features {
        match self {
            Variant::Stripped | Variant::Unstripped | Variant::Oz | Variant::O4 => Features::Mvp,
            Variant::Modern => Features::Modern,
            Variant::Simd => Features::Simd,
        }
    }
}

impl ValueEnum for Variant {
    fn value_variants<'a>() -> &'a [Variant] {
        &Variant::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}
