//! Rules about particular places: what the contract depends on, how long an engine's folder and
//! the README may be, what `unsafe` needs, and what belongs to one machine.

use crate::crates;
use crate::files::is_ours;
use crate::syntax;
use crate::tree::{File, REPOSITORY, Tree, Violation, is_within, require};
use regex::Regex;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

/// What the contract may depend on.
const CONTRACT: (&str, &[&str]) = ("bench/protocol/Cargo.toml", &["serde"]);

/// The most lines of Rust that an engine's folder may have, tests aside.
const ENGINE_LIMITS: &[(&str, usize)] = &[("bench/engines/wasmtime", 420), ("bench/engines/wasmi", 150)];

/// The most lines that the README may have.
const README_LIMIT: usize = 130;

/// What tells one machine's files from others, and why it is not allowed.
const OF_ONE_MACHINE: &[(&str, &str)] = &[
    (r"(?:^|[^\w.$}~/-])/(?:home|root|work)/", "a path of one machine"),
    (r"(?i)\b(?:index|static)\.crates\.io\b", "the host of a registry, which cargo knows"),
    (r"(?i)\b(?:files\.pythonhosted|pypi)\.org\b", "the host of a registry, which pip knows"),
    (r"(?i)\bregistry\.(?:npmjs\.org|yarnpkg\.com)\b", "the host of a registry, which npm knows"),
    (r"(?i)\b(?:deb|snapshot|security)\.debian\.org\b", "the host of a registry, which apt knows"),
    (r"(?i)\bsparse\+https?://|--index-url\b", "another registry than the client's own"),
    (r"(?i)https?://(?:localhost|\d+\.\d+\.\d+\.\d+|[\w.-]+:\d+)", "a host of one network"),
];

/// Places that look so and are meant, and why.
const MEANT: &[(&str, &str, &str)] =
    &[("sample-src/samples.toml", "/home/guest", "what a guest is told, not a path of the host")];

fn foreign_dependencies(tree: &Tree) -> Vec<Violation> {
    let (path, allowed) = CONTRACT;
    let Some(file) = tree.get(path) else { return vec![Violation::new(path, 1, "the contract is not here")] };
    let manifest: toml::Table = file.text.parse().unwrap();
    let sections = ["dependencies", "build-dependencies", "target"];
    let names =
        sections.iter().filter_map(|section| manifest.get(*section)?.as_table()).flat_map(toml::Table::keys);
    let line = |name: &str| file.lines().find(|(_, text)| text.contains(name)).map_or(1, |(line, _)| line);
    let foreign = names.filter(|name| !allowed.contains(&name.as_str()));
    foreign
        .map(|name| Violation::new(path, line(name), format!("the contract depends on `{name}`")))
        .collect()
}

/// How many lines of Rust a folder has, tests aside.
fn lines_of_rust(tree: &Tree, folder: &str) -> usize {
    let crates = crates::all(tree);
    let modules = || crates.iter().flat_map(|found| found.modules.values());
    let is_test = |file: &File| {
        file.path.contains("/tests/")
            || modules()
                .any(|module| module.part.test && module.part.path.is_empty() && module.file == file.path)
    };
    let lines = |file: &File| {
        let tests = syntax::test_lines(&file.text, &file.path);
        let counts = |line: &usize| !tests.iter().any(|(first, last)| (first..=last).contains(&line));
        file.lines().map(|(line, _)| line).filter(counts).count()
    };
    tree.rust().filter(|file| is_within(&file.path, folder) && !is_test(file)).map(lines).sum()
}

fn long_engines(tree: &Tree, limits: &[(&str, usize)]) -> Vec<Violation> {
    let too_long = |&(folder, limit): &(&str, usize)| {
        let lines = lines_of_rust(tree, folder);
        let what = format!("{lines} lines of Rust without tests, {limit} are allowed");
        (lines > limit).then(|| Violation::new(folder, 1, what))
    };
    limits.iter().filter_map(too_long).collect()
}

fn long_readme(tree: &Tree) -> Vec<Violation> {
    let lines = tree.get("README.md").map_or(0, |file| file.text.lines().count());
    let what = format!("{lines} lines, {README_LIMIT} are allowed");
    (lines > README_LIMIT).then(|| Violation::new("README.md", README_LIMIT + 1, what)).into_iter().collect()
}

/// Collects the blocks and implementations that are `unsafe`: their lines, and those on which the
/// statements around them begin.
#[derive(Default)]
struct Unsafe {
    statements: Vec<usize>,
    found: Vec<(usize, usize)>,
}

impl Unsafe {
    fn note(&mut self, line: usize) {
        self.found.push((line, self.statements.last().copied().unwrap_or(line)));
    }
}

impl<'ast> Visit<'ast> for Unsafe {
    fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
        self.statements.push(statement.span().start().line);
        visit::visit_stmt(self, statement);
        self.statements.pop();
    }

    fn visit_expr_unsafe(&mut self, block: &'ast syn::ExprUnsafe) {
        self.note(block.unsafe_token.span.start().line);
        visit::visit_expr_unsafe(self, block);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if let Some(token) = &item.unsafety {
            self.note(token.span.start().line);
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        unsafe_in(item.tokens.clone(), &mut |line| self.note(line));
    }
}

/// Calls `note` with the line of each `unsafe {` in a macro's input.
fn unsafe_in(tokens: proc_macro2::TokenStream, note: &mut dyn FnMut(usize)) {
    use proc_macro2::{Delimiter, TokenTree};
    let mut before = None;
    for token in tokens {
        if let TokenTree::Group(group) = &token {
            match &before {
                Some(TokenTree::Ident(word)) if word == "unsafe" && group.delimiter() == Delimiter::Brace => {
                    note(word.span().start().line);
                }
                _ => {}
            }
            unsafe_in(group.stream(), note);
        }
        before = Some(token);
    }
}

