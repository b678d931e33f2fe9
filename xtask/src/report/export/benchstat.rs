//! Go's benchmark format (golang.org/design/14313-benchmark-format), which benchstat reads: a line for each
//! round of each entry, so that benchstat makes its own statistics.

use super::entry::ExportEntry;
use bench::record::Run;
use std::fmt::Write;

/// The lines, below those that describe the machine.
pub fn text(entries: &[ExportEntry<'_>], run: &Run) -> String {
    let mut text = String::new();
    let facts = [
        ("goos", Some(std::env::consts::OS)),
        ("goarch", Some(std::env::consts::ARCH)),
        ("cpu", run.machine.cpu.as_deref()),
        ("started", Some(run.started_utc.as_str())),
    ];
    for (key, value) in facts {
        if let Some(value) = value {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{key}: {}", value.replace(['\n', '\r'], " "));
        }
    }
    for entry in entries {
        let name = name(entry);
        for ns in &entry.rounds_ns {
            let _ = writeln!(text, "{name} 1 {ns:.3} ns/op");
        }
    }
    text
}

/// `BenchmarkDCallWarm/sample=fibonacci/engine=x/variant=stripped/size=small`. A number behind a dash at
/// the end would count as a number of processors, so the size is last.
fn name(entry: &ExportEntry<'_>) -> String {
    let capital = |part: &str| {
        let mut letters = part.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect::<String>())
            .unwrap_or_default()
    };
    let phase: String = entry.phase.name().split('-').map(capital).collect();
    let case = entry.case;
    let (sample, engine) = (value(&case.sample), value(entry.engine));
    format!("Benchmark{phase}/sample={sample}/engine={engine}/variant={}/size={}", case.variant, case.size)
}

/// `text` without what would end a name or begin another part of it.
fn value(text: &str) -> String {
    text.replace(|letter: char| letter.is_whitespace() || letter == '/', "_")
}
