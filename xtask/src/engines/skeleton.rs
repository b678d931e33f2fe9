//! New engine folders: the checkout's example under other names, so that what is written is a worker
//! that the conformance suite has passed.

use super::check::is_name;
use super::runtime::{Configuration, Runtime};
use crate::host::paths::Paths;
use crate::host::{cargo, files};
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};

/// Begins the `engine.toml` of a new folder.
const HEADING: &str = "# Written by `cargo xtask engines --new`: another runtime's worker under a new name, to start\n\
    # from. docs/adding-an-engine.md says what every part is for.\n";

/// Writes an engine folder to `folder` and gives the names of its engines.
///
/// # Errors
/// When `folder` holds something already, its name is no name for an engine or taken, or a file cannot
/// be written.
pub fn write(folder: &Path, runtimes: &[Runtime], paths: &Paths) -> Result<Vec<String>> {
    let folder = std::path::absolute(folder)?;
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    ensure!(is_name(&name), "`{name}` is no name for an engine: lower case, digits and hyphens");
    let holds_something = fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some());
    ensure!(!holds_something && !folder.is_file(), "{} is there already", folder.display());
    let example = runtimes.iter().find(|one| one.example).context("no engine folder is an `example`")?;
    let names = renamed(example, &name);
    for taken in
        runtimes.iter().flat_map(|one| one.configurations.iter().map(|it| &it.name).chain([&one.name]))
    {
        if *taken == name || names.iter().any(|(_, new)| new == taken) {
            bail!("there is an engine named `{taken}` already; choose another name for the folder");
        }
    }
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    // As other programs know it, so that paths from it lead where they should.
    let folder = folder.canonicalize()?;
    for file in files::sources(&example.folder)? {
        let inside = file.strip_prefix(&example.folder).unwrap_or(&file);
        let to = folder.join(inside);
        let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        let text = match inside.to_str() {
            Some("engine.toml") => format!("{HEADING}{}", without_example(&with_names(&text, &names))),
            Some("Cargo.toml") => with_paths(&text, &example.folder, &folder, paths)?,
            Some("Cargo.lock") => text,
            _ => with_names(&text, &names),
        };
        fs::create_dir_all(to.parent().unwrap_or(&folder))?;
        fs::write(&to, text).with_context(|| format!("writing {}", to.display()))?;
    }
    // A longer name breaks lines elsewhere.
    let mut fmt = cargo::inherited();
    fmt.args(["fmt", "--manifest-path"]).arg(folder.join("Cargo.toml"));
    let formatted = fmt.args(["--", "--config-path"]).arg(&paths.root).status();
    ensure!(formatted.context("running cargo fmt")?.success(), "cargo fmt failed in {}", folder.display());
    Ok(names.into_iter().map(|(_, new)| new).collect())
}

/// The example's names and the new ones: `name` for the usual configuration, `name-other` for others.
/// Longer names come first, so that none is replaced inside another.
fn renamed(example: &Runtime, name: &str) -> Vec<(String, String)> {
    let usual = example.usual().map(|one| &one.name);
    let new = |one: &Configuration| {
        let own = one.name.strip_prefix(&format!("{}-", example.name)).unwrap_or(&one.name);
        if Some(&one.name) == usual { name.to_owned() } else { format!("{name}-{own}") }
    };
    let mut names: Vec<_> = example.configurations.iter().map(|one| (one.name.clone(), new(one))).collect();
    names.sort_by_key(|(old, _)| std::cmp::Reverse(old.len()));
    names
}

fn with_names(text: &str, names: &[(String, String)]) -> String {
    names.iter().fold(text.to_owned(), |text, (old, new)| text.replace(old, new))
}

/// Without the line that makes the folder the example, and the comment above it.
fn without_example(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines() {
        if line.trim() != "example = true" {
            lines.push(line);
            continue;
        }
        while lines.last().is_some_and(|line| line.starts_with('#')) {
            lines.pop();
        }
        if lines.last().is_some_and(|line| line.is_empty()) {
            lines.pop();
        }
    }
    lines.join("\n") + "\n"
}

/// The manifest with its paths leading to the same folders from another one.
fn with_paths(manifest: &str, from: &Path, to: &Path, paths: &Paths) -> Result<String> {
    const KEY: &str = "path = \"";
    let mut parts = manifest.split(KEY);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (path, rest) = part.split_once('"').context("a path without an end")?;
        let target = from.join(path).canonicalize().with_context(|| format!("there is no {path}"))?;
        text.push_str(&format!("{KEY}{}\"{rest}", path_between(to, &target, &paths.root).display()));
    }
    Ok(text)
}

/// How `target` is named from the folder `from`: relative where both are in the checkout `root`.
fn path_between(from: &Path, target: &Path, root: &Path) -> PathBuf {
    match (from.strip_prefix(root), target.strip_prefix(root)) {
        (Ok(up), Ok(down)) => up.components().map(|_| Path::new("..")).chain([down]).collect(),
        _ => target.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_relative_inside_the_checkout_and_absolute_outside() {
        let root = Path::new("/checkout");
        let worker = Path::new("/checkout/bench/worker");
        let between = |from: &str| path_between(Path::new(from), worker, root);
        assert_eq!(between("/checkout/bench/engines/my"), Path::new("../../../bench/worker"));
        assert_eq!(between("/elsewhere/my"), worker);
    }

    #[test]
    fn a_new_folder_is_no_example() {
        let text =
            "homepage = ''\n\n# New folders\n# are made from this.\nexample = true\n\n[[configuration]]\n";
        assert_eq!(without_example(text), "homepage = ''\n\n[[configuration]]\n");
    }

    #[test]
    fn no_name_is_replaced_inside_another() {
        let names = [("old-lazy".to_owned(), "new-lazy".to_owned()), ("old".to_owned(), "new".to_owned())];
        assert_eq!(with_names("\"old-lazy\", \"old\"", &names), "\"new-lazy\", \"new\"");
    }
}
