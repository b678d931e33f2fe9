//! The variants of a module: what is done to one source on its way to wasm.

use crate::toolchain::Features;
use clap::ValueEnum;
use clap::builder::PossibleValue;

protocol::named_enum! {
    /// A variant of a module, in the tables' order.
    pub enum Variant {
        /// Without any custom section: the base.
        Stripped = "stripped",
        /// As compiled, with names and debug information.
        Unstripped = "unstripped",
        /// The base after `wasm-opt -Oz`.
        Oz = "oz",
        /// The base after `wasm-opt -O4`.
        O4 = "o4",
        /// Compiled with the features that the compiler takes by itself, then stripped.
        Modern = "modern",
        /// As `modern`, and with 128-bit SIMD.
        Simd = "simd",
    }
}

impl Variant {
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
