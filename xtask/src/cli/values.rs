//! Parsers of values for clap, which adds the option's name to each message, and errors for wrong
//! usage that is found after clap.

use clap::error::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

/// A fraction, from a percentage such as `2%`.
///
/// # Errors
/// When it is none, or not greater than zero.
pub fn fraction(text: &str) -> Result<f64, String> {
    let percent = text.strip_suffix('%').unwrap_or(text).trim().parse::<f64>().ok();
    let percent = percent.filter(|percent| *percent > 0.0 && percent.is_finite());
    Ok(percent.ok_or("expected a percentage such as 2% or 0.5%")? / 100.0)
}

/// A duration such as `90s`, `10m` or `1h`.
///
/// # Errors
/// When it is none.
pub fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|_| "expected a duration such as 90s, 10m or 1h".to_owned())
}

/// A duration that is not zero.
///
/// # Errors
/// When it is none, or zero.
pub fn positive_duration(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("expected a duration longer than zero, such as 10s or 2m".to_owned()),
        duration => Ok(duration),
    }
}

/// A variable of an environment.
///
/// # Errors
/// When it has no name or no value.
pub fn variable(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = pair.ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// A folder here, and its name there.
///
/// # Errors
/// When one of them is missing.
pub fn folder(text: &str) -> Result<(PathBuf, String), String> {
    let pair = text.split_once("::").filter(|(host, guest)| !host.is_empty() && !guest.is_empty());
    let (host, guest) = pair
        .filter(|(_, guest)| !guest.contains("::"))
        .ok_or("expected HOST::GUEST, such as ./data::/data, with one `::`")?;
    Ok((host.into(), guest.to_owned()))
}

/// The name of a baseline: a plain file name.
///
/// # Errors
/// When it is none.
pub fn baseline_name(text: &str) -> Result<String, String> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    let is_plain = !text.is_empty() && text.chars().all(plain) && !text.starts_with(['.', '-']);
    is_plain
        .then(|| text.to_owned())
        .ok_or_else(|| "expected letters, digits, `.`, `_` and `-`, such as main or v1.2".to_owned())
}

/// Wrong usage that is found after clap has parsed the command line.
pub fn wrong_usage(message: &str) -> clap::Error {
    clap::Error::raw(
        ErrorKind::ValueValidation,
        format!("{message}\n\nFor more information, try '--help'.\n"),
    )
}

/// The value `value` of the option `flag` is wrong for `reason`.
pub fn wrong_value(flag: &str, value: &str, reason: &str) -> clap::Error {
    wrong_usage(&format!("invalid value '{value}' for '{flag}': {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_positive_numbers_with_or_without_their_sign() {
        assert_eq!(fraction("2%"), Ok(0.02));
        assert_eq!(fraction("0.5"), Ok(0.005));
        for wrong in ["0", "-1%", "inf", "nan", "much", "%"] {
            assert!(fraction(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_baseline_is_named_like_a_plain_file() {
        assert_eq!(baseline_name("v1.2_x-y"), Ok("v1.2_x-y".into()));
        for wrong in ["", ".", "..", "a/b", "-x", "a b", "ü"] {
            assert!(baseline_name(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn pairs_need_both_parts() {
        assert_eq!(variable("K=V=W"), Ok(("K".into(), "V=W".into())));
        assert_eq!(variable("K="), Ok(("K".into(), String::new())));
        assert!(variable("HOME").is_err() && variable("=x").is_err());
        assert_eq!(folder("./a::/b"), Ok(("./a".into(), "/b".into())));
        assert!(folder("/a").is_err() && folder("::/b").is_err() && folder("a::").is_err());
        assert!(folder("a::/x::/y").is_err());
    }
}
