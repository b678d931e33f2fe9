//! `sample-src/expected.toml`: the results of the native code, for each size of each sample.

use super::build::generate::Shape;
use super::build::store;
use super::catalogue::{Sample, SampleEntry, read_toml};
use anyhow::{Result, bail};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// The results of the native code, by sample and size.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct ExpectedResults(BTreeMap<String, BTreeMap<String, ExpectedResult>>);

/// How a call or a command ended.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum ExpectedResult {
    /// A call returned.
    Call(Call),
    /// A command ended.
    Command(CommandRun),
}

/// One call and its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The argument, so that a size that was changed in the catalogue is noticed.
    pub argument: u32,
    /// The result; wasm's i64 has no sign, TOML's integers have.
    pub result: i64,
    /// The shape of a generated program, for the same reason.
    #[serde(default)]
    pub shape: Option<Shape>,
}

/// One run of a command and its end.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandRun {
    /// The arguments, for the same reason.
    pub args: Vec<String>,
    /// Its exit code.
    pub exit_code: i32,
    /// The length of what it printed.
    pub stdout_bytes: u64,
    /// The SHA-256 of what it printed, in hexadecimal.
    pub stdout_sha256: String,
}

impl fmt::Display for ExpectedResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExpectedResult::Call(Call { argument, result, shape }) => {
                write!(f, "{{ argument = {argument}, ")?;
                if let Some(Shape { functions, statements }) = shape {
                    write!(f, "shape = {{ functions = {functions}, statements = {statements} }}, ")?;
                }
                write!(f, "result = {result} }}")
            }
            ExpectedResult::Command(CommandRun { args, exit_code, stdout_bytes, stdout_sha256 }) => {
                let args = toml::Value::from(args.clone());
                write!(f, "{{ args = {args}, exit_code = {exit_code}, ")?;
                write!(f, "stdout_bytes = {stdout_bytes}, stdout_sha256 = \"{stdout_sha256}\" }}")
            }
        }
    }
}

impl ExpectedResults {
    const FILE: &str = "expected.toml";

    /// Reads the results in `folder`; without the file there are none.
    ///
    /// # Errors
    /// When the file is not well-formed.
    pub fn read(folder: &Path) -> Result<ExpectedResults> {
        let file = folder.join(Self::FILE);
        if file.exists() { read_toml(&file) } else { Ok(ExpectedResults::default()) }
    }

    /// The expected result of `sample` at `size`, with the arguments that the catalogue has.
    ///
    /// # Errors
    /// When it is not known.
    pub fn of(&self, sample: &Sample, size: &str) -> Result<&ExpectedResult> {
        let known = self.0.get(&sample.name).and_then(|sizes| sizes.get(size));
        match known.filter(|ended| is_current(sample, size, ended)) {
            Some(ended) => Ok(ended),
            None => bail!(
                "{} has no result of {} at size {size}; run `cargo xtask samples --samples {} --bless`",
                Self::FILE,
                sample.name,
                sample.name
            ),
        }
    }

    /// Sets the result of `sample` at `size`.
    pub fn set(&mut self, sample: &Sample, size: &str, ended: ExpectedResult) {
        self.0.entry(sample.name.clone()).or_default().insert(size.to_owned(), ended);
    }

    /// Writes the results to `folder`, in the order of `samples`, and drops all others.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, folder: &Path, samples: &[Sample]) -> Result<()> {
        let mut text = String::from(
            "# Written by `cargo xtask samples --bless`: what native code returned. Not to be edited.\n",
        );
        for sample in samples {
            let Some(sizes) = self.0.get(&sample.name) else { continue };
            text.push_str(&format!("\n[{}]\n", sample.name));
            for size in crate::samples::catalogue::SIZES {
                if let Some(ended) = sizes.get(size) {
                    text.push_str(&format!("{size} = {ended}\n"));
                }
            }
        }
        store::write(&folder.join(Self::FILE), text.as_bytes())
    }
}

