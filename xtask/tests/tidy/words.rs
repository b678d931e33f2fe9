//! The rule about words: one name for one thing. Words that were given up are found in code, help,
//! docs, comments and file names.

use crate::files::is_ours;
use crate::tree::{File, REPOSITORY, Tree, Violation, is_within, require};
use crate::vocabulary::{GIVEN_UP, Word};
use proc_macro2::{TokenStream, TokenTree};
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};

/// The word is somewhere in the texts, as a part of one of their words or names.
struct Check {
    word: &'static Word,
    prose: Option<Regex>,
    ordinary: Vec<Regex>,
}

impl Check {
    fn of(word: &'static Word) -> Self {
        let regex = |pattern: &str| Regex::new(&format!("(?i){pattern}")).unwrap();
        let prose = (!word.prose.is_empty()).then(|| regex(word.prose));
        Self { word, prose, ordinary: word.ordinary.iter().map(|(pattern, _)| regex(pattern)).collect() }
    }

    fn applies_to(&self, path: &str) -> bool {
        let within = |places: &[&str]| places.iter().any(|place| is_within(path, place));
        (self.word.only_in.is_empty() || within(self.word.only_in))
            && !self.word.allowed_in.iter().any(|(place, _)| is_within(path, place))
    }

    /// Whether a name is the word or has it as a part.
    fn is_in(&self, name: &str) -> bool {
        self.word.names.contains(&name)
            || parts(name).iter().any(|part| self.word.parts.contains(&part.as_str()))
    }

    /// Whether an ordinary use of the word covers this place of the line.
    fn is_ordinary(&self, line: &str, start: usize, end: usize) -> bool {
        let covers = |found: regex::Match<'_>| found.start() < end && start < found.end();
        self.ordinary.iter().any(|pattern| pattern.find_iter(line).any(covers))
    }

    /// The lines of a file that have the word.
    fn lines(&self, file: &File, names: &BTreeMap<String, Vec<usize>>) -> BTreeSet<usize> {
        let texts: Vec<&str> = file.text.lines().collect();
        let mut lines = BTreeSet::new();
        for (name, at) in names.iter().filter(|(name, _)| self.is_in(name)) {
            let ordinary = |line: &&usize| {
                let text = texts[**line - 1];
                let start = text.find(name.as_str()).unwrap_or_default();
                !self.is_ordinary(text, start, start + name.len())
            };
            lines.extend(at.iter().filter(ordinary));
        }
        for found in self.prose.iter().flat_map(|prose| prose.find_iter(&file.text)) {
            let (line, text) = file.line_at(found.start());
            let start = found.start() - (text.as_ptr() as usize - file.text.as_ptr() as usize);
            if !self.is_ordinary(text, start, start + found.len()) {
                lines.insert(line);
            }
        }
        lines
    }
}

/// The words that a name consists of, in small letters: `ArtifactSize` and `artifact_size` alike.
fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut before_small = false;
    for letter in name.chars() {
        let starts = letter.is_uppercase() && before_small;
        if starts || !letter.is_alphanumeric() {
            parts.push(String::new());
        }
        if letter.is_alphanumeric() {
            parts.last_mut().unwrap().extend(letter.to_lowercase());
        }
        before_small = letter.is_lowercase() || letter.is_numeric();
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// The names in a file and the lines where they stand. Of Rust these are the names in its code;
/// elsewhere, where code and prose look alike, names that no sentence has: `like_this`, `likeThis`.
fn names(file: &File, name: &Regex) -> BTreeMap<String, Vec<usize>> {
    let mut names: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    if file.extension() == "rs" {
        let tokens: TokenStream = file.text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.path));
        identifiers(tokens, &mut |name, line| names.entry(name).or_default().push(line));
    } else {
        for found in name.find_iter(&file.text) {
            names.entry(found.as_str().to_owned()).or_default().push(file.line_at(found.start()).0);
        }
    }
    names
}

fn identifiers(tokens: TokenStream, note: &mut dyn FnMut(String, usize)) {
    for token in tokens {
        match token {
            TokenTree::Ident(name) => note(name.to_string(), name.span().start().line),
            TokenTree::Group(group) => identifiers(group.stream(), note),
            _ => {}
        }
    }
}

