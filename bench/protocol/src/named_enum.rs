//! Enums whose variants have names: each name is written once, and messages, CSV files, tables and the
//! command line use the same one.

/// Defines an enum without fields whose variants have names.
///
/// ```
/// protocol::named_enum! {
///     /// A direction.
///     pub enum Direction {
///         /// Towards the start.
///         Back = "back",
///         /// Towards the end.
///         Forward = "forward",
///     }
/// }
/// assert_eq!(Direction::ALL.map(Direction::name), ["back", "forward"]);
/// assert_eq!(format!("{:>6}", Direction::Back), "  back");
/// ```
///
/// The enum has `ALL` (every variant, in the order of the list), `name()`, `Display`, and serde's
/// traits, all with these names. Variants are ordered as in the list. The calling crate depends on
/// serde.
#[macro_export]
macro_rules! named_enum {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $type:ident {
            $($(#[$of_variant:meta])* $variant:ident = $name:literal),+ $(,)?
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(::serde::Serialize, ::serde::Deserialize)]
        $visibility enum $type {
            $($(#[$of_variant])* #[serde(rename = $name)] $variant),+
        }

        impl $type {
            /// Every variant, in the order of the list.
            $visibility const ALL: [$type; [$($name),+].len()] = [$($type::$variant),+];

            /// The variant's name in files, messages and tables.
            $visibility const fn name(self) -> &'static str {
                match self {
                    $($type::$variant => $name),+
                }
            }
        }

        impl ::std::fmt::Display for $type {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.pad(self.name())
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::{NumberType, Pass, Phase};
    use serde::{Serialize, de::DeserializeOwned};
    use std::fmt::{Debug, Display};

    /// Whether the names of `all` are what JSON has, in both directions.
    fn is_named_alike<T: Serialize + DeserializeOwned + Display + Debug + PartialEq>(all: &[T]) {
        for one in all {
            let json = serde_json::to_string(one).unwrap();
            assert_eq!(json, format!("\"{one}\""));
            assert_eq!(serde_json::from_str::<T>(&json).unwrap(), *one);
        }
    }

    #[test]
    fn a_variant_has_one_name_in_messages_and_in_files() {
        is_named_alike(&Phase::ALL);
        is_named_alike(&Pass::ALL);
        is_named_alike(&NumberType::ALL);
    }
}
