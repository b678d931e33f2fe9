//! Writing and reading CSV files of records. Column names carry their unit.

use crate::files::replace_file;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
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

/// Reads a whole file of records. A last record without its line end was cut short by a kill and is
/// left out, even where it can be read: its last number may lack digits.
///
/// # Errors
/// When the file cannot be read or a line is no such record.
pub fn read_all<T: for<'de> Deserialize<'de>>(path: &Path) -> io::Result<Vec<T>> {
    let text = fs::read(path)?;
    let complete = &text[..end_of_last_record(&text)];
    Ok(csv::Reader::from_reader(complete).into_deserialize().collect::<Result<_, _>>()?)
}

/// The length of `text` up to its last line end outside quotes.
fn end_of_last_record(text: &[u8]) -> usize {
    let (mut end, mut is_quoted) = (0, false);
    for (index, byte) in text.iter().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' if !is_quoted => end = index + 1,
            _ => {}
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_without_its_line_end_is_left_out() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Record {
            reason: String,
            wall_ns: u64,
        }
        let record = |reason: &str| Record { reason: reason.to_owned(), wall_ns: 1234 };
        let records = [record("one"), record("two lines:\nthe \"second\"")];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("records.csv");
        write_all(&path, &records).unwrap();
        let text = fs::read(&path).unwrap();
        let first = text.iter().position(|byte| *byte == b'1').unwrap() + "1234\n".len();
        for end in 0..=text.len() {
            fs::write(&path, &text[..end]).unwrap();
            let complete = if end == text.len() { 2 } else { usize::from(end >= first) };
            assert_eq!(read_all::<Record>(&path).unwrap(), records[..complete], "{end} bytes");
        }
        fs::write(&path, "reason,wall_ns\none,no number\n").unwrap();
        assert!(read_all::<Record>(&path).is_err());
    }

    #[test]
    fn a_full_disk_is_an_error_and_not_a_silent_loss() {
        let mut writer = csv::Writer::from_writer(File::options().write(true).open("/dev/full").unwrap());
        let error = append(&mut writer, &["x"]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        // The destructor would try again.
        std::mem::forget(writer);
    }
}
