//! The guest's standard streams: memory files, so that every engine writes to and reads from
//! the same kind of descriptor and nothing depends on a terminal, a pipe or a disk.

use nix::sys::memfd::{MFdFlags, memfd_create};
use protocol::OUTPUT_LIMIT_BYTES;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Standard input, output and error of a guest, each a memory file.
#[derive(Debug)]
pub struct Stdio {
    /// Holds the guest's input, positioned at its start before every instantiation.
    pub stdin: File,
    /// Receives the guest's output; emptied before every instantiation.
    pub stdout: File,
    /// Receives the guest's diagnostics; emptied before every instantiation.
    pub stderr: File,
}

impl Stdio {
    /// Makes the three files. The standard input has the content of the file `input`, or is empty.
    ///
    /// # Errors
    /// When the memory files cannot be made or `input` cannot be read.
    pub fn new(input: Option<&Path>) -> io::Result<Stdio> {
        let mut stdin = memory_file("guest-stdin")?;
        if let Some(path) = input {
            io::copy(&mut File::open(path)?, &mut stdin)?;
        }
        let stdio =
            Stdio { stdin, stdout: memory_file("guest-stdout")?, stderr: memory_file("guest-stderr")? };
        stdio.rewind()?;
        Ok(stdio)
    }

    /// Puts the input back to its start and empties both outputs.
    ///
    /// # Errors
    /// When a memory file cannot be truncated or repositioned.
    pub fn rewind(&self) -> io::Result<()> {
        (&self.stdin).seek(SeekFrom::Start(0))?;
        for mut output in [&self.stdout, &self.stderr] {
            output.set_len(0)?;
            output.seek(SeekFrom::Start(0))?;
        }
        Ok(())
    }

    /// Whether an output has reached [`OUTPUT_LIMIT_BYTES`]; what the guest wrote beyond it is lost.
    ///
    /// # Errors
    /// When the size of a memory file cannot be read.
    pub fn is_full(&self) -> io::Result<bool> {
        Ok(self.stdout.metadata()?.len() >= OUTPUT_LIMIT_BYTES
            || self.stderr.metadata()?.len() >= OUTPUT_LIMIT_BYTES)
    }

    /// All that the guest has written to its standard output since the last [`rewind`](Self::rewind).
    ///
    /// # Errors
    /// When the memory file cannot be read.
    pub fn stdout_bytes(&self) -> io::Result<Vec<u8>> {
        read_all(&self.stdout)
    }

    /// All that the guest has written to its standard error since the last [`rewind`](Self::rewind).
    ///
    /// # Errors
    /// When the memory file cannot be read.
    pub fn stderr_bytes(&self) -> io::Result<Vec<u8>> {
        read_all(&self.stderr)
    }
}

fn memory_file(name: &str) -> io::Result<File> {
    let mut file = File::from(memfd_create(name, MFdFlags::MFD_CLOEXEC)?);
    file.flush()?;
    Ok(file)
}

fn read_all(mut file: &File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rewinding_empties_outputs_and_keeps_the_input() {
        let input = std::env::temp_dir().join(format!("wasm-phases-stdio-{}", std::process::id()));
        std::fs::write(&input, "in").expect("temporary file");
        let stdio = Stdio::new(Some(&input)).expect("memory files");
        std::fs::remove_file(&input).expect("temporary file");
        (&stdio.stdout).write_all(b"out").expect("memory file");
        assert_eq!(stdio.stdout_bytes().expect("memory file"), b"out");
        stdio.rewind().expect("memory file");
        assert!(stdio.stdout_bytes().expect("memory file").is_empty());
        let mut text = String::new();
        (&stdio.stdin).read_to_string(&mut text).expect("memory file");
        assert_eq!(text, "in");
    }
}
