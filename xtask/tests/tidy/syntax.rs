//! What the rules need of a Rust file's syntax: its modules, what each uses, defines and mentions.

use proc_macro2::{TokenStream, TokenTree};
use std::collections::BTreeSet;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemEnum, ItemMacro, ItemMod, ItemUse, Macro, UseTree, Visibility};

/// A module of a file: the file's own, or one written inside it.
#[derive(Default)]
pub struct Part {
    /// Its path below the file's own module.
    pub path: Vec<String>,
    /// Whether it is compiled for tests alone.
    pub test: bool,
    /// The modules that it declares and that have files of their own.
    pub declares: Vec<Declared>,
    pub uses: Vec<Use>,
    pub types: Vec<Type>,
    /// The names of its items.
    pub defines: BTreeSet<String>,
    /// Its macros that `#[macro_export]` puts into the crate's root.
    pub exports: BTreeSet<String>,
    /// Names that its code begins a path with, `use` lines aside.
    pub mentions: BTreeSet<String>,
}

/// `mod name;`.
pub struct Declared {
    pub name: String,
    /// What `#[path]` says.
    pub path: Option<String>,
    pub test: bool,
}

/// A path of a `use` line or in code.
#[derive(Clone)]
pub struct Use {
    pub segments: Vec<String>,
    pub line: usize,
    /// The name that a `use` line gives it; `*` for all names of a module; none in code.
    pub name: Option<String>,
    pub public: bool,
    pub test: bool,
}

/// A struct, enum, union or trait that is public, at least within its crate.
pub struct Type {
    pub name: String,
    pub line: usize,
}

/// The modules of a file, its own first.
pub fn parts(text: &str, path: &str) -> Vec<Part> {
    let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path} is not Rust: {error}"));
    let mut parts = Vec::new();
    collect(&file.items, &[], is_for_tests(&file.attrs), &mut parts);
    parts
}

/// The first and the last lines of the items that are compiled for tests alone.
pub fn test_lines(text: &str, path: &str) -> Vec<(usize, usize)> {
    let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path} is not Rust: {error}"));
    if is_for_tests(&file.attrs) {
        return vec![(1, usize::MAX)];
    }
    let lines = |item: &Item| (item.span().start().line, item.span().end().line);
    file.items.iter().filter(|item| is_for_tests(attributes(item))).map(lines).collect()
}

fn collect(items: &[Item], path: &[String], test: bool, parts: &mut Vec<Part>) {
    let mut part = Part { path: path.to_owned(), test, ..Part::default() };
    let mut inline = Vec::new();
    for item in items {
        let test = test || is_for_tests(attributes(item));
        part.note_item(item);
        match item {
            Item::Mod(ItemMod { ident, content: Some((_, items)), .. }) => {
                inline.push((ident.to_string(), items, test));
            }
            Item::Mod(module) => {
                let path = module.attrs.iter().find_map(path_attribute);
                part.declares.push(Declared { name: module.ident.to_string(), path, test });
            }
            item => Paths { part: &mut part, test }.visit_item(item),
        }
    }
    parts.push(part);
    for (name, items, test) in inline {
        collect(items, &[path, &[name]].concat(), test, parts);
    }
}

impl Part {
    /// Notes what the item defines.
    fn note_item(&mut self, item: &Item) {
        let (ident, public) = match item {
            Item::Struct(item) => (&item.ident, Some(&item.vis)),
            Item::Enum(item) => (&item.ident, Some(&item.vis)),
            Item::Union(item) => (&item.ident, Some(&item.vis)),
            Item::Trait(item) => (&item.ident, Some(&item.vis)),
            Item::Const(item) => (&item.ident, None),
            Item::Fn(item) => (&item.sig.ident, None),
            Item::Mod(item) => (&item.ident, None),
            Item::Macro(ItemMacro { ident: None, mac, .. }) => {
                if let Some(item) = named_enum(mac) {
                    self.note_item(&Item::Enum(item));
                }
                return;
            }
            Item::Macro(ItemMacro { ident: Some(ident), attrs, .. }) => {
                if attrs.iter().any(|attribute| attribute.path().is_ident("macro_export")) {
                    self.exports.insert(ident.to_string());
                    return;
                }
                (ident, None)
            }
            Item::Static(item) => (&item.ident, None),
            Item::Type(item) => (&item.ident, None),
            _ => return,
        };
        self.defines.insert(ident.to_string());
        if public.is_some_and(|visibility| !matches!(visibility, Visibility::Inherited)) {
            self.types.push(Type { name: ident.to_string(), line: ident.span().start().line });
        }
    }
}

