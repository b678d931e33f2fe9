//! Rules about who imports whom: no circle of files, and folders import only what the tables let
//! them.

use crate::crates::{self, Crate, Edge};
use crate::tree::{REPOSITORY, Tree, Violation, is_within, require};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What each folder of a crate may import of its own crate.
struct Layers {
    /// The crate's root file.
    root: &'static str,
    /// A folder, and the folders that it may import besides itself.
    folders: &'static [(&'static str, &'static [&'static str])],
}

/// xtask. `cli` is used by `commands` alone: what others need of the command line arrives as plain
/// values.
const XTASK: Layers = Layers {
    root: "xtask/src/main.rs",
    folders: &[
        (
            "commands",
            &["selfcheck", "own_module", "report", "run", "samples", "engines", "toolchain", "cli", "host"],
        ),
        ("selfcheck", &["run", "samples", "engines", "toolchain", "host"]),
        ("own_module", &["run", "samples", "engines", "toolchain", "host"]),
        ("run", &["samples", "engines", "toolchain", "host"]),
        ("samples", &["engines", "toolchain", "host"]),
        ("engines", &["host"]),
        ("toolchain", &["host"]),
        ("report", &["host"]),
        ("cli", &[]),
        ("host", &[]),
    ],
};

/// bench.
const BENCH: Layers = Layers {
    root: "bench/src/lib.rs",
    folders: &[
        ("analysis", &["record", "machine", "stats"]),
        ("schedule", &["process", "plan", "record", "machine", "stats"]),
        ("probe", &["process", "plan", "record", "machine", "stats"]),
        ("record", &["plan", "machine", "files"]),
        ("process", &["plan"]),
        ("plan", &["files"]),
        ("machine", &[]),
        ("files", &[]),
        ("stats", &[]),
    ],
};

/// Folders that may import one more thing, and why.
const MAY_BE_IMPORTED: &[(&str, &str, &str)] = &[
    ("xtask/src/cli", "crate::report::DifferenceName", LISTED_ONCE),
    ("xtask/src/cli", "crate::report::ExportFormat", LISTED_ONCE),
    ("xtask/src/cli", "crate::report::TableName", LISTED_ONCE),
    ("xtask/src/cli", "crate::samples::Variant", LISTED_ONCE),
    ("xtask/src/cli", "crate::samples::SizeName", LISTED_ONCE),
    ("xtask/src/cli", "crate::selfcheck::CheckName", LISTED_ONCE),
];

const LISTED_ONCE: &str =
    "an enum whose names clap offers as values: the list stands once, with what the names stand for";

/// The edges of a crate that count for circles: a child may use its parent, as long as the parent
/// does not use that child.
fn edges_of_circles(found: &Crate) -> Vec<Edge> {
    let edges = found.edges();
    let pairs: BTreeSet<(&str, &str)> = edges.iter().map(|edge| (&*edge.from, &*edge.to)).collect();
    let counts = |edge: &&Edge| !edge.to_parent || pairs.contains(&(edge.to.as_str(), edge.from.as_str()));
    edges.iter().filter(counts).cloned().collect()
}

/// The circles of files of a crate: for each file that is in any, the shortest one, each once.
fn circles(found: &Crate) -> Vec<Violation> {
    let edges = edges_of_circles(found);
    let mut from: BTreeMap<&str, Vec<&Edge>> = BTreeMap::new();
    for edge in &edges {
        from.entry(&edge.from).or_default().push(edge);
    }
    let mut seen = BTreeSet::new();
    let mut violations = Vec::new();
    for start in from.keys() {
        let Some(circle) = shortest_circle(start, &from) else { continue };
        if seen.insert(circle.iter().map(|edge| edge.from.as_str()).collect::<BTreeSet<_>>()) {
            let steps: Vec<String> = circle
                .iter()
                .map(|edge| format!("{}:{} uses {} of {}", edge.from, edge.line, edge.path, edge.to))
                .collect();
            let what = format!("a circle of {} files: {}", circle.len(), steps.join("; "));
            violations.push(Violation::new(&circle[0].from, circle[0].line, what));
        }
    }
    violations
}

/// The shortest way from a file back to it.
fn shortest_circle<'a>(start: &str, from: &BTreeMap<&str, Vec<&'a Edge>>) -> Option<Vec<&'a Edge>> {
    let mut reached: BTreeMap<&str, &Edge> = BTreeMap::new();
    let mut next = VecDeque::from([start]);
    while let Some(file) = next.pop_front() {
        for &edge in from.get(file).into_iter().flatten() {
            if reached.contains_key(edge.to.as_str()) {
                continue;
            }
            reached.insert(&edge.to, edge);
            if edge.to == start {
                let mut circle = vec![edge];
                while circle[circle.len() - 1].from != start {
                    circle.push(reached[circle[circle.len() - 1].from.as_str()]);
                }
                circle.reverse();
                return Some(circle);
            }
            next.push_back(&edge.to);
        }
    }
    None
}

