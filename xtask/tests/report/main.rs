//! `cargo xtask report` through the command line, on runs that were made up: nothing is built or measured.

#![allow(clippy::unwrap_used, reason = "in a test an unexpected error is a failure")]

mod exports;
mod made_up;
mod page;
mod refused;
mod summary;
mod tables;

use assert_cmd::Command;
use made_up::MadeUp;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder for output with made-up runs in it.
struct Place(TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    /// A place with one run.
    fn with(run: &MadeUp) -> Place {
        let place = Place::new();
        run.write(&place.run("run"));
        place
    }

    /// The folder of a run.
    fn run(&self, name: &str) -> PathBuf {
        self.0.path().join("generated/results").join(name)
    }

    /// `report` with these arguments, in this place.
    fn report(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("xtask").unwrap();
        command.env("WASM_PHASES_GENERATED", self.0.path().join("generated"));
        command.env("WASM_PHASES_CACHE", self.0.path().join("cache"));
        command.current_dir(self.0.path()).arg("report").args(arguments);
        command
    }

    /// What `report` prints, where it succeeds.
    fn printed(&self, arguments: &[&str]) -> String {
        let output = self.report(arguments).assert().success().stderr("");
        String::from_utf8(output.get_output().stdout.clone()).unwrap()
    }
}

/// Replaces a part of a file.
fn edit(file: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{} has no {from}", file.display());
    std::fs::write(file, text.replacen(from, to, 1)).unwrap();
}
