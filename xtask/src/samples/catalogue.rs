//! The catalogue `sample-src/samples.toml`, and beside it `expected.toml`: what native code
//! returned for each argument in the catalogue.

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

/// One sample of the catalogue.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// Its name, in every table and file name.
    pub name: String,
    /// What it exercises, in a few words.
    pub exercises: String,
    /// Its source file, in the catalogue's folder.
    pub source: String,
    /// The exported function, of the signature `(i32) -> i64`.
    pub export: String,
    /// Whether a call changes what the next one does.
    #[serde(default)]
    pub fresh_instance: bool,
    /// Its arguments.
    pub sizes: Sizes,
}

/// The argument of each size.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sizes {
    small: u32,
    medium: u32,
    large: u32,
}

impl Sizes {
    /// Names and arguments, the smallest first.
    pub fn all(self) -> [(&'static str, u32); 3] {
        [("small", self.small), ("medium", self.medium), ("large", self.large)]
    }
}

/// Reads the catalogue in `folder`.
///
/// # Errors
/// When it is not well-formed, names a sample twice, or names a source that is not there.
pub fn read(folder: &Path) -> Result<Vec<Sample>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Catalogue {
        sample: Vec<Sample>,
    }
    let Catalogue { sample: samples } = read_toml(&folder.join("samples.toml"))?;
    let mut names = BTreeSet::new();
    for sample in &samples {
        ensure!(names.insert(&sample.name), "samples.toml names the sample `{}` twice", sample.name);
        let source = folder.join(&sample.source);
        ensure!(source.is_file(), "samples.toml names {}, which is not there", source.display());
    }
    Ok(samples)
}

/// What native code returned, by sample and size.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Expected(BTreeMap<String, BTreeMap<String, Call>>);

/// One call and its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The argument, so that a size that was changed in the catalogue is noticed.
    pub argument: u32,
    /// The result; wasm's i64 has no sign, TOML's integers have.
    pub result: i64,
}

impl Expected {
    const FILE: &str = "expected.toml";

    /// Reads the results in `folder`; without the file there are none.
    ///
    /// # Errors
    /// When the file is not well-formed.
    pub fn read(folder: &Path) -> Result<Expected> {
        let file = folder.join(Self::FILE);
        if file.exists() { read_toml(&file) } else { Ok(Expected::default()) }
    }

    /// The result of `sample` for the argument that the catalogue has for `size`.
    ///
    /// # Errors
    /// When there is none.
    pub fn result(&self, sample: &Sample, size: &str, argument: u32) -> Result<i64> {
        match self.0.get(&sample.name).and_then(|sizes| sizes.get(size)) {
            Some(call) if call.argument == argument => Ok(call.result),
            _ => bail!(
                "{} has no result of {} for {size} ({argument}); run `cargo xtask samples --bless`",
                Self::FILE,
                sample.name
            ),
        }
    }

    /// Notes what `sample` returned for its three sizes, in their order.
    pub fn set(&mut self, sample: &Sample, calls: &[Call]) {
        let names = sample.sizes.all().map(|(name, _)| name.to_owned());
        self.0.insert(sample.name.clone(), names.into_iter().zip(calls.iter().copied()).collect());
    }

    /// Writes the results to `folder`, in the order of `samples`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, folder: &Path, samples: &[Sample]) -> Result<()> {
        let mut text = String::from(
            "# Written by `cargo xtask samples --bless`: what native code returned. Not to be edited.\n",
        );
        for sample in samples {
            writeln!(text, "\n[{}]", sample.name)?;
            for (size, argument) in sample.sizes.all() {
                let result = self.result(sample, size, argument)?;
                writeln!(text, "{size} = {{ argument = {argument}, result = {result} }}")?;
            }
        }
        super::store::write(&folder.join(Self::FILE), text.as_bytes())
    }
}

fn read_toml<T: serde::de::DeserializeOwned>(file: &Path) -> Result<T> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    toml::from_str(&text).with_context(|| format!("{} is not well-formed", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths::Paths;
    use sha2::{Digest, Sha256};

    #[test]
    fn every_sample_has_three_growing_sizes_and_expected_results() {
        let folder = Paths::find().unwrap().sample_src;
        let samples = read(&folder).unwrap();
        let expected = Expected::read(&folder).unwrap();
        assert!(samples.len() >= 11);
        for sample in &samples {
            let sizes = sample.sizes.all();
            assert!(sizes.is_sorted_by(|a, b| a.1 < b.1), "{} does not grow", sample.name);
            for (size, argument) in sizes {
                expected.result(sample, size, argument).unwrap();
            }
        }
    }

    #[test]
    fn every_source_says_why_it_exists_and_needs_nothing_but_std() {
        let folder = Paths::find().unwrap().sample_src;
        for sample in read(&folder).unwrap() {
            let source = std::fs::read_to_string(folder.join(&sample.source)).unwrap();
            assert!(source.starts_with("//! "), "{} has no introduction", sample.source);
            assert!(!source.contains("cfg("), "{} is not the same program everywhere", sample.source);
        }
    }

    #[test]
    fn the_sha256_sample_agrees_with_a_library() {
        let folder = Paths::find().unwrap().sample_src;
        let samples = read(&folder).unwrap();
        let sample = samples.iter().find(|sample| sample.name == "sha256").unwrap();
        let expected = Expected::read(&folder).unwrap();
        for (size, argument) in sample.sizes.all() {
            let message: Vec<u8> =
                (0..argument).map(|index| index.wrapping_mul(31).to_le_bytes()[0]).collect();
            let digest = Sha256::digest(&message);
            let first = i64::from_be_bytes(*digest.first_chunk().unwrap());
            assert_eq!(expected.result(sample, size, argument).unwrap(), first);
        }
    }

    #[test]
    fn a_result_for_another_argument_is_no_result() {
        let sample = Sample {
            name: "x".into(),
            exercises: String::new(),
            source: "x.rs".into(),
            export: "run".into(),
            fresh_instance: false,
            sizes: Sizes { small: 1, medium: 2, large: 3 },
        };
        let mut expected = Expected::default();
        expected.set(&sample, &[1, 2, 3].map(|argument| Call { argument, result: -1 }));
        assert_eq!(expected.result(&sample, "small", 1).unwrap(), -1);
        let error = expected.result(&sample, "small", 9).unwrap_err().to_string();
        assert!(error.contains("--bless"), "{error}");
    }
}
