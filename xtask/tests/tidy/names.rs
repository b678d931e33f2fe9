//! Rules about names: no engine is named outside its folder, and no two public types are called
//! the same.

use crate::crates;
use crate::syntax;
use crate::tree::{REPOSITORY, Tree, Violation, is_within, require};
use regex::{Regex, RegexBuilder};
use std::collections::BTreeMap;

/// Where no engine may be named.
const SOURCES: &[&str] = &["xtask/src", "bench/src"];

/// Files of `SOURCES` that may name engines, and why.
const MAY_NAME_ENGINES: &[(&str, &str)] =
    &[("xtask/src/cli/examples.rs", "the examples in --help, which a test compares with the engines")];

/// Names of runtime folders that are ordinary words as well.
const ORDINARY_WORDS: &[&str] = &["native"];

/// Types that may share a name, and why.
const MAY_SHARE_A_NAME: &[(&str, &str)] = &[];

/// The names of the runtimes' folders and of the engine configurations in their `engine.toml`.
fn engine_names(tree: &Tree) -> Vec<String> {
    let mut names = Vec::new();
    for folder in tree.folders_in("bench/engines") {
        let Some(file) = tree.get(&format!("bench/engines/{folder}/engine.toml")) else { continue };
        let table: toml::Table = file.text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.path));
        let configurations = table.get("configuration").and_then(toml::Value::as_array);
        let name = |table: &toml::Value| table.get("name")?.as_str().map(str::to_owned);
        names.push(folder.to_owned());
        names.extend(configurations.into_iter().flatten().filter_map(name));
    }
    names.retain(|name| !ORDINARY_WORDS.contains(&name.as_str()));
    names
}

/// Finds any of the names, with `-` or `_` between its parts, in small or capital letters.
fn pattern(names: &[String]) -> Regex {
    let mut names: Vec<String> =
        names.iter().map(|name| regex::escape(name).replace(r"\-", "[-_]")).collect();
    // The longest first, since the first that fits is reported.
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    let pattern = format!(r"(?:^|[^[:alnum:]])({})(?:[^[:alnum:]]|$)", names.join("|"));
    RegexBuilder::new(&pattern).case_insensitive(true).build().unwrap()
}

fn named_engines(tree: &Tree) -> Vec<Violation> {
    let pattern = pattern(&engine_names(tree));
    let for_tests: Vec<String> = crates::all(tree)
        .iter()
        .flat_map(|found| found.modules.values())
        .filter(|module| module.part.test && module.part.path.is_empty())
        .map(|module| module.file.clone())
        .collect();
    let checked = tree.rust().filter(|file| {
        SOURCES.iter().any(|place| is_within(&file.path, place))
            && !MAY_NAME_ENGINES.iter().any(|(path, _)| file.path == *path)
            && !for_tests.contains(&file.path)
    });
    let mut violations = Vec::new();
    for file in checked {
        let hits: Vec<_> = pattern.captures_iter(&file.text).map(|found| found.get(1).unwrap()).collect();
        if hits.is_empty() {
            continue;
        }
        let tests = syntax::test_lines(&file.text, &file.path);
        let in_test = |line| tests.iter().any(|&(first, last)| (first..=last).contains(&line));
        violations.extend(hits.into_iter().filter_map(|name| {
            let (line, _) = file.line_at(name.start());
            (!in_test(line))
                .then(|| Violation::new(&file.path, line, format!("names the engine `{}`", name.as_str())))
        }));
    }
    violations
}