/// Whether `ended` belongs to what the catalogue asks for now.
fn is_current(sample: &Sample, size: &str, ended: &ExpectedResult) -> bool {
    match (&sample.entry, ended) {
        (SampleEntry::Export { sizes, .. }, ExpectedResult::Call(call)) => {
            let same = |(name, argument): &(&str, &u32)| *name == size && **argument == call.argument;
            sizes.all().iter().any(same) && call.shape == sample.shape()
        }
        (SampleEntry::Command(command), ExpectedResult::Command(run)) => {
            command.sizes.all().iter().any(|(name, args)| *name == size && **args == run.args)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::paths::Paths;
    use crate::samples::catalogue;
    use sha2::{Digest, Sha256};

    #[test]
    fn every_sample_has_an_expected_end_at_every_size() {
        let folder = Paths::find().unwrap().sample_src;
        let expected = ExpectedResults::read(&folder).unwrap();
        for sample in catalogue::read(&folder).unwrap() {
            for size in catalogue::SIZES {
                expected.of(&sample, size).unwrap();
            }
        }
    }

    #[test]
    fn the_sha256_sample_agrees_with_a_library() {
        let folder = Paths::find().unwrap().sample_src;
        let samples = catalogue::read(&folder).unwrap();
        let sample = samples.iter().find(|sample| sample.name == "sha256").unwrap();
        let expected = ExpectedResults::read(&folder).unwrap();
        let SampleEntry::Export { sizes, .. } = &sample.entry else { panic!("an export") };
        for (size, &argument) in sizes.all() {
            let message: Vec<u8> =
                (0..argument).map(|index| index.wrapping_mul(31).to_le_bytes()[0]).collect();
            let digest = Sha256::digest(&message);
            let result = i64::from_be_bytes(*digest.first_chunk().unwrap());
            assert_eq!(
                *expected.of(sample, size).unwrap(),
                ExpectedResult::Call(Call { argument, result, shape: None })
            );
        }
    }

    #[test]
    fn a_result_for_another_argument_is_no_result() {
        let samples = catalogue::read(&Paths::find().unwrap().sample_src).unwrap();
        let sample = &samples[0];
        let SampleEntry::Export { sizes, .. } = &sample.entry else { panic!("an export") };
        let argument = *sizes.all()[0].1;
        let mut expected = ExpectedResults::default();
        expected.set(sample, "small", ExpectedResult::Call(Call { argument, result: -1, shape: None }));
        expected.of(sample, "small").unwrap();
        expected.set(
            sample,
            "small",
            ExpectedResult::Call(Call { argument: argument + 1, result: -1, shape: None }),
        );
        let error = expected.of(sample, "small").unwrap_err().to_string();
        assert!(error.contains("--bless"), "{error}");
    }

    #[test]
    fn a_result_of_another_shape_is_no_result() {
        let samples = catalogue::read(&Paths::find().unwrap().sample_src).unwrap();
        let sample = samples.iter().find(|sample| sample.shape().is_some()).unwrap();
        let SampleEntry::Export { sizes, .. } = &sample.entry else { panic!("an export") };
        let argument = *sizes.all()[0].1;
        let mut expected = ExpectedResults::default();
        let other = sample.shape().map(|shape| Shape { statements: shape.statements + 1, ..shape });
        for (shape, known) in [(sample.shape(), true), (other, false), (None, false)] {
            expected.set(sample, "small", ExpectedResult::Call(Call { argument, result: 1, shape }));
            assert_eq!(expected.of(sample, "small").is_ok(), known, "{shape:?}");
        }
    }

    #[test]
    fn what_is_written_is_what_was_meant() {
        let folder = tempfile::tempdir().unwrap();
        let samples = catalogue::read(&Paths::find().unwrap().sample_src).unwrap();
        let mut expected = ExpectedResults::default();
        let args = vec!["a \"quoted\" word".to_owned(), "two\nlines\\".to_owned()];
        let run = CommandRun { args, exit_code: 3, stdout_bytes: 9, stdout_sha256: "00".into() };
        expected.set(&samples[0], "small", ExpectedResult::Command(run));
        let shape = Some(Shape { functions: 2, statements: 3 });
        expected.set(&samples[2], "medium", ExpectedResult::Call(Call { argument: 7, result: 8, shape }));
        expected.set(
            &samples[1],
            "large",
            ExpectedResult::Call(Call { argument: 1, result: -1, shape: None }),
        );
        expected.write(folder.path(), &samples).unwrap();
        assert_eq!(ExpectedResults::read(folder.path()).unwrap(), expected);
    }
}
