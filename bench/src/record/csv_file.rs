//! Writing and reading CSV files of records. Column names carry their unit.

use crate::files::replace_file;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// A CSV file with this header, on disk at once.
pub(crate) fn with_header(path: PathBuf, columns: &[&str]) -> io::Result<csv::Writer<File>> {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_path(path)?;
    writer.write_record(columns)?;
    writer.flush()?;
    Ok(writer)
}

/// Appends records, on disk at once.
pub(crate) fn append<T: Serialize>(writer: &mut csv::Writer<File>, records: &[T]) -> io::Result<()> {
    for record in records {
        writer.serialize(record)?;
    }
    writer.flush()
}

/// Writes a whole file of records at once.
///
/// # Errors
/// When the file cannot be written.
pub fn write_all<T: Serialize>(path: &Path, records: &[T]) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for record in records {
        writer.serialize(record)?;
    }
    let content = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    replace_file(path, &content)
}

/// Reads a whole file of records; a last line that a kill cut short is left out.
///
/// # Errors
/// When the file cannot be read or a line before the last is no such record.
pub fn read_all<T: for<'de> Deserialize<'de>>(path: &Path) -> io::Result<Vec<T>> {
    let mut records = Vec::new();
    let mut broken: Option<csv::Error> = None;
    for record in csv::Reader::from_path(path)?.into_deserialize() {
        if let Some(error) = broken.take() {
            return Err(error.into());
        }
        match record {
            Ok(record) => records.push(record),
            Err(error) => broken = Some(error),
        }
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_an_error_and_not_a_silent_loss() {
        let mut writer = csv::Writer::from_writer(File::options().write(true).open("/dev/full").unwrap());
        let error = append(&mut writer, &["x"]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        // The destructor would try again.
        std::mem::forget(writer);
    }
}
