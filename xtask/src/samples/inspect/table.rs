//! The modules' sizes, features and instructions, one row a module, and the file `samples.csv` of them.

use super::survey::Survey;
use crate::samples::build::store;
use crate::samples::catalogue::{Sample, SampleEntry};
use anyhow::Result;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The file of all rows, in the folder of all outputs.
pub const FILE: &str = "samples.csv";

/// One module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SampleRow {
    /// The sample's name.
    pub sample: String,
    /// Its group.
    pub group: String,
    /// `kernel`, `app`, `command` or `generated`.
    pub kind: String,
    /// Its arguments, the smallest first.
    pub arguments: String,
    /// The variant.
    pub variant: String,
    /// The module's size.
    pub bytes: u64,
    /// The size of its code section's content.
    pub code_section_bytes: u64,
    /// The size of all its custom sections.
    pub custom_section_bytes: u64,
    /// Functions with a body.
    pub functions: u32,
    /// Features beyond the MVP, or `mvp`.
    pub features: String,
    /// Imported functions, as `module.name`.
    pub imports: String,
    /// Instructions in the file.
    pub instructions: u64,
    /// Direct calls among them.
    pub calls_percent: f64,
    /// Indirect calls.
    pub indirect_calls_percent: f64,
    /// Loads.
    pub loads_percent: f64,
    /// Stores.
    pub stores_percent: f64,
    /// Other instructions on floats.
    pub float_percent: f64,
    /// Instructions on vectors.
    pub simd_percent: f64,
    /// What the sample exercises.
    pub exercises: String,
}

impl SampleRow {
    /// The row of a module of `bytes` bytes.
    pub fn new(sample: &Sample, variant: &str, bytes: u64, survey: &Survey) -> SampleRow {
        let mix = &survey.mix;
        let percent = |count: u64| (mix.percent(count) * 100.0).round() / 100.0;
        SampleRow {
            sample: sample.name.clone(),
            group: sample.group.to_string(),
            kind: sample.kind().to_owned(),
            arguments: arguments(sample),
            variant: variant.to_owned(),
            bytes,
            code_section_bytes: survey.code_section_bytes,
            custom_section_bytes: survey.custom_section_bytes,
            functions: survey.functions,
            features: survey.features_text(),
            imports: survey.imports.join(" "),
            instructions: mix.instructions,
            calls_percent: percent(mix.calls),
            indirect_calls_percent: percent(mix.indirect_calls),
            loads_percent: percent(mix.loads),
            stores_percent: percent(mix.stores),
            float_percent: percent(mix.float),
            simd_percent: percent(mix.simd),
            exercises: sample.exercises.clone(),
        }
    }
}

/// The arguments of `sample`, the smallest first.
pub fn arguments(sample: &Sample) -> String {
    let words: Vec<String> = match &sample.entry {
        SampleEntry::Export { sizes, .. } => sizes.all().map(|(_, argument)| argument.to_string()).to_vec(),
        SampleEntry::Command(command) => command.sizes.all().map(|(_, args)| args.join(" ")).to_vec(),
    };
    if words.iter().all(|word| *word == words[0]) { words[0].clone() } else { words.join(" / ") }
}

/// Writes `rows` to `file`.
///
/// # Errors
/// When it cannot be written.
pub fn write_csv(file: &Path, rows: &[SampleRow]) -> Result<()> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    for row in rows {
        csv.serialize(row)?;
    }
    store::write(file, &csv.into_inner()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::paths::Paths;
    use crate::samples::catalogue;

    #[test]
    fn the_csv_file_holds_every_row() {
        let survey = Survey { code_section_bytes: 70, functions: 3, ..Survey::default() };
        let samples = catalogue::read(&Paths::find().unwrap().sample_src).unwrap();
        let fibonacci = samples.iter().find(|sample| sample.name == "fibonacci").unwrap();
        let rows = [SampleRow::new(fibonacci, "stripped", 166, &survey)];
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        write_csv(&file, &rows).unwrap();
        let read: Vec<SampleRow> =
            csv::Reader::from_path(&file).unwrap().deserialize().map(Result::unwrap).collect();
        assert_eq!(read, rows);
    }
}
