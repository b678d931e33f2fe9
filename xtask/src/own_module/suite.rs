//! Suites: files that list modules with how each is called and what is expected of it. A TOML file of this
//! program's own, or a `*.suite` file of Sightglass's, which lists paths alone.

use super::environment::Given;
use super::names;
use super::steady::Instances;
use super::stubs::Stubs;
use super::subject::Asked;
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The ending of Sightglass's files.
const SIGHTGLASS: &str = "suite";

/// The group of modules that have none.
pub const GROUP: &str = "suite";

/// A suite as its file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Suite {
    /// Its modules, in the order in which tables show them.
    #[serde(rename = "module")]
    modules: Vec<Entry>,
}

/// A module of a suite. Paths are relative to the suite's file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    path: PathBuf,
    name: Option<String>,
    group: Option<String>,
    #[serde(default)]
    invoke: Vec<Text>,
    #[serde(default)]
    setup: Vec<String>,
    expect: Option<Vec<Text>>,
    #[serde(default)]
    compile_only: bool,
    stub_imports: Option<StubName>,
    instances: Option<InstanceName>,
    #[serde(default)]
    args: Vec<Text>,
    #[serde(default)]
    env: BTreeMap<String, Text>,
    stdin: Option<PathBuf>,
    #[serde(default)]
    dirs: Vec<String>,
    expect_exit: Option<i32>,
    expect_stdout: Option<PathBuf>,
    expect_stderr: Option<PathBuf>,
}

/// A value that may be written as a number or as text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Text {
    String(String),
    Integer(i64),
    Float(f64),
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StubName {
    Trap,
    Zero,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum InstanceName {
    Fresh,
    Same,
}

/// The modules that the suite in `file` asks for.
///
/// # Errors
/// When the file cannot be read or is no suite; the message says where.
pub fn read(file: &Path) -> Result<Vec<Asked>> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("reading the suite {shown}"))?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let asked = if file.extension().is_some_and(|ending| ending == SIGHTGLASS) {
        of_sightglass(&text, folder)
    } else {
        let suite: Suite = toml::from_str(&text)
            .map_err(|error| anyhow::anyhow!("{shown} is no suite: {}", on_one_line(&error.to_string())))?;
        own(suite, folder).with_context(|| format!("in the suite {shown}"))?
    };
    ensure!(!asked.is_empty(), "{shown} lists no modules");
    let mut known = BTreeSet::new();
    if let Some(twice) = asked.iter().find(|one| !known.insert(&one.name)) {
        bail!("{shown} has two modules with the name {}; give one of them another `name`", twice.name);
    }
    Ok(asked)
}

fn on_one_line(words: &str) -> String {
    words.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

fn own(suite: Suite, folder: &Path) -> Result<Vec<Asked>> {
    let files: Vec<PathBuf> = suite.modules.iter().map(|entry| folder.join(&entry.path)).collect();
    let names = names::unique(&files);
    suite.modules.into_iter().zip(names).map(|(entry, name)| entry.asked(folder, name)).collect()
}

impl Entry {
    fn asked(self, folder: &Path, name: String) -> Result<Asked> {
        let path = self.path.display().to_string();
        let is_command = self.invoke.is_empty();
        ensure!(
            is_command || (self.args.is_empty() && self.stdin.is_none() && self.dirs.is_empty()),
            "{path}: args, stdin and dirs are for commands, and `invoke` names a function"
        );
        ensure!(!is_command || self.expect.is_none(), "{path}: `expect` needs `invoke`; see expect-exit");
        let dir = |text: &String| {
            let pair = text.split_once("::").filter(|(host, guest)| !host.is_empty() && !guest.is_empty());
            let (host, guest) = pair.with_context(|| format!("{path}: dirs has {text}, not HOST::GUEST"))?;
            anyhow::Ok((folder.join(host), guest.to_owned()))
        };
        let file = |file: Option<PathBuf>| file.map(|file| folder.join(file));
        Ok(Asked {
            name: self.name.unwrap_or(name),
            file: folder.join(&self.path),
            invoke: texts(&self.invoke),
            setup: self.setup,
            compile_only: self.compile_only,
            stubs: self.stub_imports.map(|name| match name {
                StubName::Trap => Stubs::Trap,
                StubName::Zero => Stubs::Zero,
            }),
            instances: self.instances.map_or(Instances::AsFound, |name| match name {
                InstanceName::Fresh => Instances::Fresh,
                InstanceName::Same => Instances::Same,
            }),
            expect: self.expect.as_deref().map(texts),
            expect_exit: self.expect_exit,
            given: Given {
                args: texts(&self.args),
                env: self.env.iter().map(|(name, value)| (name.clone(), value.to_string())).collect(),
                stdin: file(self.stdin),
                expected_stdout: file(self.expect_stdout),
                expected_stderr: file(self.expect_stderr),
                dirs: self.dirs.iter().map(dir).collect::<Result<_>>()?,
            },
            group: Some(self.group.unwrap_or_else(|| GROUP.to_owned())),
        })
    }
}

fn texts(texts: &[Text]) -> Vec<String> {
    texts.iter().map(Text::to_string).collect()
}

impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Text::String(text) => f.write_str(text),
            Text::Integer(number) => write!(f, "{number}"),
            Text::Float(number) => write!(f, "{number}"),
        }
    }
}

