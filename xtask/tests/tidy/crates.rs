//! Rust crates as the rules see them: which file holds which module, and which file uses which.

use crate::syntax::{self, Part, Use};
use crate::tree::{REPOSITORY, Tree};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// How many `use` lines are followed from a name to where it is defined.
const MOST_STEPS: usize = 16;

/// One crate: the modules that its root file declares, directly or through others.
pub struct Crate {
    /// The file with the crate's root module.
    pub root: String,
    pub modules: BTreeMap<Vec<String>, Module>,
}

/// A module, inline or with a file of its own.
pub struct Module {
    pub file: String,
    /// Its syntax; `test` also holds what the modules above it say.
    pub part: Part,
}

/// That one file uses another.
#[derive(Debug, Clone)]
pub struct Edge {
    pub from: String,
    pub to: String,
    /// The file of the module that the path names: `to`, or one that passes on its names.
    pub named: String,
    /// Where in `from`.
    pub line: usize,
    /// The path that is used, as written.
    pub path: String,
    /// Whether the used file's module is the one directly above that of the using file.
    pub to_parent: bool,
}

/// The crates of all packages: libraries, programs, tests, benchmarks, build scripts. Those of this
/// repository are read once, since reading them takes longer than all rules together.
pub fn all(tree: &Tree) -> Arc<[Crate]> {
    static OF_REPOSITORY: LazyLock<Arc<[Crate]>> = LazyLock::new(|| read(&REPOSITORY));
    if std::ptr::eq(tree, &raw const *REPOSITORY) { Arc::clone(&OF_REPOSITORY) } else { read(tree) }
}

fn read(tree: &Tree) -> Arc<[Crate]> {
    let packages: Vec<&str> = tree
        .files
        .iter()
        .filter(|file| file.name() == "Cargo.toml" && file.text.contains("[package]"))
        .map(|file| file.path.strip_suffix("Cargo.toml").unwrap_or_default())
        .collect();
    let is_root =
        |path: &str| packages.iter().any(|folder| path.strip_prefix(folder).is_some_and(is_crate_root));
    tree.rust().filter(|file| is_root(&file.path)).map(|file| Crate::read(tree, &file.path)).collect()
}

/// Whether cargo takes a file of a package, named relative to it, for the root of a crate.
fn is_crate_root(path: &str) -> bool {
    let path: Vec<&str> = path.split('/').collect();
    let inside = match path.as_slice() {
        ["build.rs"] | ["src", "lib.rs" | "main.rs"] => return true,
        ["src", "bin", inside @ ..] | ["tests" | "benches" | "examples", inside @ ..] => inside,
        _ => return false,
    };
    matches!(inside, [_] | [_, "main.rs"])
}

impl Crate {
    /// Reads the crate with this root file.
    pub fn read(tree: &Tree, root: &str) -> Self {
        let mut found = Self { root: root.to_owned(), modules: BTreeMap::new() };
        let folder = root.rsplit_once('/').map_or("", |(folder, _)| folder);
        found.add(tree, root, folder, &[], false);
        found
    }

    /// Adds the modules of a file. Files that it declares lie in `folder`.
    fn add(&mut self, tree: &Tree, file: &str, folder: &str, module: &[String], test: bool) {
        let Some(source) = tree.get(file) else { return };
        for mut part in syntax::parts(&source.text, file) {
            part.test |= test;
            let inside = [module, &part.path].concat();
            for child in &part.declares {
                let below = [&[folder.to_owned()], part.path.as_slice(), std::slice::from_ref(&child.name)]
                    .concat()
                    .join("/");
                let candidates = match (&child.path, file.rsplit_once('/')) {
                    (Some(path), Some((beside, _))) => vec![format!("{beside}/{path}")],
                    _ => vec![format!("{below}.rs"), format!("{below}/mod.rs")],
                };
                if let Some(path) = candidates.iter().find(|path| tree.get(path).is_some()) {
                    let name = [inside.as_slice(), std::slice::from_ref(&child.name)].concat();
                    self.add(tree, path, &below, &name, part.test || child.test);
                }
            }
            self.modules.insert(inside, Module { file: file.to_owned(), part });
        }
    }

    /// Which file uses which, and by which module's name, each once; tests aside. A file that only passes on names of
    /// modules below it (`pub use`) does not use them.
    pub fn edges(&self) -> Vec<Edge> {
        let mut edges: BTreeMap<(&str, &str, &str), Edge> = BTreeMap::new();
        for (name, module) in self.modules.iter().filter(|(_, module)| !module.part.test) {
            for used in module.part.uses.iter().filter(|used| !used.test) {
                let Some(path) = self.absolute(name, &used.segments) else { continue };
                let Some(target) = self.find(&path, MOST_STEPS) else { continue };
                let named = self.find(&path, 0).map_or("", |named| self.modules[&named].file.as_str());
                let to = self.modules[&target].file.as_str();
                let passed_on = used.public
                    && target.starts_with(name)
                    && used.name.as_ref().is_some_and(|name| !module.part.mentions.contains(name));
                if to != module.file && !passed_on {
                    edges.entry((&module.file, to, named)).or_insert_with(|| Edge {
                        from: module.file.clone(),
                        to: to.to_owned(),
                        named: named.to_owned(),
                        line: used.line,
                        path: used.segments.join("::"),
                        to_parent: name.split_last().is_some_and(|(_, parent)| parent == target),
                    });
                }
            }
        }
        edges.into_values().collect()
    }

