//! The arguments of `--invoke NAME ARG…` and the values of `--expect VALUE…`. Clap reads `-0x10`, `-1e-5`, `-.5` and `-inf` as options;
//! with `allow_hyphen_values` it would read the options that follow as arguments. So the arguments are
//! recognised here, and each is passed to clap unchanged, as the value of a hidden option.

use std::ffi::{OsStr, OsString};
use std::iter::Peekable;

const INVOKE: &str = "--invoke";
const ARGUMENT: &str = "--invoke-argument=";
const EXPECT: &str = "--expect";
const EXPECTED: &str = "--expect=";
/// The option whose value may look like any option.
const TAKES_ANYTHING: &str = "--arg";

/// `arguments` with those of `--invoke` in options of their own.
pub fn separated(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut rest = arguments.into_iter().peekable();
    let mut separated = Vec::new();
    while let Some(argument) = rest.next() {
        if argument == "--" {
            separated.push(argument);
            break;
        }
        if argument == TAKES_ANYTHING {
            separated.push(argument);
            separated.extend(rest.next());
            continue;
        }
        if argument == EXPECT && rest.peek().is_some_and(|next| is_value(next)) {
            values_into(EXPECTED, &mut rest, &mut separated);
            continue;
        }
        let named = argument == INVOKE;
        let with_name = argument.to_str().is_some_and(|text| text.starts_with("--invoke="));
        separated.push(argument);
        if named && rest.peek().is_some_and(|next| is_value(next)) {
            let mut with_name = OsString::from("--invoke=");
            with_name.push(rest.next().unwrap_or_default());
            separated.pop();
            separated.push(with_name);
        }
        if named || with_name {
            values_into(ARGUMENT, &mut rest, &mut separated);
        }
    }
    separated.extend(rest);
    separated
}

/// Moves the values that come next into options of their own, which begin with `option`.
fn values_into(
    option: &str,
    rest: &mut Peekable<impl Iterator<Item = OsString>>,
    separated: &mut Vec<OsString>,
) {
    while let Some(value) = rest.next_if(|next| is_value(next)) {
        let mut argument = OsString::from(option);
        argument.push(value);
        separated.push(argument);
    }
}

/// Whether it is no option: it begins with another character than `-`, or with a negative number.
fn is_value(argument: &OsStr) -> bool {
    let Some(rest) = argument.as_encoded_bytes().strip_prefix(b"-") else { return true };
    let is_word = |word: &str| rest.eq_ignore_ascii_case(word.as_bytes());
    match rest {
        [] | [b'0'..=b'9', ..] | [b'.', b'0'..=b'9', ..] => true,
        _ => is_word("inf") || is_word("infinity") || is_word("nan"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<OsString> {
        text.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn negative_numbers_are_arguments_and_options_are_not() {
        let typed = "bench --invoke f -0x10 -1e-5 x -.5 -1e+5 -inf - --quick -v 7";
        let wanted = "bench --invoke=f --invoke-argument=-0x10 --invoke-argument=-1e-5 --invoke-argument=x \
                      --invoke-argument=-.5 --invoke-argument=-1e+5 --invoke-argument=-inf \
                      --invoke-argument=- --quick -v 7";
        assert_eq!(separated(words(typed)), words(wanted));
    }

    #[test]
    fn what_belongs_to_another_option_or_follows_two_dashes_is_left_alone() {
        let typed = "bench --arg --invoke --arg -inf -- --invoke f -1";
        assert_eq!(separated(words(typed)), words(typed));
        assert_eq!(separated(words("--invoke --quick f")), words("--invoke --quick f"));
        let expected = words("--expect=-5 --expect=-inf --expect=x --quick");
        assert_eq!(separated(words("--expect -5 -inf x --quick")), expected);
        assert_eq!(separated(words("--invoke=f -1")), words("--invoke=f --invoke-argument=-1"));
    }
}
