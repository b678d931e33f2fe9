//! Rules about a file as a whole: how it begins, and how long it is.

use crate::tree::{File, REPOSITORY, Tree, Violation, is_within, require};

/// The most lines that a file may have.
const LINE_LIMIT: usize = 400;

/// Extensions of source files, and the beginnings of a comment in them.
const SOURCES: &[(&str, &[&str])] = &[
    ("rs", &["//!", "// "]),
    ("cpp", &["//", "/*"]),
    ("h", &["//", "/*"]),
    ("js", &["//", "/*"]),
    ("mjs", &["//", "/*"]),
    ("sh", &["# "]),
    ("py", &["# ", "\"\"\""]),
];

/// Files that nobody here writes line by line, and why.
const NOT_WRITTEN_HERE: &[(&str, &str)] = &[
    ("sample-src/apps/inputs/", "inputs of samples: other projects' files, as they are"),
    ("LICENSE-APACHE", "the licence's own text"),
    ("generated/", "output"),
];

/// Extensions of files that tools write.
const WRITTEN_BY_TOOLS: &[&str] = &["lock", "snap", "patch"];

/// Names of files that tools write.
const LOCK_FILES: &[&str] = &["package-lock.json"];

/// Whether a person wrote the file for this repository.
pub fn is_ours(file: &File) -> bool {
    !WRITTEN_BY_TOOLS.contains(&file.extension())
        && !LOCK_FILES.contains(&file.name())
        && !NOT_WRITTEN_HERE.iter().any(|(place, _)| is_within(&file.path, place))
}

fn without_purpose(tree: &Tree) -> Vec<Violation> {
    tree.files.iter().filter(|file| is_ours(file)).filter(|file| !says_why(file)).map(no_purpose).collect()
}

fn no_purpose(file: &File) -> Violation {
    Violation::new(&file.path, 1, "the file does not begin with a comment that says why it exists")
}

/// Whether a file that is source begins with a comment. A shebang may come first.
fn says_why(file: &File) -> bool {
    let comment = SOURCES.iter().find(|(extension, _)| *extension == file.extension());
    let mut lines = file.text.lines();
    let mut first = lines.next().unwrap_or_default();
    // `#![` begins an attribute of Rust.
    let shebang = first.starts_with("#!") && !first.starts_with("#![");
    let beginnings = match comment {
        Some((_, beginnings)) => *beginnings,
        None if shebang => &["# "],
        None => return true,
    };
    if shebang {
        first = lines.next().unwrap_or_default();
    }
    beginnings.iter().any(|beginning| {
        first.strip_prefix(beginning).is_some_and(|rest| rest.chars().any(char::is_alphanumeric))
    })
}

fn too_long(tree: &Tree) -> Vec<Violation> {
    let long = |file: &File| {
        let lines = file.text.lines().count();
        let what = format!("{lines} lines, {LINE_LIMIT} are allowed");
        (lines > LINE_LIMIT).then(|| Violation::new(&file.path, LINE_LIMIT + 1, what))
    };
    tree.files.iter().filter(|file| is_ours(file)).filter_map(long).collect()
}

#[test]
fn every_source_file_begins_with_why_it_exists() {
    require(
        without_purpose(&REPOSITORY),
        "begin the file with one or two sentences: //! in Rust, // or # elsewhere",
    );
}

#[test]
fn no_file_is_longer_than_400_lines() {
    require(too_long(&REPOSITORY), "split the file by subject");
}

#[test]
fn a_source_file_without_a_comment_first_is_found() {
    let tree = Tree::of(&[
        ("good.rs", "//! Why.\n"),
        ("attribute.rs", "#![allow(missing_docs)]\n//! Why.\n"),
        ("empty.rs", ""),
        ("no-words.rs", "//!\n"),
        ("good.sh", "#!/bin/sh\n# Why.\n"),
        ("bad.sh", "#!/bin/sh\necho\n"),
        ("run", "#!/bin/sh\necho\n"),
        ("good.py", "\"\"\"Why.\"\"\"\n"),
        ("bad.mjs", "import fs from 'node:fs';\n"),
        ("bad.h", "#pragma once\n"),
        ("notes.txt", "no source\n"),
        ("sample-src/apps/inputs/a.py", "print()\n"),
    ]);
    let found = without_purpose(&tree).into_iter().map(|violation| violation.path).collect::<Vec<_>>();
    assert_eq!(found, ["attribute.rs", "empty.rs", "no-words.rs", "bad.sh", "run", "bad.mjs", "bad.h"]);
}

#[test]
fn a_file_of_401_lines_is_found() {
    let long = "line\n".repeat(401);
    let tree = Tree::of(&[("a.md", &long), ("b.rs", &long[5..]), ("Cargo.lock", &long), ("c.snap", &long)]);
    assert_eq!(too_long(&tree), [Violation::new("a.md", 401, "401 lines, 400 are allowed")]);
}
