//! The commands on engines: what they list, build, keep and say. Workers are scripts here, so that nothing
//! is compiled.

#![allow(clippy::unwrap_used, reason = "in a test an unexpected error is a failure")]

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use regex::Regex;
use std::fs::{self, File};
use std::path::PathBuf;
use tempfile::TempDir;

/// A folder with the engine `letters` and all output.
struct Place(TempDir);

impl Place {
    fn new() -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        fs::create_dir(place.engine()).unwrap();
        place.worker("cat\n");
        place.file(
            "engine.toml",
            "homepage = ''\ncommand = ['sh', 'worker.sh']\nfiles = ['worker.sh']\n\
             [[configuration]]\nname = 'letters'\nlicence = 'MIT'\n",
        );
        place
    }

    fn engine(&self) -> PathBuf {
        self.0.path().join("letters")
    }

    /// Writes a file of the engine folder.
    fn file(&self, name: &str, text: &str) {
        let file = self.engine().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    fn worker(&self, script: &str) {
        self.file("worker.sh", script);
    }

    /// The path of `engine.toml` as messages name it.
    fn engine_toml(&self) -> String {
        self.engine().canonicalize().unwrap().join("engine.toml").display().to_string()
    }

    fn xtask(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("xtask").unwrap();
        command.env("WASM_PHASES_GENERATED", self.0.path().join("generated"));
        command.env("WASM_PHASES_CACHE", self.0.path().join("cache"));
        command.args(arguments).arg("--engine-dir").arg(self.engine());
        command
    }

    fn build(&self) -> Command {
        self.xtask(&["engines", "--build", "--engines", "letters"])
    }

    /// The scripts of the workers in the cache folder, sorted.
    fn workers(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path().join("cache/workers")).unwrap();
        let scripts = entries.map(|entry| entry.unwrap().path().join("worker/worker.sh"));
        let mut texts: Vec<String> = scripts.filter_map(|script| fs::read_to_string(script).ok()).collect();
        texts.sort();
        texts
    }

    /// The lock of the only worker in the cache folder.
    fn lock(&self) -> PathBuf {
        let mut entries = fs::read_dir(self.0.path().join("cache/workers")).unwrap().map(Result::unwrap);
        entries.find(|entry| entry.path().extension().is_some_and(|end| end == "lock")).unwrap().path()
    }
}

/// What a worker answers to hello that knows the name `letters`.
const HELLO: &str = r#"{"reply":"hello","configuration":"letters","version":"13.6.233.17 (of 1999)","compiler":"none","flags":"-a -b","threads":3,"can":{"parse":"yes","jit":"yes","instantiate":"yes","aot":{"no":"it has no artifacts"},"wasi":"yes"},"probes":[],"host_threads":0,"notes":["it is a script"]}"#;

fn answering(reply: &str) -> String {
    format!("read -r request\necho '{reply}'\n")
}

/// Whether `text` has a line of exactly these words.
fn has_row(words: &'static str) -> impl Predicate<str> {
    predicate::function(move |text: &str| {
        text.lines().any(|line| line.split_whitespace().eq(words.split_whitespace()))
    })
}

/// Whether a line of `text` is the whole of `pattern`.
fn has_line(pattern: &str) -> impl Predicate<str> {
    let pattern = Regex::new(&format!("^{pattern}$")).unwrap();
    predicate::function(move |text: &str| text.lines().any(|line| pattern.is_match(line)))
}

#[test]
fn the_list_is_a_table_and_notes_come_when_asked_for_or_for_one_engine() {
    let place = Place::new();
    place.worker(&answering(HELLO));
    let list = |arguments: &[&str]| place.xtask(arguments).assert().success();
    list(&["engines", "--engines", "letters"]).stdout(has_row("letters - not built MIT -"));
    place.build().assert().success().stdout(has_row("letters 13.6.233.17 ready MIT 3"));

    let notes = [
        "settings: -a -b",
        "version: 13.6.233.17 (of 1999)",
        "no AOT: it has no artifacts",
        "it is a script",
    ];
    for arguments in [&["engines", "--engines", "letters"][..], &["engines", "--notes"]] {
        let mut assert = list(arguments);
        for note in notes {
            assert = assert.stdout(contains(note));
        }
    }
    let all = list(&["engines"]).stdout(has_row("letters 13.6.233.17 ready MIT 3"));
    let all = all.stdout(contains("it is a script").not()).stderr(contains("--notes"));
    let text = String::from_utf8(all.get_output().stdout.clone()).unwrap();
    let longest = text.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(longest <= 100, "{longest} columns:\n{text}");
}