    /// A path that module `from` writes, as a path from the crate's root; none where it leads into
    /// another crate, or begins with a name that a `use` line brought.
    fn absolute(&self, from: &[String], segments: &[String]) -> Option<Vec<String>> {
        let (first, mut rest) = segments.split_first()?;
        let mut base = match first.as_str() {
            "crate" => Vec::new(),
            "self" | "super" => from.to_vec(),
            _ => {
                let child = [from, &segments[..1]].concat();
                return self.modules.contains_key(&child).then(|| [from, segments].concat());
            }
        };
        if first == "super" {
            base.pop()?;
            while let Some((next, others)) = rest.split_first().filter(|(next, _)| *next == "super") {
                debug_assert_eq!(next, "super");
                base.pop()?;
                rest = others;
            }
        }
        base.extend_from_slice(rest);
        Some(base)
    }

    /// The module that holds what `path` (from the crate's root) names, `use` lines followed.
    fn find(&self, path: &[String], steps: usize) -> Option<Vec<String>> {
        let length = (0..=path.len()).rev().find(|&length| self.modules.contains_key(&path[..length]))?;
        let (name, rest) = path.split_at(length);
        let part = &self.modules[name].part;
        let Some(item) = rest.first().filter(|item| !part.defines.contains(*item)) else {
            return Some(name.to_vec());
        };
        if name.is_empty()
            && let Some((name, _)) =
                self.modules.iter().find(|(_, module)| module.part.exports.contains(item))
        {
            return Some(name.clone());
        }
        if steps == 0 {
            return Some(name.to_vec());
        }
        let follow = |used: &Use, behind: &[String]| {
            let target = [self.absolute(name, &used.segments)?.as_slice(), behind].concat();
            self.find(&target, steps - 1)
        };
        let by_name = part.uses.iter().filter(|used| used.name.as_ref() == Some(item));
        let globs = part.uses.iter().filter(|used| used.name.as_deref() == Some("*"));
        by_name
            .filter_map(|used| follow(used, &rest[1..]))
            .chain(globs.filter_map(|used| {
                let found = follow(used, rest)?;
                self.modules[&found].part.defines.contains(item).then_some(found)
            }))
            .next()
            .or_else(|| Some(name.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(files: &[(&str, &str)]) -> Vec<String> {
        let tree = Tree::of(files);
        let edges = Crate::read(&tree, "src/lib.rs").edges();
        edges.iter().map(|edge| format!("{}:{} -> {}", edge.from, edge.line, edge.to)).collect()
    }

    #[test]
    fn imports_of_every_form_lead_to_files() {
        let found = edges(&[
            ("src/lib.rs", "mod a;\nmod b;\nmod c;\nmod d;\n"),
            (
                "src/a.rs",
                "use crate::{b::{self, Thing}};\nuse super::c as other;\nfn f() { crate::d::g() }\n",
            ),
            ("src/b.rs", "pub struct Thing;\nfn f() { println!(\"{}\", crate::d::g()) }\n"),
            ("src/c/mod.rs", "mod e;\nuse self::e::E;\nuse std::fmt;\nfn f() { e::g() }\n"),
            ("src/c/e.rs", "use super::super::a;\npub struct E;\n"),
            ("src/d.rs", "pub fn g() {}\n#[cfg(test)]\nmod tests {\n    use crate::a;\n}\n"),
        ]);
        assert_eq!(
            found,
            [
                "src/a.rs:1 -> src/b.rs",
                "src/a.rs:2 -> src/c/mod.rs",
                "src/a.rs:3 -> src/d.rs",
                "src/b.rs:2 -> src/d.rs",
                "src/c/e.rs:1 -> src/a.rs",
                "src/c/mod.rs:2 -> src/c/e.rs",
            ]
        );
    }

    #[test]
    fn names_that_are_passed_on_lead_to_where_they_are_defined() {
        let found = edges(&[
            ("src/lib.rs", "mod a;\nmod b;\n"),
            ("src/a.rs", "use crate::b::{Named, All};\n"),
            ("src/b/mod.rs", "mod c;\nmod d;\npub use c::Named;\npub use d::*;\n"),
            ("src/b/c.rs", "pub struct Named;\n"),
            ("src/b/d.rs", "pub struct All;\n"),
        ]);
        assert_eq!(found, ["src/a.rs:1 -> src/b/c.rs", "src/a.rs:1 -> src/b/d.rs"]);
    }

    #[test]
    fn exported_macros_lead_to_where_they_are_defined() {
        let found = edges(&[
            ("src/lib.rs", "mod a;\nmod b;\n"),
            ("src/a.rs", "use crate::say;\n"),
            ("src/b.rs", "#[macro_export]\nmacro_rules! say { () => {} }\n"),
        ]);
        assert_eq!(found, ["src/a.rs:1 -> src/b.rs"]);
    }

    #[test]
    fn a_module_that_passes_a_name_on_and_needs_it_uses_it() {
        let found = edges(&[
            ("src/lib.rs", "mod a;\npub use a::Named;\nfn f() -> Named { todo!() }\n"),
            ("src/a.rs", "pub struct Named;\n"),
        ]);
        assert_eq!(found, ["src/lib.rs:2 -> src/a.rs"]);
    }
}
