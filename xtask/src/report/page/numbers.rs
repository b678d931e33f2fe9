//! Numbers as the page's data have them: short, since there are many.

use serde_json::{Number, Value, json};

/// `value` with four significant digits; whole where it can be.
pub fn number(value: f64) -> Value {
    if !value.is_finite() {
        return Value::Null;
    }
    if value == 0.0 {
        return json!(0);
    }
    let digits = 3.0 - value.abs().log10().floor();
    // Powers of ten are exact where they are whole.
    let rounded = if digits >= 0.0 {
        (value * 10_f64.powf(digits)).round() / 10_f64.powf(digits)
    } else {
        (value / 10_f64.powf(-digits)).round() * 10_f64.powf(-digits)
    };
    whole(rounded).unwrap_or_else(|| Number::from_f64(rounded).map_or(Value::Null, Value::Number))
}

#[allow(clippy::cast_possible_truncation, reason = "checked to be in range")]
fn whole(value: f64) -> Option<Value> {
    let is_whole = value.fract() == 0.0 && value.abs() < 9e15;
    is_whole.then(|| Value::from(value as i64))
}

/// Several of them.
pub fn numbers(values: &[f64]) -> Value {
    values.iter().map(|value| number(*value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_keep_four_digits() {
        let shown = [0.0, 1.0, 1.234_56, 0.000_123_456, 123_456.0, 999_960.0, f64::NAN];
        let shown = shown.map(|value| number(value).to_string());
        assert_eq!(shown, ["0", "1", "1.235", "0.0001235", "123500", "1000000", "null"]);
    }
}
