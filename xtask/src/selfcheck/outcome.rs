//! What one line of the check found: a verdict, what was measured, and the bar it is held against.

use serde::Serialize;
use serde_json::Value;
use std::time::Duration;

/// The verdict of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// What was measured meets the bar.
    Ok,
    /// It does not, or could not be measured although it should have been.
    Failed,
    /// There is nothing here to measure it with.
    Skipped,
}

impl Verdict {
    /// [`Verdict::Ok`] where the bar is met.
    pub fn of(met: bool) -> Verdict {
        if met { Verdict::Ok } else { Verdict::Failed }
    }

    fn word(self) -> &'static str {
        match self {
            Verdict::Ok => "ok",
            Verdict::Failed => "FAILED",
            Verdict::Skipped => "skipped",
        }
    }
}

/// What a line found.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// Whether the bar is met.
    pub verdict: Verdict,
    /// The figure that is held against the bar, in words; for a skipped line, the reason.
    pub measured: String,
    /// The bar, in words.
    pub bar: String,
    /// Further figures, one a line.
    pub details: Vec<String>,
    /// Every number behind it.
    pub raw: Value,
}

impl Finding {
    /// A line that cannot be checked here, and why.
    pub fn skipped(reason: impl Into<String>) -> Finding {
        Finding {
            verdict: Verdict::Skipped,
            measured: reason.into(),
            bar: String::new(),
            details: Vec::new(),
            raw: Value::Null,
        }
    }

    /// A line that should have been measured, and what went wrong.
    pub fn broken(error: &anyhow::Error) -> Finding {
        let measured = format!("could not be measured: {error:#}");
        Finding { verdict: Verdict::Failed, measured, ..Finding::skipped("") }
    }
}

/// A line of the report.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// Its name, as `--only` takes it.
    pub name: &'static str,
    /// What it found.
    #[serde(flatten)]
    pub finding: Finding,
    /// How long it took, in whole seconds.
    pub took_s: u64,
}

impl Line {
    /// The line as people read it.
    pub fn render(&self) -> String {
        let Finding { verdict, measured, bar, details, .. } = &self.finding;
        let took = humantime::format_duration(Duration::from_secs(self.took_s));
        let mut text = format!("{:<8} {:<16} {measured}", verdict.word(), self.name);
        if !bar.is_empty() {
            text += &format!("; the bar: {bar}");
        }
        text += &format!(" ({took})\n");
        for detail in details {
            text += &format!("{:<26}{detail}\n", "");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_shows_its_verdict_its_figure_its_bar_and_its_time() {
        let finding = Finding {
            verdict: Verdict::of(false),
            measured: "12 of 100 claims".into(),
            bar: "at most 10".into(),
            details: vec!["jit 12 of 20".into()],
            raw: Value::Null,
        };
        let text = Line { name: "control", finding, took_s: 61 }.render();
        assert_eq!(
            text,
            "FAILED   control          12 of 100 claims; the bar: at most 10 (1m 1s)\n                          jit 12 of 20\n"
        );
    }

    #[test]
    fn a_skipped_line_shows_its_reason() {
        let text = Line { name: "planted", finding: Finding::skipped("no sample"), took_s: 0 }.render();
        assert_eq!(text, "skipped  planted          no sample (0s)\n");
    }
}
