//! `cargo xtask compare` through the command line, on runs that were made up: nothing is built or
//! measured.

#![allow(clippy::unwrap_used, reason = "in a test an unexpected error is a failure")]

mod bad_input;
mod gates;
mod history;
mod like;
mod made_up;
mod merge;
mod refused;
mod rendering;

use assert_cmd::Command;
use made_up::MadeUp;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder for output with two made-up runs in it, `base` and `new`.
struct Place(TempDir);

impl Place {
    fn with(base: &MadeUp, new: &MadeUp) -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        base.write(&place.run("base"));
        MadeUp { started_utc: "2026-01-31T13:00:00Z", ..*new }.write(&place.run("new"));
        place
    }

    /// The folder of a run.
    fn run(&self, name: &str) -> PathBuf {
        self.0.path().join("generated/results").join(name)
    }

    /// `compare` with these arguments, in this place.
    fn compare(&self, arguments: &[&str]) -> Command {
        let mut command = self.xtask();
        command.arg("compare").args(arguments);
        command
    }

    /// The command, in this place.
    fn xtask(&self) -> Command {
        let mut command = Command::cargo_bin("xtask").unwrap();
        command.env("WASM_PHASES_GENERATED", self.0.path().join("generated"));
        command.env("WASM_PHASES_CACHE", self.0.path().join("cache"));
        command.current_dir(self.0.path());
        command
    }

    /// What it prints, where it ends with `code`.
    fn printed(&self, arguments: &[&str], code: i32) -> String {
        let output = self.compare(arguments).assert().code(code).stderr("");
        String::from_utf8(output.get_output().stdout.clone()).unwrap()
    }
}

/// Replaces a part of a file, wherever it is.
fn edit(file: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{} has no {from}", file.display());
    std::fs::write(file, text.replace(from, to)).unwrap();
}