/// One path a line. Each module is a command that finds its input, `default.input`, in its own folder, and may
/// have what it must print beside it.
fn of_sightglass(text: &str, folder: &Path) -> Vec<Asked> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let files: Vec<PathBuf> = lines.map(|line| folder.join(line)).collect();
    let asked = |(file, name): (&PathBuf, String)| {
        let own_folder =
            file.parent().map_or(PathBuf::from("."), |parent| match parent.as_os_str().is_empty() {
                true => PathBuf::from("."),
                false => parent.to_owned(),
            });
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let beside = |stream: &str| {
            let candidates = [format!("{stem}.{stream}.expected"), format!("default.{stream}.expected")];
            candidates.into_iter().map(|name| own_folder.join(name)).find(|file| file.is_file())
        };
        Asked {
            name,
            file: file.clone(),
            given: Given {
                expected_stdout: beside("stdout"),
                expected_stderr: beside("stderr"),
                dirs: vec![(own_folder.clone(), ".".to_owned())],
                ..Given::default()
            },
            group: Some(GROUP.to_owned()),
            ..Asked::default()
        }
    };
    files.iter().zip(names::unique(&files)).map(asked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite(name: &str, text: &str) -> (tempfile::TempDir, Result<Vec<Asked>>) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        std::fs::create_dir_all(folder.path().join("shootout")).unwrap();
        std::fs::write(folder.path().join("shootout/a.stdout.expected"), "a").unwrap();
        std::fs::write(&file, text).unwrap();
        let read = read(&file);
        (folder, read)
    }

    #[test]
    fn a_suite_says_how_each_module_is_called_and_what_is_expected() {
        let (folder, asked) = suite(
            "own.toml",
            r#"
            [[module]]
            path = "lib.wasm"
            invoke = ["run", 3, "-0x10", 1.5]
            setup = ["init 16"]
            expect = [-7]
            [[module]]
            path = "tool.wasm"
            name = "tool-sorts"
            group = "tools"
            args = ["-v", 3]
            env = { LANG = "C" }
            dirs = ["data::/data"]
            expect-exit = 3
            "#,
        );
        let asked = asked.unwrap();
        assert_eq!(asked[0].invoke, ["run", "3", "-0x10", "1.5"]);
        assert_eq!(
            (asked[0].name.as_str(), asked[0].expect.as_deref()),
            ("lib", Some(&["-7".to_owned()][..]))
        );
        assert_eq!(asked[0].file, folder.path().join("lib.wasm"));
        assert_eq!((asked[1].name.as_str(), asked[1].group.as_deref()), ("tool-sorts", Some("tools")));
        assert_eq!(asked[1].given.dirs, [(folder.path().join("data"), "/data".to_owned())]);
        assert_eq!((asked[1].given.args.join(" ").as_str(), asked[1].expect_exit), ("-v 3", Some(3)));
    }

    #[test]
    fn what_is_wrong_in_a_suite_is_named_with_its_place() {
        let words = |text: &str| format!("{:#}", suite("own.toml", text).1.unwrap_err());
        assert!(words("[[module]]\npath = \"a\"\nargz = []").contains("unknown field `argz`"));
        assert!(
            words("[[module]]\npath = \"a\"\n[[module]]\npath = \"b\"\nname = \"a\"")
                .contains("name a; give")
        );
        assert!(
            words("[[module]]\npath = \"a\"\ninvoke = [\"f\"]\nargs = [\"x\"]").contains("are for commands")
        );
        assert!(words("module = []").contains("lists no modules"));
    }

    #[test]
    fn a_suite_of_sightglass_is_taken_as_it_is() {
        let (folder, asked) = suite("all.suite", "# all\nshootout/a.wasm\n\nshootout/b.wasm\n");
        let asked = asked.unwrap();
        let here = folder.path().join("shootout");
        assert_eq!(asked.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(asked[0].given.dirs, [(here.clone(), ".".to_owned())]);
        assert_eq!(asked[0].given.expected_stdout, Some(here.join("a.stdout.expected")));
        assert_eq!(asked[1].given.expected_stdout, None);
    }
}
