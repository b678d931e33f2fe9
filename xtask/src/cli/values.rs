//! Values as people type them: percentages and durations.

use anyhow::{Context, Result};
use std::time::Duration;

/// A fraction, from a percentage such as `2%`.
///
/// # Errors
/// When it is none.
pub fn fraction(text: &str) -> Result<f64> {
    let percent = text.strip_suffix('%').unwrap_or(text).trim().parse::<f64>().ok();
    let percent = percent.filter(|percent| *percent > 0.0 && percent.is_finite());
    Ok(percent.with_context(|| format!("`{text}` is no precision; write it as 2% or 0.5%"))? / 100.0)
}

/// A duration such as `90s`, `10m` or `1h`.
///
/// # Errors
/// When it is none.
pub fn duration(text: &str) -> Result<Duration> {
    humantime::parse_duration(text)
        .with_context(|| format!("`{text}` is no duration; write it as 90s, 10m or 1h"))
}
