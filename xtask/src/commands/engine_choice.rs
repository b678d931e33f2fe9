//! What the names that a person gives for engines stand for: a configuration, a runtime (its usual
//! configuration), a group such as `@jit`, or a pattern; and the options behind a name.

use crate::cli::measure::{CompileThreads, EngineChoice};
use crate::cli::select;
use crate::cli::values::wrong_value;
use crate::engines::{self, ALL, Configuration, Runtime, ThreadValues, names};
use crate::host::paths::Paths;
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};

/// The group that is measured where no engine is named.
pub const DEFAULT: &str = "@default";
/// The group of every engine.
pub const EVERY: &str = "@all";

/// Reads every engine folder, and adds the engines with options that `choice` asks for, where the group `default`
/// stands for no name.
///
/// # Errors
/// When a folder cannot be read, or an option is wrong.
pub fn read(choice: &EngineChoice, default: &str, paths: &Paths) -> Result<Vec<Runtime>> {
    let mut runtimes = engines::read(paths)?;
    let wanted = expanded("--engines <NAME>", &wanted(choice, default)?, &runtimes)?;
    wanted.iter().for_each(|name| engines::add(name, &mut runtimes));
    if choice.compile_threads.is_some() {
        for name in chosen(choice, default, &runtimes.clone())? {
            engines::add(&with_threads(name, choice, &runtimes), &mut runtimes);
        }
    }
    Ok(runtimes)
}

/// The names that are asked for, each set of the file with sets replaced by its names.
fn wanted(choice: &EngineChoice, default: &str) -> Result<Vec<String>> {
    let libraries = engines::versions::library_names(&choice.libraries);
    Ok(named(choice, default)?.into_iter().chain(libraries).collect())
}

/// The same without the libraries that are given besides.
fn named(choice: &EngineChoice, default: &str) -> Result<Vec<String>> {
    if choice.names.is_empty() {
        return Ok(vec![default.to_owned()]);
    }
    let Some(file) = &choice.sets else { return Ok(choice.names.clone()) };
    let text = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let sets: BTreeMap<String, Vec<String>> =
        toml::from_str(&text).with_context(|| format!("understanding {}", file.display()))?;
    let names = choice.names.iter().flat_map(|name| {
        let set = name.strip_prefix('@').and_then(|name| sets.get(name));
        set.cloned().unwrap_or_else(|| vec![name.clone()])
    });
    Ok(names.collect())
}

/// `name` with the number of compile threads that `choice` asks for.
fn with_threads(name: &str, choice: &EngineChoice, runtimes: &[Runtime]) -> String {
    let value: fn(&ThreadValues) -> &str = match choice.compile_threads {
        Some(CompileThreads::One) => |values| &values.one,
        Some(CompileThreads::All) => |values| &values.all,
        None => return name.to_owned(),
    };
    engines::with_threads(name, value, runtimes)
}

/// The engines of `runtimes`, which [`read`] has read, that `choice` asks for; those of the group `default` where it names none.
///
/// # Errors
/// When a name or a group matches nothing, or nothing is left.
pub fn chosen<'a>(choice: &EngineChoice, default: &str, runtimes: &'a [Runtime]) -> Result<Vec<&'a str>> {
    let names_alone = EngineChoice {
        names: expanded("--engines <NAME>", &wanted(choice, default)?, runtimes)?,
        exclude: expanded("--exclude <NAME>", &choice.exclude, runtimes)?,
        ..choice.clone()
    };
    let known = names(runtimes);
    let chosen = select::engines(&names_alone, &known)?.into_iter().map(|name| {
        let threaded = with_threads(name, choice, runtimes);
        known.iter().copied().find(|known| *known == threaded).unwrap_or(name)
    });
    let mut unique = BTreeSet::new();
    Ok(chosen.filter(|name| unique.insert(*name)).collect())
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
            None => {
                let exact =
                    engines::normalised(name, runtimes).map_err(|reason| wrong_value(flag, name, &reason))?;
                names.push(configuration(&exact, runtimes).to_owned());
            }
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
