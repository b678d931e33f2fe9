//! What the names that a person gives for engines stand for: a configuration, a runtime (its usual
//! configuration), a group such as `@jit`, or a pattern.

use crate::cli::measure::EngineChoice;
use crate::cli::select;
use crate::cli::values::wrong_value;
use crate::engines::{ALL, Configuration, Runtime, names};
use std::collections::BTreeSet;

/// The group that is measured where no engine is named.
pub const DEFAULT: &str = "@default";
/// The group of every engine.
pub const EVERY: &str = "@all";

/// The engines that `choice` asks for; those of the group `default` where it names none.
///
/// # Errors
/// When a name or a group matches nothing, or nothing is left.
pub fn chosen<'a>(
    choice: &EngineChoice,
    default: &str,
    runtimes: &'a [Runtime],
) -> Result<Vec<&'a str>, clap::Error> {
    let default = [default.to_owned()];
    let wanted = if choice.names.is_empty() { &default } else { choice.names.as_slice() };
    let names_alone = EngineChoice {
        names: expanded("--engines <NAME>", wanted, runtimes)?,
        exclude: expanded("--exclude <NAME>", &choice.exclude, runtimes)?,
        ..choice.clone()
    };
    select::engines(&names_alone, &names(runtimes))
}

/// `wanted` with every group replaced by its engines and every runtime by its usual configuration; names
/// and patterns stay.
///
/// # Errors
/// When there is no such group; the message lists the groups.
fn expanded(flag: &str, wanted: &[String], runtimes: &[Runtime]) -> Result<Vec<String>, clap::Error> {
    let mut names: Vec<String> = Vec::new();
    for name in wanted {
        match name.strip_prefix('@') {
            Some(group) => names.extend(members(flag, group, runtimes)?),
            None => names.push(configuration(name, runtimes).to_owned()),
        }
    }
    Ok(names)
}

fn configurations(runtimes: &[Runtime]) -> impl Iterator<Item = &Configuration> {
    runtimes.iter().flat_map(|runtime| &runtime.configurations)
}

fn members(flag: &str, group: &str, runtimes: &[Runtime]) -> Result<Vec<String>, clap::Error> {
    let is_member = |one: &&Configuration| group == ALL || one.groups.iter().any(|own| own == group);
    let members: Vec<String> =
        configurations(runtimes).filter(is_member).map(|one| one.name.clone()).collect();
    if members.is_empty() {
        let groups = configurations(runtimes).flat_map(|one| &one.groups).map(String::as_str);
        let known: BTreeSet<String> = groups.chain([ALL]).map(|group| format!("@{group}")).collect();
        let known: Vec<String> = known.into_iter().collect();
        let reason = format!("there is no such group; the groups are {}", known.join(", "));
        return Err(wrong_value(flag, &format!("@{group}"), &reason));
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
    use crate::engines::read_folder;

    fn runtimes() -> Vec<Runtime> {
        let folder = tempfile::tempdir().unwrap();
        let one = "homepage = ''\n[[configuration]]\nname = 'one-a'\nlicence = ''\ngroups = ['default', 'jit']\n\
            [[configuration]]\nname = 'one-b'\nlicence = ''\ngroups = ['jit']\nusual = true\n";
        let two = "homepage = ''\n[[configuration]]\nname = 'two'\nlicence = ''\ngroups = ['default']\n";
        let read = |(name, text)| {
            let folder = folder.path().join(name);
            std::fs::create_dir(&folder).unwrap();
            std::fs::write(folder.join("engine.toml"), text).unwrap();
            read_folder(&folder).unwrap()
        };
        [("one", one), ("two", two)].map(read).to_vec()
    }

    fn of(wanted: &[&str]) -> Result<Vec<String>, String> {
        let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
        expanded("--engines <NAME>", &wanted, &runtimes()).map_err(|error| error.to_string())
    }

    #[test]
    fn groups_and_runtimes_stand_for_configurations() {
        assert_eq!(of(&["@default"]).unwrap(), ["one-a", "two"]);
        assert_eq!(of(&["@jit", "two"]).unwrap(), ["one-a", "one-b", "two"]);
        assert_eq!(of(&["@all"]).unwrap(), ["one-a", "one-b", "two"]);
        assert_eq!(of(&["one"]).unwrap(), ["one-b"]);
        assert_eq!(of(&["one-*", "three"]).unwrap(), ["one-*", "three"]);
    }

    #[test]
    fn an_unknown_group_lists_the_groups() {
        let error = of(&["@jti"]).unwrap_err();
        assert!(error.contains("'@jti' for '--engines <NAME>'"), "{error}");
        assert!(error.contains("the groups are @all, @default, @jit"), "{error}");
    }
}