fn without_safety(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in tree.rust().filter(|file| is_ours(file) && file.text.contains("unsafe")) {
        let mut found = Unsafe::default();
        found.visit_file(&syn::parse_file(&file.text).unwrap());
        let lines: Vec<&str> = file.text.lines().collect();
        let bare = |&&(line, statement): &&(usize, usize)| {
            !is_explained(&lines, line) && !is_explained(&lines, statement)
        };
        let what = "`unsafe` without a `// SAFETY:` line just above";
        violations
            .extend(found.found.iter().filter(bare).map(|&(line, _)| Violation::new(&file.path, line, what)));
    }
    violations
}

/// Whether the comment just above a line, attributes aside, begins a line with `// SAFETY:`.
fn is_explained(lines: &[&str], line: usize) -> bool {
    lines[..line - 1]
        .iter()
        .rev()
        .map(|line| line.trim_start())
        .take_while(|line| line.starts_with("//") || line.starts_with("#["))
        .any(|line| line.starts_with("// SAFETY:"))
}

fn of_one_machine(tree: &Tree) -> Vec<Violation> {
    let patterns: Vec<(Regex, &str)> =
        OF_ONE_MACHINE.iter().map(|(pattern, why)| (Regex::new(pattern).unwrap(), *why)).collect();
    let mut violations = Vec::new();
    for file in tree.files.iter().filter(|file| is_ours(file)) {
        for (pattern, why) in &patterns {
            for found in pattern.find_iter(&file.text) {
                let (line, text) = file.line_at(found.end());
                let meant = |path: &str, part: &str| file.path == path && text.contains(part);
                if !MEANT.iter().any(|(path, part, _)| meant(path, part)) {
                    let what = format!("`{}` is {why}", found.as_str().trim());
                    violations.push(Violation::new(&file.path, line, what));
                }
            }
        }
    }
    // This file lists what it looks for.
    violations.retain(|violation| !violation.path.starts_with("xtask/tests/tidy/"));
    violations
}

#[test]
fn the_contract_depends_on_serde_alone() {
    require(foreign_dependencies(&REPOSITORY), "what a Rust worker needs besides belongs to bench/worker");
}

#[test]
fn engine_folders_stay_short() {
    require(
        long_engines(&REPOSITORY, ENGINE_LIMITS),
        "move what other engines need too to bench/worker's kit",
    );
}

#[test]
fn the_readme_stays_short() {
    require(long_readme(&REPOSITORY), "move details to docs/");
}

#[test]
fn every_unsafe_block_says_why_it_is_safe() {
    require(without_safety(&REPOSITORY), "write `// SAFETY:` and the reason on the line above");
}

#[test]
fn nothing_belongs_to_one_machine() {
    require(
        of_one_machine(&REPOSITORY),
        "take paths from the environment, and leave hosts to the registry's client",
    );
}

#[test]
fn another_dependency_of_the_contract_is_found() {
    let text = "[dependencies]\nserde = \"1\"\nlibc = \"0.2\"\n[dev-dependencies]\nserde_json = \"1\"\n";
    let tree = Tree::of(&[("bench/protocol/Cargo.toml", text)]);
    let what = "the contract depends on `libc`";
    assert_eq!(foreign_dependencies(&tree), [Violation::new("bench/protocol/Cargo.toml", 3, what)]);
}

#[test]
fn a_long_engine_and_a_long_readme_are_found() {
    let readme = "line\n".repeat(131);
    let tree = Tree::of(&[
        ("README.md", &readme),
        ("e/Cargo.toml", "[package]\n"),
        ("e/src/main.rs", "//! Why.\nmod a;\n#[cfg(test)]\nmod tests;\n"),
        ("e/src/a.rs", "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n"),
        ("e/src/tests.rs", "fn c() {}\n"),
        ("e/tests/d.rs", "fn d() {}\n"),
    ]);
    assert_eq!(long_engines(&tree, &[("e", 3)]), []);
    assert_eq!(long_engines(&tree, &[("e", 2)])[0].what, "3 lines of Rust without tests, 2 are allowed");
    assert_eq!(long_readme(&tree), [Violation::new("README.md", 131, "131 lines, 130 are allowed")]);
}

#[test]
fn unsafe_without_a_reason_is_found() {
    let text = "fn f() {\n    // SAFETY: it is.\n    let a =\n        unsafe { g() };\n    // why\n    unsafe { g() };\n    \
                println!(\"{}\", unsafe { g() });\n    // SAFETY: it is,\n    // as long as it is.\n    #[allow(x)]\n    \
                unsafe { g() };\n}\nunsafe impl Send for A {}\n";
    let found: Vec<usize> =
        without_safety(&Tree::of(&[("a.rs", text)])).iter().map(|violation| violation.line).collect();
    assert_eq!(found, [6, 7, 13]);
}

#[test]
fn paths_and_hosts_of_one_machine_are_found() {
    let tree = Tree::of(&[
        ("a.md", "in /home/me/x\nin $HOME/home/x\nhttps://crates.io/crates/x\nat target/work/x\n"),
        (
            "b.toml",
            "at = \"https://index.crates.io/x\"\nat = \"http://10.0.0.1/x\"\nat = \"http://proxy:8080\"\n",
        ),
        ("Cargo.lock", "https://index.crates.io\n"),
    ]);
    let found: Vec<String> = of_one_machine(&tree)
        .iter()
        .map(|violation| format!("{}:{}", violation.path, violation.line))
        .collect();
    assert_eq!(found, ["a.md:1", "b.toml:1", "b.toml:2", "b.toml:3"]);
}
