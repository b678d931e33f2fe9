//! The options of `cargo xtask compare`.

use super::examples;
use super::values;
use crate::report::DifferenceName;
use clap::Args;
use std::path::PathBuf;

/// `cargo xtask compare`
#[derive(Debug, Args)]
#[command(after_help = examples::COMPARE)]
#[command(
    override_usage = "cargo xtask compare [OPTIONS] BASE [NEW]\n       cargo xtask compare [OPTIONS] --baseline NAME [NEW]"
)]
pub struct CompareArgs {
    /// The two runs, the earlier one first: folders, or names of folders in generated/results
    /// [default for NEW: the newest run there]
    #[arg(value_name = "RUN", num_args = 0..=2)]
    pub runs: Vec<PathBuf>,
    /// Compare with the run that `bench --save-baseline` has kept under this name
    #[arg(long, value_name = "NAME", value_parser = values::baseline_name)]
    pub baseline: Option<String>,
    /// Exit with 4 where something is slower by more than this, such as 5%: where its corrected
    /// interval lies above it as a whole
    #[arg(long, value_name = "PERCENT", value_parser = values::fraction)]
    pub fail_if_slower: Option<f64>,
    /// Also exit with 4 where a change is not resolved or could not be tested
    #[arg(long)]
    pub fail_if_unresolved: bool,
    /// Call a change within this the same [default: that of --fail-if-slower, else 5%]
    #[arg(long, value_name = "PERCENT", value_parser = values::fraction)]
    pub margin: Option<f64>,
    /// Compare runs that differ in this on purpose, separated by commas; anything else that differs
    /// is refused
    #[arg(long, value_delimiter = ',', value_name = "WHAT")]
    pub allow_different: Vec<DifferenceName>,
    /// Divide all times by this engine's, which must be the same in both runs [default: native code
    /// where it has such a time, else the calibration kernel]
    #[arg(long, value_name = "ENGINE")]
    pub reference: Option<String>,
    /// Print every change, also those that are none
    #[arg(long)]
    pub all: bool,
    /// Print the comparison as JSON
    #[arg(long, conflicts_with = "all")]
    pub json: bool,
    /// Print a line of CSV for each change
    #[arg(long, conflicts_with_all = ["all", "json"])]
    pub csv: bool,
}