#[test]
fn what_is_only_not_fetched_yet_is_listed_with_its_size_and_nothing_is_made() {
    let place = Place::new();
    let need = "needs = ['one', 'two']\n[[needs]]\nname = 'one'\nregistry = 'crates'\npackage = 'one'\n\
        version = '1.0.0'\nsha256 = 'SHA'\ndownload-megabytes = 7\nhelp = 'install one'\n[[needs]]\nname = 'two'\n\
        registry = 'crates'\npackage = 'two'\nversion = '1.0.0'\nsha256 = 'SHA'\ndownload-megabytes = 5\nhelp = ''\n";
    let toml = fs::read_to_string(place.engine_toml()).unwrap() + &need.replace("SHA", &"ab".repeat(32));
    place.file("engine.toml", &toml);
    place
        .xtask(&["engines", "--engines", "letters"])
        .assert()
        .success()
        .stdout(has_row("letters - not fetched, 12 MB MIT -"))
        .stdout(contains("install one").not());
    let json = place.xtask(&["engines", "--json", "--engines", "letters"]).output().unwrap().stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!((&json[0]["state"], &json[0]["download_megabytes"]), (&"not-fetched".into(), &12.into()));
    assert!(!place.0.path().join("cache").exists());
}

#[test]
fn a_worker_that_does_not_know_the_name_in_engine_toml_is_answered_with_both_places() {
    let place = Place::new();
    let failed = r#"{"reply":"failed","phase":null,"error":{"kind":"unsupported","message":"this worker has no configuration `letters`; it has letter"}}"#;
    place.worker(&answering(failed));
    let names =
        format!("make the names in {} and in the worker's CONFIGURATIONS the same", place.engine_toml());
    place.build().assert().code(3).stdout(contains("it has letter\n").and(contains(names)));
}

#[test]
fn a_program_that_does_not_exist_is_named_with_the_file_that_names_it() {
    let place = Place::new();
    let toml = fs::read_to_string(place.engine_toml()).unwrap().replace("'sh'", "'no-such-program'");
    place.file("engine.toml", &toml);
    let help = format!("install no-such-program, or correct `command` in {}", place.engine_toml());
    let failed = place.build().assert().code(3).stdout(contains(help));
    failed.stdout(contains("cannot start the worker: no-such-program: No such file"));
}

#[test]
fn of_an_engine_that_changes_the_two_last_workers_stay_and_those_that_a_run_is_using() {
    let place = Place::new();
    let build = |script: &str| {
        place.worker(script);
        place.build().assert().code(3);
        place.workers()
    };
    build("exit 1");
    // Another run is using it.
    let lock = File::open(place.lock()).unwrap();
    lock.try_lock_shared().unwrap();
    build("exit 2");
    assert_eq!(build("exit 3"), ["exit 1", "exit 2", "exit 3"]);
    drop(lock);
    // It is used again, and so the second is the oldest.
    build("exit 1");
    assert_eq!(build("exit 4"), ["exit 1", "exit 4"]);
}

#[test]
fn a_step_of_the_tests_is_a_line_and_what_is_not_formatted_is_shown_with_the_command_that_formats_it() {
    let place = Place::new();
    let manifest = "[package]\nname = \"worker\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n";
    place.file("helper/Cargo.toml", manifest);
    place.file("helper/src/lib.rs", "//! Nothing.\n");
    let failed = place.xtask(&["test"]).assert().failure();
    failed.stderr(has_line(r"== formatting … \d+ s").and(has_line(r"== workers … failed after \d+ s")));

    place.file("helper/src/lib.rs", "//! Nothing.\nfn  f( ) {}\n");
    let manifest = place.engine().canonicalize().unwrap().join("helper/Cargo.toml");
    let help = format!("to format the files: cargo fmt --manifest-path {} -- ", manifest.display());
    let failed = place.xtask(&["test"]).assert().failure().stderr(has_line(r"\+fn f\(\) \{\}"));
    let failed = failed.stderr(contains(help)).stderr(contains("step failed: formatting (log: "));
    failed.stderr(has_line(r"== formatting … failed after \d+ s"));
    let log = fs::read_to_string(place.0.path().join("generated/logs/test-formatting.log")).unwrap();
    assert!(log.contains("$ cargo fmt --check ") && log.contains("+fn f() {}\n"), "{log}");
}
