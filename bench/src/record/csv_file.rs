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

/// A record of a file that is written as a whole.
pub trait CsvRecord: Serialize {
    /// The file's columns: the names of the record's fields, in their order.
    const COLUMNS: &'static [&'static str];
}

/// Writes a whole file of records at once; without any record it has its header line alone.
///
/// # Errors
/// When the file cannot be written.
pub fn write_all<T: CsvRecord>(path: &Path, records: &[T]) -> io::Result<()> {
    debug_assert!(records.first().is_none_or(has_its_columns), "COLUMNS are not the fields of the record");
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    writer.write_record(T::COLUMNS)?;
    for record in records {
        writer.serialize(record)?;
    }
    let content = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    replace_file(path, &content)
}

/// Whether the fields of `record` are those that [`CsvRecord::COLUMNS`] names.
fn has_its_columns<T: CsvRecord>(record: &T) -> bool {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = writer.serialize(record).ok().and_then(|()| writer.into_inner().ok());
    let written = written.map(|content| String::from_utf8_lossy(&content).into_owned());
    written.as_deref().and_then(|text| text.lines().next()).is_some_and(|line| line == T::COLUMNS.join(","))
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

/// Writes the records of all `parts` to one file, in their order, without reading what is in them.
///
/// # Errors
/// When a file cannot be read or written, or when the parts have different columns.
pub fn concatenate(parts: &[PathBuf], path: &Path) -> io::Result<()> {
    let mut all: Vec<u8> = Vec::new();
    let mut columns = None;
    for part in parts {
        let text = fs::read(part)?;
        let complete = &text[..end_of_last_record(&text)];
        let header = complete.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if columns.get_or_insert_with(|| complete[..header].to_vec()) != &complete[..header] {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{} has other columns than the others", part.display()),
            ));
        }
        all.extend_from_slice(&complete[if all.is_empty() { 0 } else { header }..]);
    }
    replace_file(path, &all)
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

    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    struct Point {
        x: u32,
        y: Option<f64>,
    }

    impl CsvRecord for Point {
        const COLUMNS: &'static [&'static str] = &["x", "y"];
    }

    #[test]
    fn a_file_without_records_has_its_header() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("points.csv");
        write_all::<Point>(&path, &[]).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "x,y\n");
        assert_eq!(read_all::<Point>(&path).unwrap(), []);
        write_all(&path, &[Point { x: 1, y: None }]).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "x,y\n1,\n");
    }

    #[test]
    fn a_record_without_its_line_end_is_left_out() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Record {
            reason: String,
            wall_ns: u64,
        }

        impl CsvRecord for Record {
            const COLUMNS: &'static [&'static str] = &["reason", "wall_ns"];
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
    fn parts_are_joined_under_one_header_and_only_where_they_have_the_same_columns() {
        let folder = tempfile::tempdir().unwrap();
        let parts = ["x,y\n1,2\n", "x,y\n", "x,y\n3,\n4,5", "x,z\n6,7\n"];
        let files = parts.iter().enumerate().map(|(number, text)| {
            let file = folder.path().join(number.to_string());
            fs::write(&file, text).unwrap();
            file
        });
        let files: Vec<PathBuf> = files.collect();
        let joined = folder.path().join("joined");
        concatenate(&files[..3], &joined).unwrap();
        assert_eq!(fs::read_to_string(&joined).unwrap(), "x,y\n1,2\n3,\n");
        assert!(concatenate(&files, &joined).unwrap_err().to_string().contains("columns"));
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
