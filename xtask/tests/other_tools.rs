//! Exports held against the tools themselves. `cargo xtask test --all` builds them and says where they are; elsewhere those
//! on PATH are used, and a test whose tool is not there says that it was left out.

#![allow(clippy::unwrap_used, reason = "in a test an unexpected error is a failure")]
#![allow(dead_code, reason = "not every part of the made-up run is used here")]

#[path = "report/made_up.rs"]
mod made_up;

use made_up::MadeUp;
use serde_json::Value;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

/// The tool that `variable` names, or the one on PATH.
fn tool(variable: &str, name: &str) -> Option<OsString> {
    if let Some(named) = std::env::var_os(variable) {
        return Some(named);
    }
    let is_there = Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success());
    if !is_there {
        eprintln!("left out: there is no {name}; `cargo xtask test --all` builds it");
    }
    is_there.then(|| name.into())
}

/// What a command prints, where it succeeds.
fn printed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A made-up run in `folder`, called `name`, in the format of another tool.
fn exported(folder: &Path, name: &str, format: &str) -> String {
    let run = folder.join(name);
    MadeUp { rounds: 12, samples: 3, ..MadeUp::default() }.write(&run);
    printed(Command::new(env!("CARGO_BIN_EXE_xtask")).arg("report").arg(&run).args(["--export", format]))
}

/// Whether two values are the same, numbers up to rounding.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let same = |(key, value): (&String, &Value)| other.get(key).is_some_and(|it| is_same(value, it));
            one.len() == other.len() && one.iter().all(same)
        }
        (Value::Number(one), Value::Number(other)) => {
            let (one, other) = (one.as_f64().unwrap(), other.as_f64().unwrap());
            (one - other).abs() <= 1e-12 * one.abs()
        }
        (one, other) => one == other,
    }
}

#[test]
fn critcmp_reads_an_export_writes_the_same_and_compares_two() {
    let Some(critcmp) = tool("WASM_PHASES_CRITCMP", "critcmp") else { return };
    let folder = tempfile::tempdir().unwrap();
    for name in ["old", "new"] {
        let text = exported(folder.path(), name, "critcmp");
        let text = if name == "new" { text.replace("\"nop/", "\"nothing/") } else { text };
        std::fs::write(folder.path().join(format!("{name}.json")), text).unwrap();
    }
    let critcmp = |arguments: &[&str]| {
        printed(Command::new(&critcmp).args(["--color", "never"]).args(arguments).current_dir(folder.path()))
    };
    let ours: Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("old.json")).unwrap()).unwrap();
    let theirs: Value = serde_json::from_str(&critcmp(&["--export", "old", "old.json"])).unwrap();
    assert!(is_same(&ours, &theirs), "{theirs:#}");
    let table = critcmp(&["old.json", "new.json"]);
    let row = |name: &str| {
        let row = table.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{table}"));
        row.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let both = row("fibonacci/wasmer-llvm/d-call-warm ");
    assert_eq!((both[1].as_str(), &both[1..5]), ("1.00", &both[5..]), "{table}");
    assert_eq!(row("nop/wasmer-llvm/d-call-warm ").len(), both.len() - 4, "in one run alone: {table}");
}

#[test]
fn hyperfine_writes_the_fields_and_the_table_that_exports_have() {
    let Some(hyperfine) = tool("WASM_PHASES_HYPERFINE", "hyperfine") else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(hyperfine);
    command.current_dir(folder.path()).args(["--shell=none", "--runs", "3", "--style", "none"]);
    command.args(["--parameter-list", "engine", "one,two", "--export-json", "theirs.json"]);
    printed(command.args(["--export-markdown", "theirs.md", "true"]));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let keys = |text: &str| -> BTreeSet<String> {
        let json: Value = serde_json::from_str(text).unwrap();
        json["results"][0].as_object().unwrap().keys().cloned().collect()
    };
    let theirs = keys(&read("theirs.json"));
    let ours = keys(&exported(folder.path(), "run", "hyperfine"));
    // What a command had resident at most is not among the times of a phase, and hyperfine leaves it out at will.
    let missing: Vec<&String> = theirs.difference(&ours).collect();
    assert!(
        ours.is_subset(&theirs) && (missing.is_empty() || missing == ["memory_usage_byte"]),
        "{missing:?}"
    );
    let ours = exported(folder.path(), "run", "hyperfine-markdown");
    let theirs = read("theirs.md");
    let shape = |text: &str| -> Vec<String> {
        let unit = |line: &str| line.replace("[µs]", "[ms]").replace("[s]", "[ms]").replace("[ns]", "[ms]");
        text.lines().filter(|line| line.starts_with('|')).take(2).map(unit).collect()
    };
    assert_eq!(shape(&ours), shape(&theirs));
}
