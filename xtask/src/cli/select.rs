//! Finds the engines and samples that names, wildcards and groups stand for. A name that matches
//! nothing is wrong usage; the message names the option, the nearest name and all names.

use super::flags::Cli;
use super::measure::EngineChoice;
use super::values::wrong_usage;
use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use wildmatch::WildMatch;

/// The engines of `known` that are asked for and not excluded, in `known`'s order; all where none is
/// asked for.
///
/// # Errors
/// When a name matches nothing, or nothing is left.
pub fn engines<'a>(choice: &EngineChoice, known: &[&'a str]) -> Result<Vec<&'a str>, clap::Error> {
    let wanted = match choice.names.as_slice() {
        [] => known.to_vec(),
        names => select("--engines <NAME>", names, known)?,
    };
    let excluded = select("--exclude <NAME>", &choice.exclude, known)?;
    let left: Vec<&str> = wanted.into_iter().filter(|name| !excluded.contains(name)).collect();
    if left.is_empty() {
        return Err(wrong_usage("--exclude leaves no engine of those that --engines names"));
    }
    Ok(left)
}

/// The samples that `wanted` asks for: names, wildcards and groups such as `@kernels`; the group
/// `@core` where nothing is asked for. Each of `known` is a name and its group.
///
/// # Errors
/// When a name or a group matches nothing.
pub fn samples(wanted: &[String], known: &[(String, String)]) -> Result<Vec<String>, clap::Error> {
    const FLAG: &str = "--samples <NAME>";
    let usual = ["@core".to_owned()];
    let wanted = if wanted.is_empty() { &usual } else { wanted };
    let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
    let mut groups: Vec<String> = known.iter().map(|(_, group)| format!("@{group}")).collect();
    groups.dedup();
    let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
    let (of_groups, of_names): (Vec<String>, Vec<String>) =
        wanted.iter().cloned().partition(|pattern| pattern.starts_with('@'));
    let groups = select(FLAG, &of_groups, &groups)?;
    let names = select(FLAG, &of_names, &names)?;
    let chosen = |(name, group): &&(String, String)| {
        names.contains(&name.as_str()) || groups.iter().any(|chosen| chosen[1..] == *group)
    };
    Ok(known.iter().filter(chosen).map(|(name, _)| name.clone()).collect())
}

/// The names of `known` that match one of `patterns`, in `known`'s order.
fn select<'a>(flag: &str, patterns: &[String], known: &[&'a str]) -> Result<Vec<&'a str>, clap::Error> {
    let matchers: Vec<WildMatch> = patterns.iter().map(|pattern| WildMatch::new(pattern)).collect();
    for (pattern, matcher) in patterns.iter().zip(&matchers) {
        if !known.iter().any(|name| matcher.matches(name)) {
            return Err(unknown(flag, pattern, known));
        }
    }
    let chosen = |name: &&&str| matchers.iter().any(|matcher| matcher.matches(name));
    Ok(known.iter().filter(chosen).copied().collect())
}

/// The message that clap itself makes where it knows the names.
fn unknown(flag: &str, wanted: &str, known: &[&str]) -> clap::Error {
    // Clap takes an empty value for a missing one.
    let wanted = if wanted.is_empty() { " " } else { wanted };
    let mut error = clap::Error::new(ErrorKind::InvalidValue).with_cmd(&Cli::command());
    error.insert(ContextKind::InvalidArg, ContextValue::String(flag.to_owned()));
    error.insert(ContextKind::InvalidValue, ContextValue::String(wanted.to_owned()));
    let names = known.iter().map(|name| (*name).to_owned()).collect();
    error.insert(ContextKind::ValidValue, ContextValue::Strings(names));
    if let Some(near) = nearest(wanted, known) {
        error.insert(ContextKind::SuggestedValue, ContextValue::String(near.to_owned()));
    }
    error
}

fn nearest<'a>(wanted: &str, known: &[&'a str]) -> Option<&'a str> {
    let near = known
        .iter()
        .map(|name| (strsim::normalized_damerau_levenshtein(wanted, name), *name))
        .filter(|(similarity, _)| *similarity > 0.4)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    near.map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 3] = ["wasmer-llvm", "wasmer-cranelift", "rust-native"];

    fn chosen(names: &[&str], exclude: &[&str]) -> Result<Vec<&'static str>, String> {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let choice = EngineChoice { names: owned(names), exclude: owned(exclude), ..EngineChoice::default() };
        engines(&choice, &KNOWN).map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_asked_for_means_everything_and_wildcards_match() {
        assert_eq!(chosen(&[], &[]).unwrap(), KNOWN);
        assert_eq!(chosen(&["wasmer-*"], &[]).unwrap(), KNOWN[..2]);
        assert_eq!(chosen(&["*native", "wasmer-????"], &[]).unwrap(), ["wasmer-llvm", "rust-native"]);
    }

    #[test]
    fn what_is_excluded_is_left_out_and_something_must_be_left() {
        assert_eq!(chosen(&[], &["wasmer-*"]).unwrap(), KNOWN[2..]);
        assert_eq!(chosen(&["wasmer-*"], &["*llvm"]).unwrap(), KNOWN[1..2]);
        assert!(chosen(&["wasmer-*"], &["wasmer-*"]).unwrap_err().contains("--exclude leaves no engine"));
    }

    #[test]
    fn groups_and_names_may_be_mixed() {
        let known = [("nop", "core"), ("sort", "core"), ("alloc", "kernels"), ("scale-10", "scale")];
        let known = known.map(|(name, group)| (name.to_owned(), group.to_owned()));
        let chosen = |wanted: &[&str]| {
            let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
            samples(&wanted, &known).map_err(|error| error.to_string())
        };
        assert_eq!(chosen(&[]).unwrap(), ["nop", "sort"]);
        assert_eq!(chosen(&["scale-*", "@kernels", "nop"]).unwrap(), ["nop", "alloc", "scale-10"]);
        let error = chosen(&["@kernel"]).unwrap_err();
        assert!(error.contains("invalid value '@kernel' for '--samples <NAME>'"), "{error}");
        assert!(error.contains("'@kernels'") && error.contains("@core, @kernels, @scale"), "{error}");
    }

    #[test]
    fn an_unknown_name_lists_what_there_is_and_the_nearest() {
        let error = chosen(&[], &["wasmer-lvm"]).unwrap_err();
        assert!(error.contains("invalid value 'wasmer-lvm' for '--exclude <NAME>'"), "{error}");
        assert!(error.contains("a similar value exists: 'wasmer-llvm'"), "{error}");
        assert!(error.contains("wasmer-llvm, wasmer-cranelift, rust-native"), "{error}");
    }
}
