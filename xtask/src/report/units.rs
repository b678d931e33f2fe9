//! How times are written: four significant digits and the unit that suits them.

use bench::stats::Estimate;

/// `[low median high]` in the unit that suits the median.
pub fn interval(estimate: &Estimate) -> String {
    let (divisor, unit) = unit(estimate.median);
    let digits = |value: f64| significant(value / divisor);
    format!("[{} {} {}] {unit}", digits(estimate.low), digits(estimate.median), digits(estimate.high))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_four_digits_and_the_unit_that_suits_them() {
        let shown = [3.7, 61.24, 999.9, 1_234.0, 45_600_000.0, 9_100_000_000.0].map(duration);
        assert_eq!(shown, ["3.700 ns", "61.24 ns", "999.9 ns", "1.234 µs", "45.60 ms", "9.100 s"]);
    }
}
