//! The names of the checks, on the command line and in the results.

use clap::ValueEnum;
use clap::builder::PossibleValue;

/// A check, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckName {
    /// Does an engine differ from itself?
    Control,
    /// Is more work found?
    Injected,
    /// What does wasm-phases add to a call?
    Overhead,
    /// Does Criterion read the same?
    Agreement,
    /// Does a load on the machine appear as a difference?
    Drift,
    /// Do the results of a run hold in the next?
    Reproducibility,
    /// Do stopped workers stand still?
    Idle,
    /// Where did the time go?
    TimeUse,
}

impl CheckName {
    /// All, in the order in which they are made.
    pub const ALL: [CheckName; 8] = [
        CheckName::Control,
        CheckName::Injected,
        CheckName::Overhead,
        CheckName::Agreement,
        CheckName::Drift,
        CheckName::Reproducibility,
        CheckName::Idle,
        CheckName::TimeUse,
    ];

    /// As it is typed.
    pub const fn name(self) -> &'static str {
        match self {
            CheckName::Control => "control",
            CheckName::Injected => "injected",
            CheckName::Overhead => "overhead",
            CheckName::Agreement => "agreement",
            CheckName::Drift => "drift",
            CheckName::Reproducibility => "reproducibility",
            CheckName::Idle => "idle",
            CheckName::TimeUse => "time-use",
        }
    }

    /// Whether it takes so long that it must be asked for.
    pub fn is_long(self) -> bool {
        self == CheckName::Reproducibility
    }
}

impl ValueEnum for CheckName {
    fn value_variants<'a>() -> &'a [CheckName] {
        &CheckName::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}
