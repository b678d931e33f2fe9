//! How a first look is shown: a line for each engine and sample.

use super::units::duration;
use indicatif::HumanBytes;

/// What stands in a line: times in nanoseconds, sizes in bytes.
#[derive(Clone, Copy, Debug)]
pub struct LookLine<'a> {
    /// The engine.
    pub engine: &'a str,
    /// The sample.
    pub sample: &'a str,
    /// a+b.
    pub compile_ns: Option<f64>,
    /// c.
    pub instantiate_ns: Option<f64>,
    /// d.
    pub call_ns: Option<f64>,
    /// The artifact.
    pub artifact_bytes: Option<u64>,
    /// Why something is missing.
    pub failure: Option<&'a str>,
}

/// What stands above the first line.
pub fn header() -> String {
    format!(
        "first look, one short round while other engines are built; not in any file\n{}",
        row("engine", "sample", ["compile", "instantiate", "call", "artifact"].map(str::to_owned))
    )
}

/// One line.
pub fn line(look: &LookLine<'_>) -> String {
    let time = |ns: Option<f64>| ns.map_or_else(|| "-".to_owned(), duration);
    let bytes = look.artifact_bytes.map_or_else(|| "-".to_owned(), |bytes| HumanBytes(bytes).to_string());
    let cells = [time(look.compile_ns), time(look.instantiate_ns), time(look.call_ns), bytes];
    let failure = look.failure.map(|reason| format!("  failed: {reason}")).unwrap_or_default();
    format!("{}{failure}", row(look.engine, look.sample, cells))
}

fn row(engine: &str, sample: &str, cells: [String; 4]) -> String {
    let [compile, instantiate, call, artifact] = cells;
    format!("{engine:<19} {sample:<11} {compile:>11} {instantiate:>11} {call:>11} {artifact:>11}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stand_below_their_header_within_80_columns() {
        let look = LookLine {
            engine: "wasmer-singlepass",
            sample: "fibonacci",
            compile_ns: Some(1_234_000.0),
            instantiate_ns: Some(21_000.0),
            call_ns: Some(1_400.0),
            artifact_bytes: Some(8_192),
            failure: None,
        };
        let (header, line) = (header(), line(&look));
        let columns = header.lines().nth(1).unwrap();
        assert_eq!(columns.len(), line.chars().count(), "{header}\n{line}");
        assert!(line.chars().count() <= 80 && header.lines().all(|line| line.chars().count() <= 80));
        assert!(line.contains("1.234 ms") && line.contains("8.00 KiB"), "{line}");
        let failed = super::line(&LookLine { failure: Some("trap"), compile_ns: None, ..look });
        assert!(failed.ends_with("  failed: trap"), "{failed}");
    }
}
