//! From readings to answers: series, their summary, comparisons, break-even points, and the drift of
//! the machine.

pub mod break_even;
pub mod comparisons;
pub mod drift;
mod series;
mod summary;

pub use series::Series;
pub use summary::{CellSeries, SUMMARY_FILE, Summary, SummaryRow};