fn given_up_words(tree: &Tree, words: &'static [Word]) -> Vec<Violation> {
    let checks: Vec<Check> = words.iter().map(Check::of).collect();
    let name = Regex::new(r"[A-Za-z]+(?:_[A-Za-z]+)+|[A-Za-z]*[a-z][A-Z][A-Za-z]*").unwrap();
    let mut violations = Vec::new();
    let read = |file: &&File| {
        (is_ours(file) || file.extension() == "snap") && !is_within(&file.path, "xtask/tests/tidy")
    };
    for file in tree.files.iter().filter(read) {
        let names = names(file, &name);
        for check in checks.iter().filter(|check| check.applies_to(&file.path)) {
            let Word { word, instead, .. } = check.word;
            if file.path.split(['/', '.']).any(|part| check.is_in(part)) {
                violations.push(Violation::new(&file.path, 1, format!("the path has `{word}`: {instead}")));
            }
            let lines = check.lines(file, &names).into_iter();
            violations
                .extend(lines.map(|line| Violation::new(&file.path, line, format!("`{word}`: {instead}"))));
        }
    }
    violations
}

#[test]
fn no_word_is_used_that_was_given_up() {
    require(
        given_up_words(&REPOSITORY, GIVEN_UP),
        "use the word that is named; a use in another sense is added to `ordinary` in vocabulary.rs, with its reason",
    );
}

#[test]
fn every_entry_is_looked_for_or_says_why_not() {
    for Word { word, prose, parts, names, not_looked_for, .. } in GIVEN_UP {
        let looked_for = !prose.is_empty() || !parts.is_empty() || !names.is_empty();
        assert!(looked_for == not_looked_for.is_empty(), "`{word}` is either looked for or says why not");
    }
}

#[test]
fn every_entry_is_found_in_its_example() {
    for word in GIVEN_UP.iter().filter(|word| word.not_looked_for.is_empty()) {
        assert!(!word.examples.is_empty(), "`{}` has no example", word.word);
        for example in word.examples {
            let folder = word.only_in.first().unwrap_or(&"docs");
            let is_code = example.ends_with(['}', ';']);
            let path = format!("{folder}/example.{}", if is_code { "rs" } else { "md" });
            let found = given_up_words(&Tree::of(&[(&path, example)]), std::slice::from_ref(word));
            let found = found.iter().any(|violation| violation.what.starts_with(&format!("`{}`", word.word)));
            assert!(found, "`{}` is not found in: {example}", word.word);
        }
    }
}

#[test]
fn ordinary_uses_are_left_alone() {
    let tree = Tree::of(&[
        ("a.rs", "//! Reads line by line, in turn; what turns text into bytes.\nfn f() { return line; }\n"),
        ("b.md", "The time spent on finding missing files. Holm's correction over the family of tests.\n"),
        ("c.rs", "const KEYS: &str = \"cpu family\"; // takes turns, a long-standing rule\n"),
        ("d.rs", "struct Label; fn collab(verdict: Verdict) {}\n"),
    ]);
    let found: Vec<String> = given_up_words(&tree, GIVEN_UP).iter().map(ToString::to_string).collect();
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn given_up_words_are_found_in_every_kind_of_place() {
    let tree = Tree::of(&[
        ("a.rs", "//! Why.\nstruct CellTurn;\nfn f() { let next_turn = g(\"the twin\"); }\n"),
        ("src/planted.rs", "//! Why.\n"),
        ("help.snap", "--crew <N>\n"),
        ("d.mjs", "// Why.\nconst workerSeat = 1;\n"),
    ]);
    let found: Vec<String> = given_up_words(&tree, GIVEN_UP)
        .iter()
        .map(|one| format!("{}:{} {}", one.path, one.line, one.what.split(": ").next().unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            "a.rs:2 `turn`",
            "a.rs:3 `turn`",
            "a.rs:3 `twin`",
            "src/planted.rs:1 the path has `planted`",
            "help.snap:1 `crew`",
            "d.mjs:2 `seat`",
        ]
    );
}
