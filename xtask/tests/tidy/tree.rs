//! The files that the rules read, and how a rule reports what is wrong in them.

use ignore::WalkBuilder;
use std::fmt;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;

/// A text file of the repository.
pub struct File {
    /// Relative to the repository's root, with `/` between the parts.
    pub path: String,
    /// Its content.
    pub text: String,
}

impl File {
    /// What stands behind the last dot of the file's name; empty where there is no dot.
    pub fn extension(&self) -> &str {
        self.name().rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The file's lines, with their numbers from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// The number and the text of the line that the byte at `offset` belongs to.
    pub fn line_at(&self, offset: usize) -> (usize, &str) {
        let before = &self.text[..offset];
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = self.text[start..].lines().next().unwrap_or_default();
        (before.matches('\n').count() + 1, line)
    }
}

/// The text files of a repository, sorted by path.
pub struct Tree {
    pub files: Vec<File>,
}

/// This repository.
pub static REPOSITORY: LazyLock<Tree> =
    LazyLock::new(|| Tree::read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))));

impl Tree {
    /// Reads every text file below `root` that git does not ignore. A file that is not UTF-8 is no
    /// text.
    fn read(root: &Path) -> Self {
        let walk = WalkBuilder::new(root)
            .hidden(false)
            .require_git(false)
            .sort_by_file_path(Path::cmp)
            .filter_entry(|entry| entry.file_name() != ".git")
            .build();
        let mut files = Vec::new();
        for entry in walk {
            let entry = entry.expect("the repository can be walked");
            if !entry.file_type().is_some_and(|kind| kind.is_file()) {
                continue;
            }
            let bytes = std::fs::read(entry.path()).expect("a file of the repository can be read");
            let Ok(text) = String::from_utf8(bytes) else { continue };
            let path = entry.path().strip_prefix(root).expect("the walk stays below the root");
            files.push(File { path: path.to_string_lossy().replace('\\', "/"), text });
        }
        Self { files }
    }

    /// A made-up repository, for tests of the rules.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let file = |&(path, text): &(&str, &str)| File { path: path.to_owned(), text: text.to_owned() };
        Self { files: files.iter().map(file).collect() }
    }

    /// The file at `path`.
    pub fn get(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The files written in Rust.
    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.extension() == "rs")
    }

    /// The names of the folders directly below `folder`.
    pub fn folders_in(&self, folder: &str) -> Vec<&str> {
        let below = |file: &'_ File| file.path.strip_prefix(folder)?.strip_prefix('/')?.find('/');
        let mut names: Vec<&str> = self
            .files
            .iter()
            .filter_map(|file| below(file).map(|end| &file.path[folder.len() + 1..][..end]))
            .collect();
        names.dedup();
        names
    }
}

/// Whether `path` is `place` or lies below it.
pub fn is_within(path: &str, place: &str) -> bool {
    path.strip_prefix(place)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || place.ends_with('/'))
}

/// One place that breaks a rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    pub path: String,
    pub line: usize,
    /// What is wrong there.
    pub what: String,
}

impl Violation {
    pub fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// Fails where a rule is broken, with every place and with what to do about it.
#[track_caller]
pub fn require(mut violations: Vec<Violation>, what_to_do: &str) {
    violations.sort();
    let list = violations.iter().fold(String::new(), |mut list, violation| {
        let _ = writeln!(list, "  {violation}");
        list
    });
    assert!(violations.is_empty(), "{} violations:\n{list}what to do: {what_to_do}", violations.len());
}

#[test]
#[should_panic(expected = "1 violations:\n  a.rs:3: it is wrong\nwhat to do: mend it")]
fn a_violation_is_reported_with_file_line_and_remedy() {
    require(vec![Violation::new("a.rs", 3, "it is wrong")], "mend it");
}

#[test]
fn folders_are_named_once() {
    let tree =
        Tree::of(&[("a/b/one", ""), ("a/b/two", ""), ("a/c/d/one", ""), ("a/file", ""), ("ab/x/y", "")]);
    assert_eq!(tree.folders_in("a"), ["b", "c"]);
}
