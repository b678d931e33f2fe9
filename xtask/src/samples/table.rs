//! The modules' sizes and features: as `samples.csv`, and as a table for people.

use super::store;
use super::survey::Survey;
use crate::sheet;
use anyhow::Result;
use comfy_table::CellAlignment;
use serde::Serialize;
use std::path::Path;

/// One module.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    sample: String,
    variant: String,
    bytes: u64,
    code_section_bytes: u64,
    custom_section_bytes: u64,
    functions: u32,
    features: String,
}

impl Row {
    /// The row of a module of `bytes` bytes.
    pub fn new(sample: &str, variant: &str, bytes: u64, survey: &Survey) -> Row {
        Row {
            sample: sample.to_owned(),
            variant: variant.to_owned(),
            bytes,
            code_section_bytes: survey.code_section_bytes,
            custom_section_bytes: survey.custom_section_bytes,
            functions: survey.functions,
            features: survey.features_text(),
        }
    }
}

/// Writes `rows` to `file`.
///
/// # Errors
/// When it cannot be written.
pub fn write_csv(file: &Path, rows: &[Row]) -> Result<()> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    for row in rows {
        csv.serialize(row)?;
    }
    store::write(file, &csv.into_inner()?)
}

/// `rows` for a terminal.
pub fn render(rows: &[Row]) -> String {
    let header = ["sample", "variant", "bytes", "code bytes", "custom bytes", "functions", "features"];
    let mut table = sheet::table(header);
    sheet::numbers_from(&mut table, 2);
    if let Some(features) = table.column_mut(6) {
        features.set_cell_alignment(CellAlignment::Left);
    }
    for row in rows {
        let numbers = [row.bytes, row.code_section_bytes, row.custom_section_bytes, row.functions.into()];
        let [bytes, code, custom, functions] = numbers.map(|number| number.to_string());
        table.add_row([&row.sample, &row.variant, &bytes, &code, &custom, &functions, &row.features]);
    }
    table.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_and_table_show_the_same_row() {
        let survey = Survey { code_section_bytes: 70, functions: 3, ..Survey::default() };
        let rows = [Row::new("fibonacci", "stripped", 166, &survey)];
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("samples.csv");
        write_csv(&file, &rows).unwrap();
        let csv = std::fs::read_to_string(&file).unwrap();
        assert_eq!(
            csv,
            "sample,variant,bytes,code_section_bytes,custom_section_bytes,functions,features\n\
             fibonacci,stripped,166,70,0,3,mvp\n"
        );
        let table = render(&rows);
        let line = table.lines().find(|line| line.contains("fibonacci")).unwrap();
        assert_eq!(
            line.split_whitespace().collect::<Vec<_>>(),
            ["fibonacci", "stripped", "166", "70", "0", "3", "mvp"]
        );
    }
}