/// The enum that a call of `named_enum!` defines.
fn named_enum(call: &Macro) -> Option<ItemEnum> {
    let is_called = call.path.segments.last().is_some_and(|last| last.ident == "named_enum");
    is_called.then(|| call.parse_body().ok()).flatten()
}

/// Collects the paths of an item.
struct Paths<'a> {
    part: &'a mut Part,
    test: bool,
}

impl Paths<'_> {
    fn note(&mut self, segments: Vec<String>, line: usize) {
        if let Some(first) = segments.first() {
            self.part.mentions.insert(first.clone());
        }
        if segments.len() > 1 {
            self.part.uses.push(Use { segments, line, name: None, public: false, test: self.test });
        }
    }

    fn flatten(&mut self, tree: &UseTree, prefix: &[String], public: bool) {
        let mut end = |last: String, name: String, line| {
            let mut segments = prefix.to_vec();
            if last != "self" && last != "*" {
                segments.push(last);
            }
            let name = if name == "self" { segments.last().cloned().unwrap_or_default() } else { name };
            self.part.uses.push(Use { segments, line, name: Some(name), public, test: self.test });
        };
        match tree {
            UseTree::Path(path) => {
                let prefix = [prefix, &[path.ident.to_string()]].concat();
                self.flatten(&path.tree, &prefix, public);
            }
            UseTree::Name(name) => {
                end(name.ident.to_string(), name.ident.to_string(), name.span().start().line);
            }
            UseTree::Rename(name) => {
                end(name.ident.to_string(), name.rename.to_string(), name.span().start().line);
            }
            UseTree::Glob(glob) => end("*".into(), "*".into(), glob.span().start().line),
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.flatten(tree, prefix, public));
            }
        }
    }

    /// Paths in a macro's input, which has no syntax of its own: names joined by `::`.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut segments: Vec<String> = Vec::new();
        let (mut line, mut colons) = (0, 0);
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Ident(ident) => {
                    if colons != 2 || segments.is_empty() {
                        self.note(std::mem::take(&mut segments), line);
                        line = ident.span().start().line;
                    }
                    segments.push(ident.to_string());
                }
                TokenTree::Group(group) => {
                    self.note(std::mem::take(&mut segments), line);
                    self.tokens(group.stream());
                }
                _ => self.note(std::mem::take(&mut segments), line),
            }
            colons = 0;
        }
        self.note(segments, line);
    }
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        // `::name` leads into another crate.
        if item.leading_colon.is_none() {
            self.flatten(&item.tree, &[], !matches!(item.vis, Visibility::Inherited));
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.note(segments, path.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast Macro) {
        self.tokens(item.tokens.clone());
        visit::visit_macro(self, item);
    }

    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}

/// Whether an item's attributes say that it is compiled for tests alone.
fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let tokens = |attribute: &Attribute| {
            attribute.meta.require_list().map(|list| list.tokens.to_string()).unwrap_or_default()
        };
        attribute.path().is_ident("test") || (attribute.path().is_ident("cfg") && tokens(attribute) == "test")
    })
}

fn path_attribute(attribute: &Attribute) -> Option<String> {
    let value = &attribute.meta.require_name_value().ok()?.value;
    let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = value else { return None };
    attribute.path().is_ident("path").then(|| text.value())
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

#[test]
fn uses_are_taken_apart() {
    let text = "use crate::{a::{self, B as C}, d::*};\npub use super::e;\nuse ::n::o;\nfn f() { g::h!(i::j(k)); self::l::m() }";
    let found: Vec<String> = parts(text, "x.rs")[0]
        .uses
        .iter()
        .map(|used| format!("{} {} {:?} {}", used.line, used.segments.join("::"), used.name, used.public))
        .collect();
    assert_eq!(
        found,
        [
            r#"1 crate::a Some("a") false"#,
            r#"1 crate::a::B Some("C") false"#,
            r#"1 crate::d Some("*") false"#,
            r#"2 super::e Some("e") true"#,
            "4 i::j None false",
            "4 g::h None false",
            "4 self::l::m None false",
        ]
    );
}

#[test]
fn what_is_for_tests_is_known() {
    let text =
        "fn a() {}\n#[cfg(test)]\nmod tests {\n    use super::*;\n}\n#[cfg(test)]\nmod more;\nmod other;\n";
    assert_eq!(test_lines(text, "x.rs"), [(2, 5), (6, 7)]);
    let parts = parts(text, "x.rs");
    assert_eq!(
        (parts[0].test, parts[1].test, parts[1].path.as_slice()),
        (false, true, &["tests".to_owned()][..])
    );
    assert!(parts[0].declares[0].test && !parts[0].declares[1].test);
}
