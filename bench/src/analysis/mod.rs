//! From readings to answers: series, their summary, comparisons, the overview over all cases, break-even
//! points, cells whose processes come in kinds, warm-up, the drift of the machine, and what changed between two runs.

pub mod break_even;
pub mod changes;
pub mod comparisons;
pub mod drift;
pub mod kinds;
pub mod overview;
mod series;
mod summary;
pub mod warm_up;

pub use series::Series;
pub use summary::{AOT_TOTAL, CellSeries, SUMMARY_FILE, Summary, SummaryRow};
