//! How times, ratios and bytes are written.

use bench::stats::Estimate;

/// `[low value high]` in the unit that suits the value.
pub fn interval(estimate: &Estimate) -> String {
    let (divisor, unit) = unit(estimate.value);
    let digits = |value: f64| significant(value / divisor);
    format!("[{} {} {}] {unit}", digits(estimate.low), digits(estimate.value), digits(estimate.high))
}

/// A duration in the unit that suits it.
pub fn duration(ns: f64) -> String {
    let (divisor, unit) = unit(ns);
    format!("{} {unit}", significant(ns / divisor))
}

/// The unit that suits `ns`, and what to divide by.
pub fn unit(ns: f64) -> (f64, &'static str) {
    match ns {
        ns if ns < 1e3 => (1.0, "ns"),
        ns if ns < 1e6 => (1e3, "µs"),
        ns if ns < 1e9 => (1e6, "ms"),
        _ => (1e9, "s"),
    }
}

/// Four significant digits, never an exponent.
pub fn significant(value: f64) -> String {
    match value.abs() {
        v if v < 10.0 => format!("{value:.3}"),
        v if v < 100.0 => format!("{value:.2}"),
        v if v < 1000.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// Three significant digits, never an exponent.
pub fn three_digits(value: f64) -> String {
    match value.abs() {
        v if v < 9.995 => format!("{value:.2}"),
        v if v < 99.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// The half width of a ratio's interval from `low` to `high` in percent, at least a tenth: `±0.6%`.
pub fn half_width(low: f64, high: f64) -> String {
    format!("±{}", percent((100.0 * ((high / low).sqrt() - 1.0)).max(0.1)))
}

/// A percentage, with one decimal below ten.
pub fn percent(percent: f64) -> String {
    if percent < 9.95 { format!("{percent:.1}%") } else { format!("{percent:.0}%") }
}

/// A percentage that somebody asked for, such as `5%` or `2.5%`.
pub fn short_percent(percent: f64) -> String {
    format!("{}%", format!("{percent:.1}").trim_end_matches(".0"))
}

/// Bytes with three significant digits, in the decimal unit that suits them.
pub fn bytes(bytes: f64) -> String {
    match bytes {
        b if b < 999.5 => format!("{b:.0} B"),
        b if b < 999.5e3 => format!("{} kB", three_digits(b / 1e3)),
        b if b < 999.5e6 => format!("{} MB", three_digits(b / 1e6)),
        b => format!("{} GB", three_digits(b / 1e9)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_four_digits_and_the_unit_that_suits_them() {
        let shown = [3.7, 61.24, 999.9, 1_234.0, 45_600_000.0, 9_100_000_000.0].map(duration);
        assert_eq!(shown, ["3.700 ns", "61.24 ns", "999.9 ns", "1.234 µs", "45.60 ms", "9.100 s"]);
    }

    #[test]
    fn bytes_have_three_digits_and_the_unit_that_suits_them() {
        let shown = [171.0, 999.6, 15_100.0, 999_600.0, 123_400_000.0, 2e9].map(bytes);
        assert_eq!(shown, ["171 B", "1.00 kB", "15.1 kB", "1.00 MB", "123 MB", "2.00 GB"]);
    }

    #[test]
    fn the_half_width_of_an_interval_is_a_percentage_of_its_ratio() {
        assert_eq!(half_width(1.31 / 1.006, 1.31 * 1.006), "±0.6%");
        assert_eq!(half_width(123.4 / 1.12, 123.4 * 1.12), "±12%");
        assert_eq!(half_width(2.0, 2.0), "±0.1%");
    }
}