impl Layers {
    /// The folder of a file, and whether it is the crate's root file, which belongs to none.
    fn folder<'a>(&self, file: &'a str) -> Option<&'a str> {
        let source = self.root.rsplit_once('/').map_or("", |(source, _)| source);
        let inside = file.strip_prefix(source)?.strip_prefix('/')?;
        inside.split_once('/').map(|(folder, _)| folder)
    }

    fn violations(&self, tree: &Tree) -> Vec<Violation> {
        let source = self.root.rsplit_once('/').map_or("", |(source, _)| source);
        let table: BTreeMap<&str, &[&str]> = self.folders.iter().copied().collect();
        let misplaced = tree.rust().filter(|file| {
            let inside = file.path.strip_prefix(source).is_some_and(|rest| rest.starts_with('/'));
            let place = self.folder(&file.path);
            inside && file.path != self.root && place.is_none_or(|folder| !table.contains_key(folder))
        });
        let misplaced = misplaced
            .map(|file| Violation::new(&file.path, 1, "the file lies in no folder of the table of imports"));
        let forbidden = |edge: Edge| {
            if MAY_BE_IMPORTED.iter().any(|(from, path, _)| is_within(&edge.from, from) && edge.path == *path)
            {
                return None;
            }
            // What a folder passes on it may import itself, so the folder that is named counts.
            let (from, to) =
                (self.folder(&edge.from)?, self.folder(&edge.named).unwrap_or("the crate's root"));
            let may = from == to || table.get(from).is_some_and(|allowed| allowed.contains(&to));
            let what = format!("{from} may not import {to} ({} of {})", edge.path, edge.named);
            (!may).then(|| Violation::new(&edge.from, edge.line, what))
        };
        let crates = crates::all(tree);
        let edges = crates.iter().filter(|found| found.root == self.root).flat_map(Crate::edges);
        misplaced.chain(edges.filter_map(forbidden)).collect()
    }
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    require(
        crates::all(&REPOSITORY).iter().flat_map(circles).collect(),
        "give what both need a file of its own, or pass it as a value",
    );
}

#[test]
fn folders_of_xtask_import_only_what_the_table_lets_them() {
    require(XTASK.violations(&REPOSITORY), "move what is needed to the right, or pass it as a value");
}

#[test]
fn folders_of_bench_import_only_what_the_table_lets_them() {
    require(BENCH.violations(&REPOSITORY), "move what is needed to the right, or pass it as a value");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_of_three_files_is_found_once() {
        let tree = Tree::of(&[
            ("p/Cargo.toml", "[package]\n"),
            ("p/src/lib.rs", "mod a;\nmod b;\nmod c;\n"),
            ("p/src/a.rs", "//! Why.\nuse crate::b::B;\n"),
            ("p/src/b.rs", "use super::c;\npub struct B;\n"),
            ("p/src/c.rs", "fn f() { crate::a::g() }\n"),
        ]);
        let found: Vec<_> = crates::all(&tree).iter().flat_map(circles).collect();
        let what = "a circle of 3 files: p/src/a.rs:2 uses crate::b::B of p/src/b.rs; p/src/b.rs:1 uses super::c of \
                    p/src/c.rs; p/src/c.rs:1 uses crate::a::g of p/src/a.rs";
        assert_eq!(found, [Violation::new("p/src/a.rs", 2, what)]);
    }

    #[test]
    fn a_child_may_use_its_parent_unless_the_parent_uses_it() {
        let tree = |parent: &str| {
            Tree::of(&[
                ("src/lib.rs", "mod a;\n"),
                ("src/a/mod.rs", &format!("mod b;\npub struct A;\n{parent}")),
                ("src/a/b.rs", "use super::A;\npub fn f() {}\n"),
            ])
        };
        let found = |parent: &str| circles(&Crate::read(&tree(parent), "src/lib.rs")).len();
        assert_eq!((found(""), found("pub use b::f;\n"), found("fn g() { b::f() }\n")), (0, 0, 1));
    }

    #[test]
    fn an_import_to_the_left_and_a_file_without_a_folder_are_found() {
        let layers = Layers { root: "p/src/main.rs", folders: &[("left", &["right"]), ("right", &[])] };
        let tree = Tree::of(&[
            ("p/Cargo.toml", "[package]\n"),
            ("p/src/main.rs", "mod flat;\nmod left;\nmod right;\n"),
            ("p/src/flat.rs", "use crate::left::L;\n"),
            ("p/src/left/mod.rs", "use crate::right::R;\npub struct L;\n"),
            ("p/src/right/mod.rs", "use crate::left::L;\npub struct R;\nfn f() { crate::flat::g() }\n"),
        ]);
        let found: Vec<String> = layers.violations(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "p/src/flat.rs:1: the file lies in no folder of the table of imports",
                "p/src/right/mod.rs:3: right may not import the crate's root (crate::flat::g of p/src/flat.rs)",
                "p/src/right/mod.rs:1: right may not import left (crate::left::L of p/src/left/mod.rs)",
            ]
        );
    }
}
