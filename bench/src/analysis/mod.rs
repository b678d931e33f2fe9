//! From readings to answers: series, their summary, comparisons, the overview over all cases, break-even
//! points, the drift of the machine, and what changed between two runs.

pub mod break_even;
pub mod changes;
pub mod comparisons;
pub mod drift;
pub mod overview;
mod series;
mod summary;

pub use series::Series;
pub use summary::{CellSeries, SUMMARY_FILE, Summary, SummaryRow};
