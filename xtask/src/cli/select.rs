//! Names that a person typed against names that there are: wildcards, and a message that lists
//! what there is and the nearest name.

use anyhow::{Result, bail};

/// The names of `known` that `wanted` asks for, in `known`'s order; all of them where nothing
/// is asked for. `*` stands for any text.
///
/// # Errors
/// When a name matches nothing; the message lists all names and the nearest.
pub fn select<'a>(kind: &str, wanted: &[String], known: &[&'a str]) -> Result<Vec<&'a str>> {
    for pattern in wanted {
        if !known.iter().any(|name| matches(pattern, name)) {
            bail!("there is no {kind} `{pattern}`{}; there is: {}", hint(pattern, known), known.join(", "));
        }
    }
    let chosen = |name: &&&str| wanted.is_empty() || wanted.iter().any(|pattern| matches(pattern, name));
    Ok(known.iter().filter(chosen).copied().collect())
}

/// The names that `wanted` asks for, in their order. Each of `known` is a name and its group;
/// `@group` asks for a group, anything else for names as in [`select`].
///
/// # Errors
/// As [`select`], for names and for groups.
pub fn grouped<'a>(kind: &str, wanted: &[String], known: &[(&'a str, String)]) -> Result<Vec<&'a str>> {
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    let mut groups: Vec<String> = known.iter().map(|(_, group)| format!("@{group}")).collect();
    groups.dedup();
    let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
    let (of_groups, of_names): (Vec<String>, Vec<String>) =
        wanted.iter().cloned().partition(|pattern| pattern.starts_with('@'));
    let groups = match of_groups.is_empty() {
        true => Vec::new(),
        false => select(&format!("{kind} group"), &of_groups, &groups)?,
    };
    let names = if of_names.is_empty() { Vec::new() } else { select(kind, &of_names, &names)? };
    let chosen = |(name, group): &&(&str, String)| {
        names.contains(name) || groups.iter().any(|chosen| chosen[1..] == *group)
    };
    Ok(known.iter().filter(chosen).map(|(name, _)| *name).collect())
}

/// The samples that `wanted` asks for: names, wildcards and groups; the group `@core` where nothing
/// is asked for. Each of `known` is a name and its group.
///
/// # Errors
/// As [`grouped`].
pub fn samples(wanted: &[String], known: &[(String, String)]) -> Result<Vec<String>> {
    let usual = ["@core".to_owned()];
    let known: Vec<(&str, String)> =
        known.iter().map(|(name, group)| (name.as_str(), group.clone())).collect();
    let chosen = grouped("sample", if wanted.is_empty() { &usual } else { wanted }, &known)?;
    Ok(chosen.into_iter().map(str::to_owned).collect())
}

/// The one name that is meant.
///
/// # Errors
/// As [`select`].
pub fn one<'a>(kind: &str, wanted: &str, known: &[&'a str]) -> Result<&'a str> {
    match known.iter().find(|name| **name == wanted) {
        Some(name) => Ok(name),
        None => bail!("there is no {kind} `{wanted}`{}; there is: {}", hint(wanted, known), known.join(", ")),
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, tail)) => {
            name.strip_prefix(head).is_some_and(|rest| (0..=rest.len()).any(|at| matches(tail, &rest[at..])))
        }
    }
}

fn hint(wanted: &str, known: &[&str]) -> String {
    let near = known
        .iter()
        .map(|name| (strsim::normalized_damerau_levenshtein(wanted, name), name))
        .filter(|(similarity, _)| *similarity > 0.4)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    near.map(|(_, name)| format!(" (did you mean `{name}`?)")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 3] = ["wasmer-llvm", "wasmer-cranelift", "rust-native"];

    #[test]
    fn nothing_asked_for_means_everything() {
        assert_eq!(select("engine", &[], &KNOWN).unwrap(), KNOWN);
    }

    #[test]
    fn a_star_stands_for_any_text() {
        assert_eq!(select("engine", &["wasmer-*".into()], &KNOWN).unwrap(), KNOWN[..2]);
        assert_eq!(select("engine", &["*native".into()], &KNOWN).unwrap(), KNOWN[2..]);
    }

    #[test]
    fn groups_and_names_may_be_mixed() {
        let known = [("nop", "core"), ("sort", "core"), ("alloc", "kernels"), ("scale-10", "scale")];
        let known = known.map(|(name, group)| (name, group.to_owned()));
        let chosen = |wanted: &[&str]| {
            let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
            grouped("sample", &wanted, &known)
        };
        assert_eq!(chosen(&["@core"]).unwrap(), ["nop", "sort"]);
        assert_eq!(chosen(&["scale-*", "@kernels", "nop"]).unwrap(), ["nop", "alloc", "scale-10"]);
        let error = chosen(&["@kernel"]).unwrap_err().to_string();
        assert_eq!(
            error,
            "there is no sample group `@kernel` (did you mean `@kernels`?); there is: @core, @kernels, @scale"
        );
    }

    #[test]
    fn an_unknown_name_lists_what_there_is_and_the_nearest() {
        let error = select("engine", &["wasmer-lvm".into()], &KNOWN).unwrap_err().to_string();
        assert_eq!(
            error,
            "there is no engine `wasmer-lvm` (did you mean `wasmer-llvm`?); \
             there is: wasmer-llvm, wasmer-cranelift, rust-native"
        );
    }
}
