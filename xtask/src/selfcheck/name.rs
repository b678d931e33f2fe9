//! The names of the checks, on the command line and in the results.

use clap::ValueEnum;
use clap::builder::PossibleValue;

protocol::named_enum! {
    /// A check, by its name. Checks are made in this order.
    pub enum CheckName {
        /// Does an engine differ from itself?
        Control = "control",
        /// Is more work found?
        Injected = "injected",
        /// What does wasm-phases add to a call?
        Overhead = "overhead",
        /// Does Criterion read the same?
        Agreement = "agreement",
        /// Does a load on the machine appear as a difference?
        Drift = "drift",
        /// Do the results of a run hold in the next?
        Reproducibility = "reproducibility",
        /// Does a time depend on what else is measured?
        Isolation = "isolation",
        /// Do stopped workers stand still?
        Idle = "idle",
        /// Where did the time go?
        TimeUse = "time-use",
    }
}

impl CheckName {
    /// Whether it takes so long that it must be asked for.
    pub fn is_long(self) -> bool {
        matches!(self, CheckName::Reproducibility | CheckName::Isolation)
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