/// Public types of the workspace's members that share a name with another one.
fn shared_names(tree: &Tree) -> Vec<Violation> {
    let mut types: BTreeMap<String, Vec<(String, usize)>> = BTreeMap::new();
    let sources: Vec<String> = members(tree).iter().map(|member| format!("{member}/src/")).collect();
    for found in
        crates::all(tree).iter().filter(|found| sources.iter().any(|source| is_within(&found.root, source)))
    {
        for module in found.modules.values().filter(|module| !module.part.test) {
            for found in &module.part.types {
                types.entry(found.name.clone()).or_default().push((module.file.clone(), found.line));
            }
        }
    }
    types.retain(|name, _| !MAY_SHARE_A_NAME.iter().any(|(allowed, _)| name == allowed));
    let mut violations = Vec::new();
    for (name, mut places) in types {
        places.sort();
        places.dedup();
        let first = places[0].clone();
        violations.extend(places.into_iter().skip(1).map(|(path, line)| {
            Violation::new(
                &path,
                line,
                format!("`{name}` is the name of a type in {}:{} too", first.0, first.1),
            )
        }));
    }
    violations
}

/// The folders of the workspace's members.
fn members(tree: &Tree) -> Vec<String> {
    let manifest: toml::Table =
        tree.get("Cargo.toml").map(|file| file.text.parse().unwrap()).unwrap_or_default();
    let members = manifest.get("workspace").and_then(|workspace| workspace.get("members"));
    let members = members.and_then(toml::Value::as_array).cloned().unwrap_or_default();
    members.iter().filter_map(|member| member.as_str().map(str::to_owned)).collect()
}

#[test]
fn no_engine_is_named_outside_its_folder() {
    require(
        named_engines(&REPOSITORY),
        "let engine.toml say what is special about the engine; examples of --help stand in cli/examples.rs",
    );
}

#[test]
fn no_two_public_types_share_a_name() {
    require(
        shared_names(&REPOSITORY),
        "give one of the two the word of its field (see the words in words.rs)",
    );
}

#[test]
fn an_engine_named_in_the_coordinator_is_found() {
    let tree = Tree::of(&[
        ("xtask/Cargo.toml", "[package]\n"),
        ("bench/engines/fast/engine.toml", "[[configuration]]\nname = \"fast-jit\"\n"),
        ("bench/engines/native/engine.toml", "[[configuration]]\nname = \"rust-native\"\n"),
        ("bench/engines/fast/src/main.rs", "//! fast\n"),
        (
            "xtask/src/main.rs",
            "//! Runs fast-jit.\nmod a;\nmod cli;\n#[cfg(test)]\nmod b;\n// native; breakfast; faster\nfn fast_jit() {}\n",
        ),
        (
            "xtask/src/a.rs",
            "//! Fast's own.\n#[cfg(test)]\nmod tests {\n    const NAME: &str = \"fast\";\n}\n",
        ),
        ("xtask/src/b.rs", "//! fast\n"),
        ("xtask/src/cli/examples.rs", "//! fast-jit\n"),
        ("bench/src/a.rs", "const BASE: &str = \"rust-native\";\n"),
    ]);
    let found: Vec<String> = named_engines(&tree).iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "xtask/src/main.rs:1: names the engine `fast-jit`",
            "xtask/src/main.rs:7: names the engine `fast_jit`",
            "xtask/src/a.rs:1: names the engine `Fast`",
            "bench/src/a.rs:1: names the engine `rust-native`",
        ]
    );
}

#[test]
fn two_public_types_of_one_name_are_found() {
    let tree = Tree::of(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\n"),
        ("a/Cargo.toml", "[package]\n"),
        (
            "a/src/lib.rs",
            "pub struct Size;\nstruct Own;\npub struct Kind;\n#[cfg(test)]\nmod tests {\n    pub struct Engine;\n}\n",
        ),
        ("b/Cargo.toml", "[package]\n"),
        ("b/src/main.rs", "mod c;\npub struct Own;\npub trait Engine {}\n"),
        ("b/src/c.rs", "pub(crate) enum Size {}\nx::named_enum! { pub enum Kind { A = \"a\" } }\n"),
        ("c/Cargo.toml", "[package]\n"),
        ("c/src/main.rs", "pub trait Engine {}\n"),
    ]);
    let found = |name: &str, first: usize, second: usize| {
        let what = format!("`{name}` is the name of a type in a/src/lib.rs:{first} too");
        Violation::new("b/src/c.rs", second, what)
    };
    assert_eq!(shared_names(&tree), [found("Kind", 3, 2), found("Size", 1, 1)]);
}
