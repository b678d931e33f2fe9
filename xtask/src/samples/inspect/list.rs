//! What there is to measure, what each sample exercises, and what
//! is in its module. It builds nothing: what is not built is listed without its figures.

use super::table;
use super::table::SampleRow;
use crate::host::paths::Paths;
use crate::samples::catalogue;
use crate::samples::catalogue::Sample;
use crate::samples::variants::Variant;
use anyhow::{Context, Result};
use serde::Serialize;
use std::path::Path;

/// A sample and, where it is built, its modules.
#[derive(Serialize)]
pub struct Listed {
    /// Its name.
    pub sample: String,
    /// Its group.
    pub group: String,
    /// `kernel`, `app`, `command` or `generated`.
    pub kind: &'static str,
    /// What it exercises.
    pub exercises: String,
    /// Its arguments, the smallest first.
    pub arguments: String,
    /// Empty where nothing of it is built.
    pub modules: Vec<SampleRow>,
}

/// The samples called `chosen`, in the catalogue's order.
///
/// # Errors
/// When the catalogue or the list of what is built is not well-formed.
pub fn read(chosen: &[String], paths: &Paths) -> Result<Vec<Listed>> {
    let rows = read_rows(&paths.wasm().join(table::FILE))?;
    let samples = catalogue::read(&paths.sample_src)?;
    let listed = samples.iter().filter(|sample| chosen.contains(&sample.name));
    Ok(listed.map(|sample| Listed::new(sample, &rows)).collect())
}

/// The rows of what was built last; none where nothing was.
fn read_rows(file: &Path) -> Result<Vec<SampleRow>> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    let mut reader =
        csv::Reader::from_path(file).with_context(|| format!("cannot read {}", file.display()))?;
    let rows: Result<Vec<SampleRow>, _> = reader.deserialize().collect();
    // An older version wrote other columns; the next build writes these.
    Ok(rows.unwrap_or_default())
}

impl Listed {
    /// `sample` and those of `rows` that are its modules.
    pub fn new(sample: &Sample, rows: &[SampleRow]) -> Listed {
        Listed {
            sample: sample.name.clone(),
            group: sample.group.to_string(),
            kind: sample.kind(),
            exercises: sample.exercises.clone(),
            arguments: table::arguments(sample),
            modules: rows.iter().filter(|row| row.sample == sample.name).cloned().collect(),
        }
    }

    /// The module that the table shows.
    pub fn base(&self) -> Option<&SampleRow> {
        self.modules.iter().find(|row| row.variant == Variant::Stripped.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_an_older_version_counts_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(table::FILE);
        assert_eq!(read_rows(&file).unwrap(), []);
        std::fs::write(&file, "sample,bytes\nnop,3\n").unwrap();
        assert_eq!(read_rows(&file).unwrap(), []);
    }
}
