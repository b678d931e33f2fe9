//! Lists the folder that was opened for it, and what is in it, sorted: kinds and sizes of files.

use std::fs;
use std::io;
use std::path::Path;

fn main() -> io::Result<()> {
    for folder in std::env::args().skip(1) {
        list(Path::new(&folder), 0)?;
    }
    Ok(())
}

fn list(folder: &Path, depth: usize) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let metadata = fs::metadata(entry.path())?;
        if metadata.is_dir() {
            println!("{:indent$}{name}/", "", indent = 2 * depth);
            list(&entry.path(), depth + 1)?;
        } else {
            println!("{:indent$}{name} {}", "", metadata.len(), indent = 2 * depth);
        }
    }
    Ok(())
}
