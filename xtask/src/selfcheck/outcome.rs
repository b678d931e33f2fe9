//! The outcome of a check: its status, what was measured, and the limit.

use serde::Serialize;
use serde_json::Value;
use std::time::Duration;

/// The status of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckStatus {
    /// What was measured meets the limit.
    Ok,
    /// It does not, or could not be measured although it should have been.
    Failed,
    /// There is nothing here to measure it with.
    Skipped,
}

impl CheckStatus {
    /// [`CheckStatus::Ok`] where the limit is met.
    pub fn of(met: bool) -> CheckStatus {
        if met { CheckStatus::Ok } else { CheckStatus::Failed }
    }

    fn word(self) -> &'static str {
        match self {
            CheckStatus::Ok => "ok",
            CheckStatus::Failed => "FAILED",
            CheckStatus::Skipped => "skipped",
        }
    }
}

/// The outcome of a check.
#[derive(Clone, Debug, Serialize)]
pub struct CheckOutcome {
    /// Whether the limit is met.
    pub status: CheckStatus,
    /// The figure that is compared with the limit, in words; for a skipped check, the reason.
    pub measured: String,
    /// The limit, in words.
    pub bar: String,
    /// Further figures, one a line.
    pub details: Vec<String>,
    /// Every number behind it.
    pub raw: Value,
}

impl CheckOutcome {
    /// A check that cannot be checked here, and why.
    pub fn skipped(reason: impl Into<String>) -> CheckOutcome {
        CheckOutcome {
            status: CheckStatus::Skipped,
            measured: reason.into(),
            bar: String::new(),
            details: Vec::new(),
            raw: Value::Null,
        }
    }

    /// A check that should have been measured, and what went wrong.
    pub fn broken(error: &anyhow::Error) -> CheckOutcome {
        let measured = format!("could not be measured: {error:#}");
        CheckOutcome { status: CheckStatus::Failed, measured, ..CheckOutcome::skipped("") }
    }
}

/// A check that was made.
#[derive(Clone, Debug, Serialize)]
pub struct CheckReport {
    /// Its name, as `--only` takes it.
    pub name: &'static str,
    /// Its outcome.
    #[serde(flatten)]
    pub outcome: CheckOutcome,
    /// How long it took, in whole seconds.
    pub took_s: u64,
}

impl CheckReport {
    /// The check as people read it.
    pub fn render(&self) -> String {
        let CheckOutcome { status, measured, bar, details, .. } = &self.outcome;
        let took = humantime::format_duration(Duration::from_secs(self.took_s));
        let mut text = format!("{:<8} {:<16} {measured}", status.word(), self.name);
        if !bar.is_empty() {
            text += &format!("; limit: {bar}");
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
    fn a_check_shows_its_status_its_figure_its_limit_and_its_time() {
        let outcome = CheckOutcome {
            status: CheckStatus::of(false),
            measured: "12 of 100 differ".into(),
            bar: "at most 10".into(),
            details: vec!["jit 12 of 20".into()],
            raw: Value::Null,
        };
        let text = CheckReport { name: "control", outcome, took_s: 61 }.render();
        assert_eq!(
            text,
            "FAILED   control          12 of 100 differ; limit: at most 10 (1m 1s)\n                          jit 12 of 20\n"
        );
    }

    #[test]
    fn a_skipped_check_shows_its_reason() {
        let text =
            CheckReport { name: "injected", outcome: CheckOutcome::skipped("no sample"), took_s: 0 }.render();
        assert_eq!(text, "skipped  injected         no sample (0s)\n");
    }
}
