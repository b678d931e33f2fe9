//! The statistics, without any input or output.
//!
//! The unit of repetition is the round with its fresh processes, not the single reading:
//! readings of one process share its memory layout and its luck (Kalibera and Jones, "Rigorous
//! benchmarking in reasonable time", ISMM 2013; Georges, Buytaert and Eeckhout, "Statistically
//! rigorous Java performance evaluation", OOPSLA 2007). So each round gives one value, the
//! median of its readings, and everything here starts from one value a round.
//!
//! | question | answer |
//! |---|---|
//! | what is a cell's value, and how sure is it? | [`estimate`] |
//! | what will the next run show? | [`predict`] |
//! | what is the ratio of two engines within a round? | [`paired_ratios`] |
//! | do two engines differ, and by how much? | [`compare_ratios`] |
//! | what is the ratio over several cases? | [`mean_ratios`] |
//! | has a ratio changed from one run to another? | [`compare_runs`], [`RunChange`] |
//! | which of all changes between two runs are shown? | [`test_changes`] |
//! | which of a table's differences are shown? | [`compare_group`] |
//! | do the processes of an engine come in kinds? | [`kinds`] |
//! | after how many calls does a slow start pay off? | [`break_even`] |
//! | do the calls of a process become steady, and from which on? | [`steady_state`] |
//! | at which run did a value change its level? | [`change_points`] |
//! | which block needs another round? | [`StoppingRule`] |

mod break_even;
mod change_points;
mod compare;
mod geometric;
mod holm;
mod interval;
mod kinds;
mod pairing;
mod prediction;
mod run_change;
mod run_verdict;
mod runs;
mod steady_state;
mod stopping;
mod verdict;

pub use break_even::{BreakEven, Costs, Point, Side, break_even};
pub use change_points::{ChangePoint, FEWEST_FOR_CHANGES, change_points};
pub use compare::{Comparison, compare, compare_ratios};
pub use geometric::{geometric_mean, mean_ratios};
pub use holm::holm;
pub use interval::{Ends, Estimate, ROUNDS_FOR_INTERVAL, estimate, median, t_interval};
pub use kinds::{Kinds, kinds};
pub use pairing::{ByCycle, paired_ratio, paired_ratios};
pub use prediction::{Drift, Prediction, predict};
pub use run_change::RunChange;
pub use run_verdict::{ChangeVerdict, TestedChange, test_changes};
pub use runs::compare_runs;
pub use steady_state::{FEWEST_FOR_STEADY, SteadyState, steady_state};
pub use stopping::{BlockPrecision, StoppingRule};
pub use verdict::{ComparedPair, ComparisonGroup, GroupName, Verdict, compare_group, noise_floor};

use std::collections::BTreeMap;

/// One value a round: the median of the round's readings.
pub type ByRound = BTreeMap<u32, f64>;
