//! The catalogue `sample-src/samples.toml`: what there is to build and to call.

use super::build::generate::Shape;
use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use clap::builder::PossibleValue;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// One sample of the catalogue.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Its name, in every table and file name.
    pub name: String,
    /// The group under which it is asked for.
    pub group: Group,
    /// What it exercises, in a few words.
    pub exercises: String,
    /// What it is compiled from.
    pub source: SampleSource,
    /// What is called.
    pub entry: SampleEntry,
    /// Whether a call changes what the next one does.
    pub fresh_instance: bool,
}

protocol::named_enum! {
    /// Samples that are asked for together, for instance by `@core`.
    #[derive(Default)]
    pub enum Group {
        /// What every command takes where nothing is asked for: kernels and real programs.
        #[default]
        Core = "core",
        /// More kernels.
        Kernels = "kernels",
        /// More real crates on real input.
        Apps = "apps",
        /// WASI commands.
        Wasi = "wasi",
        /// One program in many sizes.
        Scale = "scale",
    }
}

/// What a sample is compiled from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SampleSource {
    /// One file in the catalogue's folder, by rustc.
    File(String),
    /// A package in the catalogue's folder, by cargo.
    Package(String),
    /// A generated program, by rustc.
    Generated(Shape),
}

/// What is called.
#[derive(Clone, Debug, PartialEq)]
pub enum SampleEntry {
    /// An exported function of the signature `(i32) -> i64`.
    Export {
        /// Its name.
        name: String,
        /// Its arguments.
        sizes: Sizes<u32>,
    },
    /// A WASI preview 1 command.
    Command(WasiCommand),
}

/// How a command is run. Files and folders are in the catalogue's folder.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WasiCommand {
    /// Its arguments, without the program's name.
    pub sizes: Sizes<Vec<String>>,
    /// Its environment; it sees no other.
    pub env: BTreeMap<String, String>,
    /// The file that is its standard input; empty without one.
    pub stdin: Option<String>,
    /// The folders that are opened for it, by the name under which it sees them.
    pub dirs: BTreeMap<String, String>,
}

/// Something for each size.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sizes<T> {
    small: T,
    medium: T,
    large: T,
}

protocol::named_enum! {
    /// Which of a sample's arguments, the smallest first.
    pub enum SizeName {
        /// The least work.
        Small = "small",
        /// More work.
        Medium = "medium",
        /// The most work.
        Large = "large",
    }
}

