//! What the names that a person gives for engines stand for: a configuration, a runtime (its usual
//! configuration), a group such as `@jit`, or a pattern.

use crate::engines::{ALL, Configuration, Runtime};
use anyhow::{Result, bail};
use std::collections::BTreeSet;

/// The group that is measured where no engine is named.
pub const DEFAULT: &str = "@default";

/// `wanted` with every group replaced by its engines and every runtime by its usual configuration; names
/// and patterns stay.
///
/// # Errors
/// When there is no such group; the message lists the groups.
pub fn expanded(wanted: &[String], runtimes: &[Runtime]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for name in wanted {
        match name.strip_prefix('@') {
            Some(group) => names.extend(members(group, runtimes)?),
            None => names.push(configuration(name, runtimes).to_owned()),
        }
    }
    Ok(names)
}

fn configurations(runtimes: &[Runtime]) -> impl Iterator<Item = &Configuration> {
    runtimes.iter().flat_map(|runtime| &runtime.configurations)
}

fn members(group: &str, runtimes: &[Runtime]) -> Result<Vec<String>> {
    let is_member = |one: &&Configuration| group == ALL || one.groups.iter().any(|own| own == group);
    let members: Vec<String> =
        configurations(runtimes).filter(is_member).map(|one| one.name.clone()).collect();
    if members.is_empty() {
        let groups = configurations(runtimes).flat_map(|one| &one.groups).map(String::as_str);
        let known: BTreeSet<String> = groups.chain([ALL]).map(|group| format!("@{group}")).collect();
        let known: Vec<String> = known.into_iter().collect();
        bail!("there is no engine group `@{group}`; there is: {}", known.join(", "));
    }
    Ok(members)
}

/// The configuration that `name` stands for, where it is a runtime's and no configuration's.
fn configuration<'a>(name: &'a str, runtimes: &'a [Runtime]) -> &'a str {
    if configurations(runtimes).any(|one| one.name == name) {
        return name;
    }
    let runtime = runtimes.iter().find(|runtime| runtime.name == name);
    runtime.and_then(Runtime::usual).map_or(name, |usual| &usual.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runtimes() -> Vec<Runtime> {
        let folder = tempfile::tempdir().unwrap();
        let one = "homepage = ''\n[[configuration]]\nname = 'one-a'\nlicence = ''\ngroups = ['default', 'jit']\n\
            [[configuration]]\nname = 'one-b'\nlicence = ''\ngroups = ['jit']\nusual = true\n";
        let two = "homepage = ''\n[[configuration]]\nname = 'two'\nlicence = ''\ngroups = ['default']\n";
        let read = |(name, text)| {
            let folder = folder.path().join(name);
            std::fs::create_dir(&folder).unwrap();
            std::fs::write(folder.join("engine.toml"), text).unwrap();
            Runtime::read(&folder).unwrap()
        };
        [("one", one), ("two", two)].map(read).to_vec()
    }

    fn names(wanted: &[&str]) -> Result<Vec<String>> {
        let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
        expanded(&wanted, &runtimes())
    }

    #[test]
    fn groups_and_runtimes_stand_for_configurations() {
        assert_eq!(names(&["@default"]).unwrap(), ["one-a", "two"]);
        assert_eq!(names(&["@jit", "two"]).unwrap(), ["one-a", "one-b", "two"]);
        assert_eq!(names(&["@all"]).unwrap(), ["one-a", "one-b", "two"]);
        assert_eq!(names(&["one"]).unwrap(), ["one-b"]);
        assert_eq!(names(&["one-*", "three"]).unwrap(), ["one-*", "three"]);
    }

    #[test]
    fn an_unknown_group_lists_the_groups() {
        let error = names(&["@jti"]).unwrap_err().to_string();
        assert_eq!(error, "there is no engine group `@jti`; there is: @all, @default, @jit");
    }
}