impl ValueEnum for SizeName {
    fn value_variants<'a>() -> &'a [SizeName] {
        &SizeName::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

/// The sizes' names, the smallest first.
pub const SIZES: [&str; 3] = [SizeName::Small.name(), SizeName::Medium.name(), SizeName::Large.name()];

impl<T> Sizes<T> {
    /// Names and values, the smallest first.
    pub fn all(&self) -> [(&'static str, &T); 3] {
        let [small, medium, large] = SIZES;
        [(small, &self.small), (medium, &self.medium), (large, &self.large)]
    }
}

impl Sample {
    /// Whether it is a command; else it is an export.
    pub fn is_command(&self) -> bool {
        matches!(self.entry, SampleEntry::Command(_))
    }

    /// The shape of a generated program; `None` of any other.
    pub fn shape(&self) -> Option<Shape> {
        match self.source {
            SampleSource::Generated(shape) => Some(shape),
            SampleSource::File(_) | SampleSource::Package(_) => None,
        }
    }

    /// What it is, in a word.
    pub fn kind(&self) -> &'static str {
        match (&self.entry, &self.source) {
            (SampleEntry::Command(_), _) => "command",
            (SampleEntry::Export { .. }, SampleSource::File(_)) => "kernel",
            (SampleEntry::Export { .. }, SampleSource::Package(_)) => "app",
            (SampleEntry::Export { .. }, SampleSource::Generated(_)) => "generated",
        }
    }
}

/// An entry of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    name: String,
    #[serde(default)]
    group: Group,
    exercises: String,
    source: Option<String>,
    package: Option<String>,
    generated: Option<Shape>,
    export: Option<String>,
    #[serde(default)]
    fresh_instance: bool,
    sizes: Option<LineSizes>,
    command: Option<LineCommand>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum LineSizes {
    Arguments(Sizes<u32>),
    Lists(Sizes<Vec<String>>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LineCommand {
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    stdin: Option<String>,
    #[serde(default)]
    dirs: BTreeMap<String, String>,
}

impl Line {
    fn into_sample(self) -> Result<Sample> {
        let source = match (self.source, self.package, self.generated) {
            (Some(file), None, None) => SampleSource::File(file),
            (None, Some(folder), None) => SampleSource::Package(folder),
            (None, None, Some(shape)) => SampleSource::Generated(shape),
            _ => bail!("it needs one of `source`, `package` and `generated`"),
        };
        let entry = match (self.export, self.command, self.sizes) {
            (Some(name), None, Some(LineSizes::Arguments(sizes))) => SampleEntry::Export { name, sizes },
            (None, Some(command), None) => SampleEntry::Command(command.with_sizes(Sizes::default())),
            (None, Some(command), Some(LineSizes::Lists(more))) => {
                SampleEntry::Command(command.with_sizes(more))
            }
            _ => bail!(
                "it needs either an `export` whose sizes are numbers, or a `command` whose sizes, if any, are lists of arguments"
            ),
        };
        // Whatever a command does, it does it once.
        let fresh_instance = self.fresh_instance || matches!(entry, SampleEntry::Command(_));
        let Line { name, group, exercises, .. } = self;
        Ok(Sample { name, group, exercises, source, entry, fresh_instance })
    }
}

impl LineCommand {
    /// The arguments of each size come after those of all.
    fn with_sizes(self, more: Sizes<Vec<String>>) -> WasiCommand {
        let join = |more: Vec<String>| self.args.iter().cloned().chain(more).collect();
        let sizes = Sizes { small: join(more.small), medium: join(more.medium), large: join(more.large) };
        WasiCommand { sizes, env: self.env, stdin: self.stdin, dirs: self.dirs }
    }
}

/// Reads the catalogue in `folder`.
///
/// # Errors
/// When it is not well-formed, names a sample twice, or names something that is not there.
pub fn read(folder: &Path) -> Result<Vec<Sample>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Catalogue {
        sample: Vec<Line>,
    }
    let Catalogue { sample: lines } = read_toml(&folder.join("samples.toml"))?;
    let mut names = BTreeSet::new();
    let mut samples = Vec::new();
    for line in lines {
        let name = line.name.clone();
        let sample = line.into_sample().with_context(|| format!("samples.toml: the sample `{name}`"))?;
        check_files(&sample, folder)?;
        ensure!(names.insert(name.clone()), "samples.toml names the sample `{name}` twice");
        samples.push(sample);
    }
    Ok(samples)
}

/// Checks that what a sample names is there, and that native code can see it as the guest does.
fn check_files(sample: &Sample, folder: &Path) -> Result<()> {
    let mut files = match &sample.source {
        SampleSource::File(file) => vec![folder.join(file)],
        SampleSource::Package(package) => vec![folder.join(package).join("Cargo.toml")],
        SampleSource::Generated(_) => Vec::new(),
    };
    if let SampleEntry::Command(command) = &sample.entry {
        files.extend(command.stdin.iter().map(|file| folder.join(file)));
        for (guest, host) in &command.dirs {
            files.push(folder.join(host));
            let plain = !guest.is_empty() && !guest.contains('/') && !guest.starts_with('.');
            ensure!(plain, "samples.toml: {} sees the folder `{guest}`; make it a plain name", sample.name);
        }
    }
    for file in files {
        ensure!(file.exists(), "samples.toml names {}, which is not there", file.display());
    }
    Ok(())
}

/// Reads a file of this folder.
///
/// # Errors
/// When it cannot be read or is not well-formed; the message names it.
pub fn read_toml<T: serde::de::DeserializeOwned>(file: &Path) -> Result<T> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    toml::from_str(&text).with_context(|| format!("{} is not well-formed", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::paths::Paths;

    #[test]
    fn every_sample_has_three_growing_sizes() {
        let samples = read(&Paths::find().unwrap().sample_src).unwrap();
        let core: Vec<&Sample> = samples.iter().filter(|sample| sample.group == Group::Core).collect();
        assert_eq!(core.len(), 10, "the core is what every command measures: it stays what it is");
        let programs = core.iter().filter(|sample| matches!(sample.source, SampleSource::Package(_)));
        assert!(programs.count() >= 3, "a summary of the core is not of kernels alone");
        for sample in &samples {
            if let SampleEntry::Export { sizes, .. } = &sample.entry {
                let sizes = sizes.all();
                assert!(sizes.is_sorted_by(|a, b| a.1 < b.1), "{} does not grow", sample.name);
            }
        }
    }

    #[test]
    fn every_source_says_why_it_exists_and_is_the_same_everywhere() {
        let folder = Paths::find().unwrap().sample_src;
        for sample in read(&folder).unwrap() {
            let file = match &sample.source {
                SampleSource::File(file) => folder.join(file),
                SampleSource::Package(package) if sample.is_command() => {
                    folder.join(package).join("src/main.rs")
                }
                SampleSource::Package(package) => folder.join(package).join("src/lib.rs"),
                SampleSource::Generated(_) => continue,
            };
            let source = std::fs::read_to_string(&file).unwrap();
            assert!(source.starts_with("//! "), "{} has no introduction", file.display());
            // Tests are in none of the programs.
            let program = source.replace("#[cfg(test)]", "");
            assert!(!program.contains("cfg("), "{} is not the same program everywhere", file.display());
        }
    }

    fn parse(text: &str) -> Result<Sample> {
        toml::from_str::<Line>(text)?.into_sample()
    }

    #[test]
    fn the_arguments_of_a_commands_sizes_follow_those_of_all() {
        let sample = parse(
            "name = 'x'\ngroup = 'wasi'\nexercises = ''\nsource = 'x.rs'\n\
             command = { args = ['-n'], stdin = 'in' }\n\
             sizes = { small = ['1'], medium = ['2'], large = [] }",
        );
        let sample = sample.unwrap();
        assert!(sample.fresh_instance && sample.is_command());
        let SampleEntry::Command(command) = sample.entry else { panic!("a command") };
        let [small, _, large] = command.sizes.all();
        assert_eq!(
            (small.1.as_slice(), large.1.as_slice()),
            (&["-n".to_owned(), "1".into()][..], &["-n".to_owned()][..])
        );
    }

    #[test]
    fn an_export_without_sizes_or_with_two_sources_is_refused() {
        for text in [
            "name = 'x'\nexercises = ''\nsource = 'x.rs'\nexport = 'run'",
            "name = 'x'\nexercises = ''\nsource = 'x.rs'\npackage = 'x'\nexport = 'run'\n\
             sizes = { small = 1, medium = 2, large = 3 }",
        ] {
            parse(text).unwrap_err();
        }
    }
}
